/** The `hubble observe` line that shows a flow again (flags: Cilium hubble/cmd/observe/flows.go). */
import { EventType, TO_ENDPOINT, type Endpoint, type Flow, type Verdict } from '../model.js';

/** A person will paste the line into a shell: nothing but these characters may come from outside. */
const SAFE_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
const SAFE_ADDRESS = /^[0-9A-Fa-f.:]+$/;

/** @returns one line, safe to paste; a side whose pod is not known is named by its address */
export function hubbleObserveLine(flow: Flow, verdict: Verdict): string {
  const words = [
    'hubble observe',
    ...side('from', flow.source, String(flow.sourceIp)),
    ...side('to', flow.destination, String(flow.destinationIp)),
    ...layer4(flow),
    verdict === 'denied' ? '--type drop' : eventType(flow),
    '--last 20',
  ];
  return words.join(' ');
}

/** What got through is the trace at the destination's endpoint; where there is none, what told of it. */
function eventType({ eventType: type, subType }: Flow): string {
  if (type === EventType.POLICY_VERDICT) return '--type policy-verdict';
  return subType === TO_ENDPOINT ? '--type trace:to-endpoint' : '--type trace';
}

function side(direction: 'from' | 'to', { namespace, podName }: Endpoint, address: string): string[] {
  if (SAFE_NAME.test(namespace) && SAFE_NAME.test(podName))
    return [`--${direction}-pod ${namespace}/${podName}`];
  return SAFE_ADDRESS.test(address) ? [`--${direction}-ip ${address}`] : [];
}

function layer4({ l4 }: Flow): string[] {
  switch (l4.protocol) {
    case 'tcp':
    case 'udp':
    case 'sctp':
      return [`--protocol ${l4.protocol}`, `--to-port ${l4.destinationPort}`];
    case 'icmp':
      return ['--protocol icmp'];
    case 'other':
      return [];
  }
}

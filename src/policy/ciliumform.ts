/** A plan as CiliumNetworkPolicies. */
import type { Form } from './form.js';
import type { PlannedPeer, PlannedPolicy, PlannedPort, PlannedRule, PodSelector, Plan } from './plan.js';
import { plainOf, Reasoned, type Sheet } from './write.js';

export function ciliumForm({ policies }: Plan): Form {
  const sheets = policies.map(sheetOf);
  return { sheets, objects: sheets.map(plainOf), unsaid: [], notes: [] };
}

function sheetOf({ name, namespace, labels, rules }: PlannedPolicy): Sheet {
  const of = (direction: PlannedRule['direction']): Reasoned =>
    new Reasoned(
      rules
        .filter((rule) => rule.direction === direction)
        .map((rule) => ({ value: ruleOf(rule, namespace), comment: rule.comment })),
    );
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name, namespace },
    spec: { endpointSelector: { matchLabels: labels }, ingress: of('ingress'), egress: of('egress') },
  };
}

function ruleOf({ direction, peer, ports }: PlannedRule, namespace: string): object {
  return { ...peerOf(peer, direction === 'ingress' ? 'from' : 'to', namespace), ...portsOf(ports) };
}

function peerOf(peer: PlannedPeer, side: 'from' | 'to', namespace: string): object {
  switch (peer.kind) {
    case 'pods':
      return {
        [`${side}Endpoints`]: peer.selectors.map((selector) => ({
          matchLabels: matching(selector, namespace),
        })),
      };
    case 'entities':
      return { [`${side}Entities`]: peer.names };
    case 'addresses':
      return { [`${side}CIDR`]: peer.blocks };
  }
}

/** A selector that names no namespace means the policy's own. */
function matching({ namespace: of, labels }: PodSelector, namespace: string): object {
  return of === namespace ? labels : { 'k8s:io.kubernetes.pod.namespace': of, ...labels };
}

/** Cilium takes 40 ports in one list (pkg/policy/api/l4.go, maxPorts). */
const MOST_PORTS = 40;

function portsOf(ports: readonly PlannedPort[] | undefined): object {
  if (ports === undefined) return {};
  if (ports.some(({ protocol }) => protocol.startsWith('icmp')))
    return {
      icmps: [
        {
          fields: ports.map(({ protocol, port }) => ({
            family: protocol === 'icmp' ? 'IPv4' : 'IPv6',
            type: port,
          })),
        },
      ],
    };
  const written = ports.map(({ protocol, port }) => ({
    port: String(port),
    protocol: protocol.toUpperCase(),
  }));
  const lists = Array.from({ length: Math.ceil(written.length / MOST_PORTS) }, (_, at) => ({
    ports: written.slice(at * MOST_PORTS, (at + 1) * MOST_PORTS),
  }));
  return { toPorts: lists };
}

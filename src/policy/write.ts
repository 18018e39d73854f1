/** A plan as CiliumNetworkPolicies, with the reason for each rule as its comment. */
import { Document, isCollection } from 'yaml';
import type { PlannedPeer, PlannedPolicy, PlannedPort, PlannedRule, PodSelector } from './plan.js';

/** Cilium takes 40 ports in one list (pkg/policy/api/l4.go, maxPorts). */
const MOST_PORTS = 40;

export function writeCilium(policies: readonly PlannedPolicy[], header: readonly string[]): string {
  const documents = policies.map((policy) => documentOf(policy).toString({ lineWidth: 0 }));
  return `${header.map((line) => (line === '' ? '#\n' : `# ${line}\n`)).join('')}${documents.map((text) => `---\n${text}`).join('')}`;
}

function documentOf({ name, namespace, labels, rules }: PlannedPolicy): Document {
  const of = (direction: PlannedRule['direction']): readonly PlannedRule[] =>
    rules.filter((rule) => rule.direction === direction);
  const [ingress, egress] = [of('ingress'), of('egress')];
  const document = new Document(
    {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: { name, namespace },
      spec: {
        endpointSelector: { matchLabels: labels },
        ingress: ingress.map((rule) => ruleOf(rule, namespace)),
        egress: egress.map((rule) => ruleOf(rule, namespace)),
      },
    },
    { aliasDuplicateObjects: false },
  );
  comment(document, ['spec', 'ingress'], ingress);
  comment(document, ['spec', 'egress'], egress);
  return document;
}

function comment(document: Document, path: readonly string[], rules: readonly PlannedRule[]): void {
  rules.forEach((rule, index) => {
    const node: unknown = document.getIn([...path, index], true);
    // Comments are of lines: nothing that a tenant named may end one.
    if (isCollection(node)) node.commentBefore = rule.comment.map((line) => ` ${oneLine(line)}`).join('\n');
  });
}

export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '·').slice(0, 300);
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

function portsOf(ports: readonly PlannedPort[] | undefined): object {
  if (ports === undefined) return {};
  const isIcmp = ports.some(({ protocol }) => protocol.startsWith('icmp'));
  if (isIcmp)
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

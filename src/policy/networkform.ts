/**
 * A plan as NetworkPolicies of Kubernetes. They know pods, namespaces and blocks
 * of addresses, and Cilium matches neither nodes nor pods by address
 * (pkg/ipcache/metadata.go, resolveLabels): what is about nodes and the API server
 * cannot be said, only left out or opened to everybody.
 */
import type { Form, Unsaid } from './form.js';
import type {
  Direction,
  Plan,
  PlannedPeer,
  PlannedPolicy,
  PlannedPort,
  PlannedRule,
  PodSelector,
  Role,
} from './plan.js';
import { plainOf, Reasoned, type Sheet } from './write.js';

export function networkForm({ policies }: Plan): Form {
  const unsaid: Unsaid[] = [];
  const sheets = policies.map((policy) => sheetOf(policy, unsaid));
  return { sheets, objects: sheets.map(plainOf), unsaid, notes: notesOf(policies) };
}

/** The API has had this label on every namespace since 1.22. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

function sheetOf({ name, namespace, labels, ...policy }: PlannedPolicy, unsaid: Unsaid[]): Sheet {
  const [ingress, egress] = (['ingress', 'egress'] as const).map((direction) =>
    rulesOf(policy.rules, { namespace, direction, unsaid, opens: (rule) => isLifeline(rule, policy.role) }),
  );
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: {
      podSelector: { matchLabels: labels },
      policyTypes: [
        ...(ingress?.items.length === 0 ? [] : ['Ingress']),
        ...(egress?.items.length === 0 ? [] : ['Egress']),
      ],
      ingress,
      egress,
    },
  };
}

interface Writing {
  readonly namespace: string;
  readonly direction: Direction;
  /** What cannot be written is put there. */
  readonly unsaid: Unsaid[];
  /** What has no word, but is allowed to everybody instead. */
  readonly opens: (rule: PlannedRule) => boolean;
}

export function rulesOf(
  rules: readonly PlannedRule[],
  { namespace, direction, unsaid, opens }: Writing,
): Reasoned {
  return new Reasoned(
    rules
      .filter((rule) => rule.direction === direction)
      .flatMap((rule) => {
        const ports = rule.ports === undefined ? {} : { ports: rule.ports.map(portOf) };
        if (opens(rule)) return [{ value: ports, comment: [...rule.comment, OPENED] }];
        const why = unsayable(rule);
        if (why !== undefined) {
          const { about, comment } = rule;
          unsaid.push({ why, about, always: about.length === 0 ? comment : [] });
          return [];
        }
        const side = direction === 'ingress' ? 'from' : 'to';
        return [{ value: { [side]: peersOf(rule.peer, namespace), ...ports }, comment: rule.comment }];
      }),
  );
}

const OPENED = 'Open to everybody on these ports: a NetworkPolicy cannot name who it is meant for.';

function notesOf(policies: readonly PlannedPolicy[]): string[] {
  return [
    'A NetworkPolicy cannot name nodes, the API server or ICMP. What needed them is left out below, and would be denied;',
    'where that breaks something, take --format cilium, or add a CiliumNetworkPolicy for it: policies add up.',
    ...(policies.some(({ role, rules }) => rules.some((rule) => isLifeline(rule, role)))
      ? [
          "One exception, because no vCluster lives without it: the control plane reaches everybody on the API server's ports.",
        ]
      : []),
  ];
}

/** The syncer's way to the API server, without which no pod is created. */
export function isLifeline({ direction, peer, ports }: PlannedRule, role: Role): boolean {
  return (
    !isIcmp(ports) &&
    role === 'control-plane' &&
    direction === 'egress' &&
    peer.kind === 'entities' &&
    peer.names.includes('kube-apiserver')
  );
}

/** @returns why a NetworkPolicy cannot say it */
function unsayable({ peer, ports }: PlannedRule): string | undefined {
  if (isIcmp(ports)) return 'A NetworkPolicy cannot name ICMP. Denied would be';
  if (peer.kind !== 'entities' || peer.names.includes('world')) return undefined;
  if (peer.names.includes('host'))
    return "A NetworkPolicy cannot name nodes. Denied would be, but for what comes from the pod's own node";
  return `A NetworkPolicy cannot name Cilium's entity ${peer.names.join(', ')}. Denied would be`;
}

function isIcmp(ports: PlannedRule['ports']): boolean {
  return ports?.some(({ protocol }) => protocol.startsWith('icmp')) ?? false;
}

/** In Cilium a block of addresses is about what is outside the cluster, so these are the world. */
const EVERYWHERE = ['0.0.0.0/0', '::/0'];

function peersOf(peer: PlannedPeer, namespace: string): object[] {
  if (peer.kind === 'pods') return peer.selectors.map((selector) => podsOf(selector, namespace));
  const blocks = peer.kind === 'addresses' ? peer.blocks : EVERYWHERE;
  return blocks.map((cidr) => ({ ipBlock: { cidr } }));
}

function podsOf({ namespace: of, labels }: PodSelector, namespace: string): object {
  const pods = Object.keys(labels).length === 0 ? {} : { podSelector: { matchLabels: labels } };
  if (of === namespace) return { podSelector: {}, ...pods };
  return { namespaceSelector: { matchLabels: { [NAMESPACE_NAME]: of } }, ...pods };
}

const portOf = ({ port, protocol }: PlannedPort): object => ({ port, protocol: protocol.toUpperCase() });

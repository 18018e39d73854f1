/** What every vCluster needs, seen or not. */
import type { OwnPods } from './own.js';
import type { Direction, PlannedPort, PlannedRule, PodSelector, Role, Wish } from './plan.js';

/** vCluster's API server listens here (vcluster chart/templates/statefulset.yaml); a Service's port is not seen by policies. */
export const API_PORT = 8443;
/** vCluster's CoreDNS (vcluster pkg/coredns/template.go). */
export const DNS_PORT = 1053;

const tcp = (port: number): PlannedPort => ({ protocol: 'tcp', port });

interface Among {
  readonly vcluster: string;
  /** Pods of all policies of the tenant. */
  readonly all: readonly OwnPods[];
  readonly per: Wish['per'];
}

/** @param seen what is allowed already, because it was used */
export function neededBy(
  pods: OwnPods,
  { vcluster, all, per }: Among,
  seen: readonly PlannedRule[],
): PlannedRule[] {
  const of = (...roles: readonly Role[]): OwnPods[] => all.filter(({ role }) => roles.includes(role));
  const everyone = bothWays(of('workloads', 'control-plane'), [
    `Always needed: the pods of ${vcluster} and its control plane among themselves.`,
  ]);
  const lookups = [`Always needed: every pod of ${vcluster} looks names up.`];
  switch (pods.role) {
    case 'control-plane':
      return [...everyone, ...outsideOf(seen)];
    case 'workloads': {
      if (per === 'vcluster') return everyone;
      const dns = of('dns');
      return [
        ...bothWays(of('control-plane'), [`Always needed: every pod of ${vcluster} and its control plane.`]),
        ...(dns.length === 0 ? [] : [rule('egress', dns, DNS, lookups)]),
      ];
    }
    case 'dns':
      return [rule('ingress', of('workloads'), DNS, lookups)];
    case 'namespace':
      return bothWays([pods], [`Always needed: the pods of ${pods.virtual ?? ''} among themselves.`]);
  }
}

const DNS: readonly PlannedPort[] = [
  { protocol: 'tcp', port: DNS_PORT },
  { protocol: 'udp', port: DNS_PORT },
];

function rule(
  direction: Direction,
  selectors: readonly PodSelector[],
  ports: readonly PlannedPort[] | undefined,
  comment: readonly string[],
): PlannedRule {
  const peer = {
    kind: 'pods',
    selectors: selectors.map(({ namespace, labels }) => ({ namespace, labels })),
  } as const;
  return { direction, peer, ports, comment, about: [] };
}

function bothWays(selectors: readonly PodSelector[], comment: readonly string[]): PlannedRule[] {
  return [rule('ingress', selectors, undefined, comment), rule('egress', selectors, undefined, comment)];
}

/** What a control plane cannot live without, where it happened not to be seen. */
function outsideOf(rules: readonly PlannedRule[]): PlannedRule[] {
  const has = (direction: Direction, entity: string, port?: number): boolean =>
    rules.some(
      (one) =>
        one.direction === direction &&
        one.peer.kind === 'entities' &&
        one.peer.names.includes(entity) &&
        (port === undefined || one.ports === undefined || one.ports.some((listed) => listed.port === port)),
    );
  const missing: PlannedRule[] = [];
  if (!has('ingress', 'host', API_PORT))
    missing.push({
      direction: 'ingress',
      peer: { kind: 'entities', names: ['host', 'remote-node'] },
      ports: [tcp(API_PORT)],
      comment: [
        'Always needed: kubectl through a port-forward, a NodePort or a load balancer comes from a node.',
      ],
      about: [],
    });
  if (!has('egress', 'kube-apiserver'))
    missing.push({
      direction: 'egress',
      peer: { kind: 'entities', names: ['kube-apiserver'] },
      ports: [tcp(443), tcp(6443)],
      comment: ['Always needed: the syncer creates pods in the host cluster. Not seen: check the port.'],
      about: [],
    });
  return missing;
}

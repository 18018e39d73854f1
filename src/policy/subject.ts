/** What one side of a connection is to Cilium, worked out once for each set of labels. */
import {
  hasReserved,
  type IdentityLabel,
  lookup,
  parseIdentityLabel,
  POD_NAMESPACE,
  POLICY_CLUSTER,
} from './label.js';

export interface KnownSide {
  readonly labels: readonly IdentityLabel[];
  readonly kind: SideKind;
  readonly isHost: boolean;
  readonly isInit: boolean;
}

/**
 * `endpoint`: policies of this cluster apply to it. `node`: those for nodes may.
 * `outside`: none does; it is world, another cluster's, or not managed by Cilium.
 */
export type SideKind = 'endpoint' | 'node' | 'outside' | 'unknown';

export function knowSide(labels: readonly string[], cluster: string): KnownSide {
  const parsed = labels.map(parseIdentityLabel);
  return {
    labels: parsed,
    kind: kindOf(parsed, cluster),
    isHost: hasReserved(parsed, 'host'),
    isInit: hasReserved(parsed, 'init'),
  };
}

function kindOf(labels: readonly IdentityLabel[], cluster: string): SideKind {
  const is = (name: string): boolean => hasReserved(labels, name);
  if (labels.length === 0 || is('unknown')) return 'unknown';
  if (is('host') || is('remote-node')) return 'node';
  if (isWorld(labels) || is('kube-apiserver') || is('unmanaged')) return 'outside';
  if (is('health') || is('ingress') || is('init')) return 'endpoint';
  if (lookup(labels, 'k8s', POD_NAMESPACE) === undefined) return 'outside';
  return (lookup(labels, 'k8s', POLICY_CLUSTER) ?? cluster) === cluster ? 'endpoint' : 'outside';
}

export function isWorld(labels: readonly IdentityLabel[]): boolean {
  return ['world', 'world-ipv4', 'world-ipv6'].some((name) => hasReserved(labels, name));
}

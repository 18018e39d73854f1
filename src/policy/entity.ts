/** Entities, as the selectors that Cilium reads them as (cilium pkg/policy/api/entity.go, EntitySelectorMapping). */
import { POLICY_CLUSTER } from './label.js';
import { equals, reserved, type Selector } from './selector.js';

/** Each is an identity of its own, known by its reserved label. */
const SIMPLE = [
  'host',
  'remote-node',
  'init',
  'ingress',
  'health',
  'unmanaged',
  'kube-apiserver',
  'world-ipv4',
  'world-ipv6',
  /** Never the label of anything. */
  'none',
] as const;

export const ENTITIES = ['all', 'world', 'cluster', ...SIMPLE] as const;
export type Entity = (typeof ENTITIES)[number];

/** Evaluated by Cilium, but not in the enum of the custom resource's schema: the API server refuses them. */
export const NOT_IN_SCHEMA: ReadonlySet<string> = new Set(['world-ipv4', 'world-ipv6']);

const IN_CLUSTER = ['host', 'remote-node', 'init', 'ingress', 'health', 'unmanaged', 'kube-apiserver'];

/** @param cluster name of the policy's own cluster: pods of another are not of the entity `cluster` */
export function entitySelectors(entity: Entity, cluster: string): Selector[] {
  if (entity === 'all') return [[]];
  if (entity === 'world') return ['world', 'world-ipv4', 'world-ipv6'].map((name) => [reserved(name)]);
  if (entity === 'cluster')
    return [...IN_CLUSTER.map((name) => [reserved(name)]), [equals('k8s', POLICY_CLUSTER, cluster)]];
  return [[reserved(entity)]];
}

/** The other side of a tenant's connection, as a rule can select it. */
import { hasReserved, type IdentityLabel, lookup, parseIdentityLabel, POD_NAMESPACE } from './label.js';
import type { ObservedSide } from './observed.js';
import type { Labels, PlannedPeer, PodSelector } from './plan.js';
import { isWorld } from './subject.js';

export const MANAGED_BY = 'vcluster.loft.sh/managed-by';
export const SERVICE_ACCOUNT = 'io.cilium.k8s.policy.serviceaccount';

/** What says best what a platform pod is; the first that it carries. None of them changes with a rollout. */
const TELLING = ['app.kubernetes.io/name', 'k8s-app', 'app', 'release', SERVICE_ACCOUNT];

/** @returns undefined where nothing selects it: a pod that Cilium does not manage, or has no labels of yet */
export function peerOf(side: ObservedSide, direction: 'ingress' | 'egress'): PlannedPeer | undefined {
  const labels = side.labels.map(parseIdentityLabel);
  const is = (name: string): boolean => hasReserved(labels, name);
  if (is('kube-apiserver')) return { kind: 'entities', names: ['kube-apiserver'] };
  // Which of the two a node is depends on where the pod happens to run.
  if (is('host') || is('remote-node')) return { kind: 'entities', names: ['host', 'remote-node'] };
  if (is('ingress')) return { kind: 'entities', names: ['ingress'] };
  if (is('health')) return { kind: 'entities', names: ['health'] };
  if (isWorld(labels)) return direction === 'egress' ? WORLD : addressOf(side);
  const selector = podSelector(labels);
  return selector === undefined ? undefined : { kind: 'pods', selectors: [selector] };
}

export const WORLD: PlannedPeer = { kind: 'entities', names: ['world'] };

function addressOf({ ip }: ObservedSide): PlannedPeer {
  if (ip === '') return WORLD;
  return { kind: 'addresses', blocks: [`${ip}/${ip.includes(':') ? 128 : 32}`] };
}

function podSelector(labels: readonly IdentityLabel[]): PodSelector | undefined {
  const namespace = lookup(labels, 'k8s', POD_NAMESPACE);
  if (namespace === undefined) return undefined;
  const marker = lookup(labels, 'k8s', MANAGED_BY);
  if (marker !== undefined) return { namespace, labels: { [MANAGED_BY]: marker } };
  for (const key of TELLING) {
    const value = lookup(labels, 'k8s', key);
    if (value !== undefined && value !== '') return { namespace, labels: { [key]: value } };
  }
  return { namespace, labels: {} };
}

/** How a tenant's own pods are told from all others in their namespace. */
export interface OwnPods {
  readonly namespace: string;
  readonly role: 'workloads' | 'control-plane';
  readonly labels: Labels;
}

/**
 * The strongest label that an operator's choice of identity labels left: vCluster's
 * own, the chart's, the service account; undefined where nothing tells them apart.
 */
export function ownPods(side: ObservedSide, vcluster: string): OwnPods | undefined {
  const labels = side.labels.map(parseIdentityLabel);
  const value = (key: string): string | undefined => lookup(labels, 'k8s', key);
  const namespace = value(POD_NAMESPACE) ?? side.endpoint.namespace;
  const account = value(SERVICE_ACCOUNT);
  if (value(MANAGED_BY) === vcluster)
    return { namespace, role: 'workloads', labels: { [MANAGED_BY]: vcluster } };
  if (value(MANAGED_BY) === undefined && value('release') === vcluster)
    return { namespace, role: 'control-plane', labels: { release: vcluster } };
  if (account === `vc-workload-${vcluster}`)
    return { namespace, role: 'workloads', labels: { [SERVICE_ACCOUNT]: account } };
  if (account === `vc-${vcluster}`)
    return { namespace, role: 'control-plane', labels: { [SERVICE_ACCOUNT]: account } };
  return undefined;
}

/** The other side of a tenant's connection, as a rule can select it. */
import { hasReserved, type IdentityLabel, lookup, parseIdentityLabel, POD_NAMESPACE } from './label.js';
import { isLabelValue } from './labelsyntax.js';
import type { ObservedSide } from './observed.js';
import type { Direction, PlannedPeer, PodSelector } from './plan.js';
import { isWorld } from './subject.js';

export const MANAGED_BY = 'vcluster.loft.sh/managed-by';
export const SERVICE_ACCOUNT = 'io.cilium.k8s.policy.serviceaccount';

/** What says best what a platform pod is; the first that it carries. None of them changes with a rollout. */
const TELLING = ['app.kubernetes.io/name', 'k8s-app', 'app', 'release', SERVICE_ACCOUNT];

/** @returns undefined where nothing selects it: a pod that Cilium does not manage, or has no labels of yet */
export function peerOf(side: ObservedSide, direction: Direction): PlannedPeer | undefined {
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

export function addressOf({ ip }: ObservedSide): PlannedPeer {
  if (ip === '') return WORLD;
  return { kind: 'addresses', blocks: [`${ip}/${ip.includes(':') ? 128 : 32}`] };
}

function podSelector(labels: readonly IdentityLabel[]): PodSelector | undefined {
  const namespace = lookup(labels, 'k8s', POD_NAMESPACE);
  if (namespace === undefined) return undefined;
  const marker = lookup(labels, 'k8s', MANAGED_BY);
  if (marker !== undefined) return { namespace, labels: { [MANAGED_BY]: marker } };
  for (const key of tellingOf(labels)) {
    const value = lookup(labels, 'k8s', key);
    if (value !== undefined && value !== '' && isLabelValue(value))
      return { namespace, labels: { [key]: value } };
  }
  return { namespace, labels: {} };
}

/** What pods of several vClusters in one namespace have in common tells none of them. */
function tellingOf(labels: readonly IdentityLabel[]): readonly string[] {
  if (lookup(labels, 'k8s', 'app') === 'vcluster') return ['release', ...TELLING];
  const isVcluster = lookup(labels, 'k8s', SERVICE_ACCOUNT)?.startsWith('vc-') ?? false;
  return isVcluster ? [SERVICE_ACCOUNT, ...TELLING] : TELLING;
}

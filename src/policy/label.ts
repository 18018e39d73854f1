/**
 * Labels of an identity, looked up as Cilium's policy engine does: the source `any`
 * in a selector matches each source, every other only itself (cilium
 * pkg/labels/labels.go HasKey, array.go LookupLabel).
 */
import type { HubbleLabel } from '../label.js';

export { type HubbleLabel as IdentityLabel, splitLabel as parseIdentityLabel } from '../label.js';

/** Keys that Cilium adds to a pod's labels (pkg/k8s/apis/cilium.io/const.go). */
export const POD_NAMESPACE = 'io.kubernetes.pod.namespace';
export const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels';
export const POLICY_CLUSTER = 'io.cilium.k8s.policy.cluster';

/** @returns the value, or undefined where no label has the key */
export function lookup(labels: readonly HubbleLabel[], source: string, key: string): string | undefined {
  return labels.find((label) => label.key === key && (source === 'any' || label.source === source))?.value;
}

export function hasReserved(labels: readonly HubbleLabel[], name: string): boolean {
  return lookup(labels, 'reserved', name) !== undefined;
}

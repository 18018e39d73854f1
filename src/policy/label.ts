/**
 * Labels of an identity as Hubble sends them, looked up as Cilium's policy engine
 * does: the source `any` in a selector matches each source, every other only
 * itself (cilium pkg/labels/labels.go HasKey, array.go LookupLabel).
 */

export interface IdentityLabel {
  readonly source: string;
  readonly key: string;
  readonly value: string;
}

/** Keys that Cilium adds to a pod's labels (pkg/k8s/apis/cilium.io/const.go). */
export const POD_NAMESPACE = 'io.kubernetes.pod.namespace';
export const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels';
export const POLICY_CLUSTER = 'io.cilium.k8s.policy.cluster';

/** `source:key=value`, or `source:key` where the value is empty. */
export function parseIdentityLabel(text: string): IdentityLabel {
  const colon = text.indexOf(':');
  const equals = text.indexOf('=', colon + 1);
  const end = equals === -1 ? text.length : equals;
  return {
    source: text.slice(0, Math.max(colon, 0)),
    key: text.slice(colon + 1, end),
    value: text.slice(end + 1),
  };
}

/** @returns the value, or undefined where no label has the key */
export function lookup(labels: readonly IdentityLabel[], source: string, key: string): string | undefined {
  return labels.find((label) => label.key === key && (source === 'any' || label.source === source))?.value;
}

export function hasReserved(labels: readonly IdentityLabel[], name: string): boolean {
  return lookup(labels, 'reserved', name) !== undefined;
}

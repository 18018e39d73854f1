/** The labels of vCluster and Cilium that say whose a pod is. */
import { type HubbleLabel, splitLabel } from '../label.js';

interface Label extends HubbleLabel {
  /** As Hubble sent it. */
  readonly text: string;
}

/** What every label key of vCluster starts with, on a pod and on the Namespace it is in. */
export const MARK = 'vcluster.loft.sh/';
export const NAMESPACE_MARK = `io.cilium.k8s.namespace.labels.${MARK}`;

/** Keys whose value counts, all of the source `k8s`. */
export const Key = {
  POD_NAMESPACE: 'io.kubernetes.pod.namespace',
  CLUSTER: 'io.cilium.k8s.policy.cluster',
  SERVICE_ACCOUNT: 'io.cilium.k8s.policy.serviceaccount',
  /** Labels of the host Namespace object, which namespace sync writes and no tenant can. */
  NAMESPACE_VCLUSTER: `${NAMESPACE_MARK}vcluster-name`,
  NAMESPACE_HOST: `${NAMESPACE_MARK}vcluster-namespace`,
  NAMESPACE_MARKER: `${NAMESPACE_MARK}managed-by`,
  /** vCluster writes these two last, over whatever the tenant wrote (pkg/util/translate/labels.go). */
  MANAGED_BY: `${MARK}managed-by`,
  VIRTUAL_NAMESPACE: `${MARK}namespace`,
  /** Set by the chart on control planes; `app` may be any tenant's, `release` is rewritten on synced pods. */
  APP: 'app',
  RELEASE: 'release',
} as const;

/** A pod's `k8s` labels by key. A Map: keys come from outside and may be `__proto__`. */
export type KubernetesLabels = ReadonlyMap<string, Label>;

/** Cilium keeps one label a key; should a server send two, the first stands. */
export function kubernetesLabels(labels: readonly string[]): KubernetesLabels {
  const found = new Map<string, Label>();
  for (const text of labels) {
    if (!text.startsWith('k8s:')) continue;
    const label = { ...splitLabel(text), text };
    if (!found.has(label.key)) found.set(label.key, label);
  }
  return found;
}

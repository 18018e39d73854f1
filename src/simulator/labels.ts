import { hash } from 'node:crypto';
import { safeConcatName } from '../tenancy/naming.js';

/** Labels as Kubernetes has them. */
export type Labels = Readonly<Record<string, string>>;

export interface PodIdentity {
  readonly cluster: string;
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly serviceAccount: string;
  readonly labels: Labels;
}

/**
 * The labels of a pod's security identity, as flows carry them: the pod's own,
 * its namespace's with a prefix, and Cilium's three, sorted (cilium
 * pkg/k8s/utils and pkg/labels).
 */
export function identityLabels(pod: PodIdentity): string[] {
  const labels = [
    ...entries('', pod.labels),
    ...entries('io.cilium.k8s.namespace.labels.', pod.namespaceLabels),
    `k8s:io.cilium.k8s.policy.cluster=${pod.cluster}`,
    `k8s:io.cilium.k8s.policy.serviceaccount=${pod.serviceAccount}`,
    `k8s:io.kubernetes.pod.namespace=${pod.namespace}`,
  ];
  return labels.sort();
}

function entries(prefix: string, labels: Labels): string[] {
  return Object.entries(labels).map(([key, value]) =>
    value === '' ? `k8s:${prefix}${key}` : `k8s:${prefix}${key}=${value}`,
  );
}

/** What Cilium keeps whatever an operator's `labels:` option says (pkg/labelsfilter, 1.19). */
const ALWAYS_KEPT =
  /^(reserved:|k8s:(io\.kubernetes\.pod\.namespace|io\.cilium\.k8s\.namespace\.labels|app\.kubernetes\.io|io\.cilium\.k8s\.policy\.(cluster|serviceaccount)))/;

/** The labels that are left once an operator lists the ones that count, as Cilium's guide for large clusters advises. */
export function whitelisted(labels: readonly string[]): string[] {
  return labels.filter((label) => ALWAYS_KEPT.test(label));
}

/** Labels that vCluster's syncer puts on a pod it syncs (loft-sh/vcluster pkg/util/translate/labels.go). */
export function syncedLabels(
  own: Labels,
  virtual: { readonly vcluster: string; readonly namespace: string },
): Labels {
  return {
    ...translated(own, virtual.vcluster),
    [translatedKey('vcluster.loft.sh/ns-label', virtual.vcluster, 'kubernetes.io/metadata.name')]:
      virtual.namespace,
    'vcluster.loft.sh/managed-by': virtual.vcluster,
    'vcluster.loft.sh/namespace': virtual.namespace,
  };
}

/** A tenant's own labels of these keys would pass for vCluster's, so the syncer renames them. */
const RENAMED = new Set([
  'release',
  'vcluster.loft.sh/managed-by',
  'vcluster.loft.sh/namespace',
  'vcluster.loft.sh/controlled-by',
]);

function translated(own: Labels, vcluster: string): Labels {
  return Object.fromEntries(
    Object.entries(own).map(([key, value]) => [
      RENAMED.has(key) ? translatedKey('vcluster.loft.sh/label', vcluster, key) : key,
      value,
    ]),
  );
}

function translatedKey(prefix: string, vcluster: string, key: string): string {
  return safeConcatName(prefix, vcluster, 'x', hash('sha256', key, 'hex').slice(0, 10));
}

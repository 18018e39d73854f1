/** One pod's facts, gathered from an endpoint: where Hubble's pieces disagree, only what the datapath enforced. */
import type { Endpoint } from '../model.js';
import { Key, kubernetesLabels, type KubernetesLabels } from './labels.js';
import { isCluster, isNamespace } from './validity.js';

export interface Pod {
  /** '' where the name that was sent cannot be a cluster's: nothing may be concluded then. */
  readonly cluster: string;
  /** Host namespace; '' when unknown or no namespace's name. */
  readonly namespace: string;
  /** Host pod name; '' when unknown or not to be used as evidence. */
  readonly name: string;
  readonly labels: KubernetesLabels;
  /** The namespace the pod metadata tells, where the labels tell another one. */
  readonly otherNamespace: string | undefined;
}

/**
 * Namespace by label before `Endpoint.namespace`: the labels are those of the
 * identity the datapath enforced, while the metadata comes from the address and
 * may be that of the pod which got it next. Then the name is not this pod's.
 *
 * @param ownCluster what an endpoint without any cluster name belongs to (Cilium before 1.16)
 */
export function podOf(endpoint: Endpoint, ownCluster: string): Pod {
  const labels = kubernetesLabels(endpoint.labels);
  const labelled = labels.get(Key.POD_NAMESPACE)?.value ?? '';
  const namespace = labelled || endpoint.namespace;
  const recycled = labelled !== '' && endpoint.namespace !== '' && labelled !== endpoint.namespace;
  const cluster = statedCluster(endpoint, labels) ?? ownCluster;
  return {
    cluster: cluster === ownCluster || isCluster(cluster) ? cluster : '',
    namespace: isNamespace(namespace) ? namespace : '',
    name: recycled ? '' : endpoint.podName,
    labels,
    otherNamespace: recycled ? endpoint.namespace : undefined,
  };
}

/** @returns the cluster an endpoint says it is in, or undefined; Hubble leaves the field empty before 1.16 */
export function statedCluster(endpoint: Endpoint, labels: KubernetesLabels): string | undefined {
  if (endpoint.clusterName !== '') return endpoint.clusterName;
  const labelled = labels.get(Key.CLUSTER)?.value;
  return labelled === '' ? undefined : labelled;
}

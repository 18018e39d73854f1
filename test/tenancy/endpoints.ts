/** Endpoints as Hubble describes them, said in few words. */
import type { Endpoint, Party } from '../../src/model.js';

export const OWN = 'prod-eu';

export interface Told {
  readonly namespace?: string;
  readonly name?: string;
  readonly cluster?: string;
  readonly id?: number;
  readonly identity?: number;
  /** Namespace of the pod metadata, where it is another one than the labels'. */
  readonly metadataNamespace?: string;
  /** Added to those every pod has. */
  readonly labels?: readonly string[];
}

/** A pod with the labels Cilium always keeps: namespace and cluster. */
export function pod(told: Told): Endpoint {
  const namespace = told.namespace ?? '';
  const cluster = told.cluster ?? OWN;
  const always = [
    ...(namespace === '' ? [] : [`k8s:io.kubernetes.pod.namespace=${namespace}`]),
    `k8s:io.cilium.k8s.policy.cluster=${cluster}`,
  ];
  return bare({
    ...told,
    cluster,
    namespace: told.metadataNamespace ?? namespace,
    labels: [...always, ...(told.labels ?? [])],
  });
}

/** An endpoint with nothing that was not said. */
export function bare(told: Told): Endpoint {
  return {
    id: told.id ?? 0,
    identity: told.identity ?? 12_345,
    namespace: told.namespace ?? '',
    podName: told.name ?? '',
    labels: told.labels ?? [],
    clusterName: told.cluster ?? '',
  };
}

export const managedBy = (vcluster: string): string => `k8s:vcluster.loft.sh/managed-by=${vcluster}`;
export const virtualNamespace = (namespace: string): string => `k8s:vcluster.loft.sh/namespace=${namespace}`;
export const account = (name: string): string => `k8s:io.cilium.k8s.policy.serviceaccount=${name}`;
export const controlPlane = (release: string, app = 'vcluster'): string[] => [
  `k8s:app=${app}`,
  `k8s:release=${release}`,
];
export const syncedNamespace = (vcluster: string, host: string): string[] => [
  `k8s:io.cilium.k8s.namespace.labels.vcluster.loft.sh/vcluster-name=${vcluster}`,
  `k8s:io.cilium.k8s.namespace.labels.vcluster.loft.sh/vcluster-namespace=${host}`,
];

/** A party in one line: `host namespace/vcluster by evidence`, or the word for what it is instead. */
export function said(party: Party): string {
  if (party.kind !== 'tenant') return party.kind;
  const { tenant, evidence } = party;
  const cluster = tenant.cluster === OWN ? '' : `${tenant.cluster}:`;
  return `${cluster}${tenant.hostNamespace}/${tenant.vcluster} by ${evidence}`;
}

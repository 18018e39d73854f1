/** Whose pods a policy of a tenant selects, and how they are told from all others in their namespace. */
import { lookup, parseIdentityLabel, POD_NAMESPACE } from './label.js';
import type { ObservedSide } from './observed.js';
import { MANAGED_BY, SERVICE_ACCOUNT } from './peer.js';
import type { PodSelector, Role, Wish } from './plan.js';

/** The virtual namespace of a synced pod (vcluster pkg/util/translate/labels.go). */
export const VIRTUAL_NAMESPACE = 'vcluster.loft.sh/namespace';

export interface OwnPods extends PodSelector {
  readonly role: Role;
  /** Of the role `namespace`: the tenant's own name for it. */
  readonly virtual?: string;
}

/**
 * The strongest label that an operator's choice of identity labels left: vCluster's
 * own, the chart's, the service account; undefined where nothing tells them apart.
 */
export function ownPods(side: ObservedSide, vcluster: string, per: Wish['per']): OwnPods | undefined {
  const labels = side.labels.map(parseIdentityLabel);
  const value = (key: string): string | undefined => lookup(labels, 'k8s', key);
  const namespace = value(POD_NAMESPACE) ?? side.endpoint.namespace;
  const account = value(SERVICE_ACCOUNT);
  if (value(MANAGED_BY) === vcluster) {
    const virtual = value(VIRTUAL_NAMESPACE) ?? '';
    return per === 'namespace' && virtual !== ''
      ? namespacePods(namespace, vcluster, virtual)
      : workloadPods(namespace, vcluster);
  }
  if (value(MANAGED_BY) === undefined && value('release') === vcluster)
    return controlPlanePods(namespace, vcluster);
  if (account === `vc-workload-${vcluster}`)
    return { namespace, role: 'workloads', labels: { [SERVICE_ACCOUNT]: account } };
  if (account === `vc-${vcluster}`)
    return { namespace, role: 'control-plane', labels: { [SERVICE_ACCOUNT]: account } };
  return undefined;
}

export const workloadPods = (namespace: string, vcluster: string): OwnPods => ({
  namespace,
  role: 'workloads',
  labels: { [MANAGED_BY]: vcluster },
});

export const controlPlanePods = (namespace: string, vcluster: string): OwnPods => ({
  namespace,
  role: 'control-plane',
  labels: { release: vcluster },
});

const namespacePods = (namespace: string, vcluster: string, virtual: string): OwnPods => ({
  namespace,
  role: 'namespace',
  labels: { [MANAGED_BY]: vcluster, [VIRTUAL_NAMESPACE]: virtual },
  virtual,
});

/** vCluster's CoreDNS, where it is a Deployment of its own (vcluster pkg/coredns/template.go). */
export const dnsPods = (namespace: string, vcluster: string): OwnPods => ({
  namespace,
  role: 'dns',
  labels: { [MANAGED_BY]: vcluster, 'k8s-app': 'vcluster-kube-dns' },
});

export function isDns({ labels }: ObservedSide): boolean {
  return labels.includes('k8s:k8s-app=vcluster-kube-dns');
}

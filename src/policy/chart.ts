/**
 * The NetworkPolicies that vCluster's Helm chart makes where
 * `policies.networkPolicy` is enabled and `publicEgress` is not
 * (loft-sh/vcluster chart/templates/networkpolicy.yaml, 0.34.0 to 0.36.1; 0.33.1
 * does not open 8443). Held to the real chart in test/kubernetes.
 */
import type { Tenant } from '../model.js';

export interface ChartRules {
  readonly workload: Rules;
  readonly controlPlane: Rules;
}

interface Rules {
  readonly ingress?: readonly object[];
  readonly egress?: readonly object[];
}

const port = (number: number, protocol = 'TCP'): object => ({ port: number, protocol });
const pods = (labels: object): object => ({ podSelector: { matchLabels: labels } });

/** @param rules of the values, which the chart puts behind its own */
export function chartPolicies(
  { vcluster, hostNamespace: namespace }: Pick<Tenant, 'vcluster' | 'hostNamespace'>,
  { workload, controlPlane }: ChartRules,
): object[] {
  const own = pods({ release: vcluster });
  const synced = pods({ 'vcluster.loft.sh/managed-by': vcluster });
  const dns = [port(1053, 'UDP'), port(1053)];
  const served = [...dns, port(8443)];
  const apiServer = { ports: [port(443), port(8443), port(6443)] };
  const platform = { ...pods({ app: 'loft' }), namespaceSelector: {} };
  const hostDns = {
    to: [
      {
        ...pods({ 'k8s-app': 'kube-dns' }),
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      },
    ],
  };
  const policy = (
    name: string,
    subject: object,
    ingress: readonly object[],
    egress: readonly object[],
  ): object => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `vc-${name}-${vcluster}`, namespace },
    spec: { ...subject, policyTypes: ['Egress', 'Ingress'], ingress, egress },
  });
  return [
    policy(
      'work',
      synced,
      [{ from: [own] }, { from: [synced] }, ...(workload.ingress ?? [])],
      [{ ports: served, to: [own] }, { to: [synced] }, ...(workload.egress ?? [])],
    ),
    policy(
      'cp',
      own,
      [
        { ports: [port(8443)] },
        { from: [own] },
        { ports: served, from: [synced] },
        { from: [pods({ app: 'vcluster-snapshot' })] },
        { from: [platform] },
        ...(controlPlane.ingress ?? []),
      ],
      [
        hostDns,
        apiServer,
        { to: [own] },
        { to: [synced] },
        { to: [platform] },
        ...(controlPlane.egress ?? []),
      ],
    ),
    policy(
      'kube-dns',
      pods({ 'k8s-app': 'vcluster-kube-dns', 'vcluster.loft.sh/managed-by': vcluster }),
      [{ ports: dns, from: [synced] }],
      [hostDns, { ports: [port(8443)], to: [own] }],
    ),
    policy('snapshot', pods({ app: 'vcluster-snapshot' }), [], [{ to: [own] }, hostDns, apiServer]),
  ];
}

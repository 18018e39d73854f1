/** Lines as `hubble observe -o json` writes them, for two tenants. */

export interface Recorded {
  readonly from?: string;
  readonly to?: string;
  readonly port?: number;
  readonly uuid?: string;
  readonly denied?: boolean;
  readonly second?: number;
}

let uuids = 0;

export function flowLine(recorded: Recorded = {}): string {
  const { from = 'team-a', to = 'team-b', port = 5432, denied = false, second = 0 } = recorded;
  const uuid = recorded.uuid ?? `uuid-${(uuids += 1)}`;
  const time = `2026-11-22T08:00:${String(second).padStart(2, '0')}.5Z`;
  return JSON.stringify({
    flow: {
      time,
      uuid,
      verdict: denied ? 'DROPPED' : 'FORWARDED',
      ...(denied && { drop_reason: 133, drop_reason_desc: 'POLICY_DENIED' }),
      IP: { source: `10.0.0.${from.length}`, destination: '10.0.1.2', ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 40_000 + uuids, destination_port: port, flags: { SYN: true } } },
      source: pod(from, 'client'),
      destination: pod(to, 'server'),
      Type: 'L3_L4',
      node_name: 'default/worker-1',
      event_type: denied ? { type: 1, sub_type: 133 } : { type: 4 },
      ...(!denied && { is_reply: false, trace_reason: 'NEW' }),
    },
    node_name: 'default/worker-1',
    time,
  });
}

function pod(tenant: string, name: string): Record<string, unknown> {
  return {
    ID: 7,
    identity: 12_345,
    cluster_name: 'default',
    namespace: tenant,
    labels: [`k8s:io.kubernetes.pod.namespace=${tenant}`, `k8s:vcluster.loft.sh/managed-by=${tenant}`],
    pod_name: `${name}-x-default-x-${tenant}`,
  };
}

/** Messages as Hubble sends them, with the proto's field names: to be encoded. Names and addresses are invented. */

/** A plain object with the proto's field names. */
export type Message = Readonly<Record<string, unknown>>;

export function pod(vcluster: string, name: string, fields: Message = {}): Message {
  return {
    identity: 41_007,
    namespace: vcluster,
    labels: [
      'k8s:app=web',
      `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${vcluster}`,
      'k8s:io.cilium.k8s.policy.cluster=harbour',
      `k8s:io.cilium.k8s.policy.serviceaccount=vc-workload-${vcluster}`,
      `k8s:io.kubernetes.pod.namespace=${vcluster}`,
      `k8s:vcluster.loft.sh/managed-by=${vcluster}`,
      'k8s:vcluster.loft.sh/namespace=default',
    ],
    pod_name: `${name}-x-default-x-${vcluster}`,
    cluster_name: 'harbour',
    ...fields,
  };
}

/** An arrival at the destination's endpoint: the event that counts. */
export function flow(fields: Message = {}): Message {
  return {
    time: { seconds: 1_790_000_123, nanos: 119_875_254 },
    verdict: 'FORWARDED',
    IP: { source: '10.20.1.15', destination: '10.20.3.77', ipVersion: 'IPv4' },
    l4: { TCP: { source_port: 42_676, destination_port: 8080, flags: { SYN: true } } },
    source: pod('team-b', 'curl'),
    destination: pod('team-a', 'web-0', { ID: 2751, identity: 41_008 }),
    Type: 'L3_L4',
    node_name: 'harbour/worker-2',
    event_type: { type: 4 },
    traffic_direction: 'EGRESS',
    trace_observation_point: 'TO_ENDPOINT',
    is_reply: { value: false },
    interface: { index: 39, name: 'lxc4a1c' },
    uuid: '7d0f2c51-3d1f-4b70-9a55-0c8a3f6f1e02',
    trace_reason: 'NEW',
    node_labels: ['kubernetes.io/os=linux', 'kubernetes.io/hostname=worker-2'],
    Summary: 'TCP Flags: SYN',
    ...fields,
  };
}

/** A flow in the message around it. */
export function response(fields: Message = {}): Message {
  const inner = flow(fields);
  return { flow: inner, node_name: inner['node_name'], time: inner['time'] };
}

const policy = (name: string, kind = 'CiliumNetworkPolicy'): Message => ({
  name,
  namespace: 'team-a',
  labels: [`k8s:io.cilium.k8s.policy.name=${name}`, `k8s:io.cilium.k8s.policy.derived-from=${kind}`],
  revision: '18446744073709551615',
  kind,
});

/** One of each kind of message that comes, to mutate. */
export const MESSAGES: readonly Message[] = [
  response(),
  response({
    l4: { UDP: { source_port: 5353, destination_port: 53 } },
    is_reply: { value: true },
    trace_reason: 'REPLY',
  }),
  response({ l4: { ICMPv4: { type: 8, code: 0 } } }),
  response({
    l4: { ICMPv6: { type: 1, code: 4 } },
    IP: { source: 'fd00::1:5', destination: 'fd00::2', ipVersion: 'IPv6' },
  }),
  response({ l4: { SCTP: { source_port: 1, destination_port: 36_412 } } }),
  response({
    l4: { TCP: { source_port: 1, destination_port: 2, flags: { FIN: true, ACK: true, NS: true } } },
  }),
  response({
    verdict: 'DROPPED',
    drop_reason: 181,
    drop_reason_desc: 'POLICY_DENY',
    event_type: { type: 1, sub_type: 181 },
    is_reply: null,
    interface: null,
  }),
  response({
    verdict: 'AUDIT',
    event_type: { type: 5 },
    policy_match_type: 1,
    egress_allowed_by: [policy('out')],
    ingress_allowed_by: [policy('in'), policy('in-too', 'NetworkPolicy')],
    egress_denied_by: [policy('no-out')],
    ingress_denied_by: [policy('no-in', 'CiliumClusterwideNetworkPolicy')],
  }),
  response({
    source: { identity: 2, labels: ['reserved:world'] },
    destination: pod('team-a', 'ingress', { ID: 7, workloads: [{ name: 'ingress', kind: 'Deployment' }] }),
    destination_service: { name: 'web-x-default-x-team-a', namespace: 'team-a' },
    proxy_port: 15_001,
  }),
  { flow: {}, node_name: 'harbour/worker-1', time: { seconds: 1_790_000_124 } },
  { flow: { source: pod('team-ü', 'wëb'), node_name: 'harbour/knoten-ä' } },
  { node_status: { state_change: 'NODE_CONNECTED', node_names: ['harbour/worker-1', 'harbour/worker-2'] } },
  {
    node_status: {
      state_change: 'NODE_ERROR',
      node_names: ['harbour/worker-3'],
      message: 'context deadline exceeded',
    },
    node_name: 'relay',
  },
  {
    lost_events: {
      source: 'HUBBLE_RING_BUFFER',
      num_events_lost: '4095',
      first: { seconds: 1_790_000_100, nanos: 1 },
      last: { seconds: 1_790_000_101 },
    },
    node_name: 'harbour/worker-1',
    time: { seconds: 1_790_000_102, nanos: 500_000_000 },
  },
  {
    lost_events: { source: 'PERF_EVENT_RING_BUFFER', num_events_lost: '9007199254740993', cpu: { value: 3 } },
  },
  { node_name: 'harbour/worker-1', time: { seconds: 1_790_000_125 } },
];

/** Random messages, sound but anything else than likely, with the proto's field names. */
import fc from 'fast-check';

/** Any text that UTF-8 and JSON can carry, and often one that came before. */
const text = fc.oneof(
  fc.constantFrom(
    '',
    'team-a',
    'team-b',
    'web-0-x-default-x-team-a',
    '10.0.0.1',
    'fd00::1',
    'harbour/worker-1',
  ),
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 140 }),
);
const uint32 = fc.oneof(fc.nat(70_000), fc.constantFrom(0, 1, 127, 128, 16_384, 2 ** 31, 2 ** 32 - 1));
const int32 = fc.oneof(fc.integer({ min: -3, max: 300 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1));
const uint64 = fc
  .oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 10_000n }))
  .map(String);
const nanos = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 999_999_999 }));

/** The years 1 to 9999: what a Timestamp may hold, and JSON can write. */
export const time = fc.record({
  seconds: fc
    .oneof(fc.integer({ min: 0, max: 2 ** 32 }), fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }))
    .map(String),
  nanos,
});

/** Each member may be absent. */
function message<T extends object>(members: { [Name in keyof T]: fc.Arbitrary<T[Name]> }) {
  return fc.record(members, { requiredKeys: [] });
}

const workload = message({ name: text, kind: text });
export const endpoint = message({
  ID: uint32,
  identity: uint32,
  namespace: text,
  labels: fc.array(text, { maxLength: 8 }),
  pod_name: text,
  workloads: fc.array(workload, { maxLength: 2 }),
  cluster_name: text,
});
const policies = fc.array(
  message({
    name: text,
    namespace: text,
    labels: fc.array(text, { maxLength: 2 }),
    revision: uint64,
    kind: text,
  }),
  { maxLength: 2 },
);
const ports = message({ source_port: uint32, destination_port: uint32 });
const icmp = message({ type: uint32, code: uint32 });
const bool = fc.boolean();
const tcpFlags = message({
  FIN: bool,
  SYN: bool,
  RST: bool,
  PSH: bool,
  ACK: bool,
  URG: bool,
  ECE: bool,
  CWR: bool,
  NS: bool,
});
const tcp = message({ source_port: uint32, destination_port: uint32, flags: tcpFlags });
const layer4 = fc.oneof(
  fc.record({ TCP: tcp }),
  fc.record({ UDP: ports }),
  fc.record({ SCTP: ports }),
  fc.record({ ICMPv4: icmp }),
  fc.record({ ICMPv6: icmp }),
  fc.constant({}),
);

const flow = message({
  time,
  verdict: int32,
  drop_reason: uint32,
  IP: message({ source: text, destination: text, ipVersion: int32, encrypted: bool, source_xlated: text }),
  l4: layer4,
  source: endpoint,
  destination: endpoint,
  Type: int32,
  node_name: text,
  event_type: message({ type: int32, sub_type: int32 }),
  destination_service: message({ name: text, namespace: text }),
  traffic_direction: int32,
  policy_match_type: uint32,
  trace_observation_point: int32,
  drop_reason_desc: fc.oneof(int32, fc.integer({ min: 130, max: 205 })),
  is_reply: message({ value: bool }),
  interface: message({ index: uint32, name: text }),
  proxy_port: uint32,
  uuid: fc.oneof(fc.uuid(), text),
  trace_reason: int32,
  node_labels: fc.array(text, { maxLength: 3 }),
  egress_allowed_by: policies,
  ingress_allowed_by: policies,
  egress_denied_by: policies,
  ingress_denied_by: policies,
  Summary: text,
});

/** A GetFlowsResponse of any of its kinds. */
export const response = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ flow }) },
      {
        weight: 1,
        arbitrary: fc.record({
          node_status: message({
            state_change: int32,
            node_names: fc.array(text, { maxLength: 3 }),
            message: text,
          }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          lost_events: message({
            source: int32,
            num_events_lost: uint64,
            cpu: message({ value: int32 }),
            first: time,
            last: time,
          }),
        }),
      },
      { weight: 1, arbitrary: fc.constant({}) },
    ),
    message({ node_name: text, time }),
  )
  .map(([member, around]) => ({ ...member, ...around }));

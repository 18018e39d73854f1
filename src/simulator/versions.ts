/**
 * Which field of `flow.Flow` came with which Cilium, for masks that a server
 * must refuse and for flows that an older agent cannot fill (from the tags of
 * cilium api/v1/flow/flow.proto, 1.13 to 1.19).
 */
export interface MessageField {
  /** The first minor version that has it. */
  readonly since: string;
  /** Of a message that is not repeated: a mask may reach into it. */
  readonly fields?: MessageFields;
}
export type MessageFields = Readonly<Record<string, MessageField>>;

const OLDEST = '1.13';

function fields(names: string, since = OLDEST): Record<string, MessageField> {
  return Object.fromEntries(names.split(' ').map((name) => [name, { since }]));
}

function message(inner: MessageFields, since = OLDEST): MessageField {
  return { since, fields: inner };
}

const PORTS = fields('source_port destination_port');
const ENDPOINT: MessageFields = {
  ...fields('ID identity namespace labels pod_name workloads'),
  ...fields('cluster_name', '1.16'),
};
const SERVICE = message(fields('name namespace'));
const TIMESTAMP = message(fields('seconds nanos'));
const IP: MessageFields = {
  ...fields('source destination ipVersion encrypted'),
  ...fields('source_xlated', '1.16'),
};
const LAYER4: MessageFields = {
  TCP: message({ ...PORTS, flags: message(fields('FIN SYN RST PSH ACK URG ECE CWR NS')) }),
  UDP: message(PORTS),
  SCTP: message(PORTS),
  ICMPv4: message(fields('type code')),
  ICMPv6: message(fields('type code')),
  VRRP: message(fields('type vrid priority'), '1.19'),
  IGMP: message(fields('type group_address'), '1.19'),
};

/** `flow.Flow`. */
export const FLOW_FIELDS: MessageFields = {
  ...fields('verdict drop_reason Type node_name source_names destination_names reply traffic_direction'),
  ...fields('policy_match_type trace_observation_point drop_reason_desc debug_capture_point proxy_port'),
  ...fields('sock_xlate_point socket_cookie cgroup_id Summary'),
  ...fields('uuid auth_type', '1.14'),
  ...fields('egress_allowed_by ingress_allowed_by', '1.15'),
  ...fields('trace_reason node_labels egress_denied_by ingress_denied_by', '1.16'),
  ...fields('policy_log', '1.18'),
  time: TIMESTAMP,
  ethernet: message(fields('source destination')),
  IP: message(IP),
  l4: message(LAYER4),
  source: message(ENDPOINT),
  destination: message(ENDPOINT),
  l7: message({
    ...fields('type latency_ns'),
    dns: message(fields('query ips ttl cnames observation_source rcode qtypes rrtypes')),
    http: message(fields('code method url protocol headers')),
    kafka: message({}),
  }),
  event_type: message(fields('type sub_type')),
  source_service: SERVICE,
  destination_service: SERVICE,
  is_reply: message(fields('value')),
  interface: message(fields('index name')),
  trace_context: message({}),
  extensions: message(fields('type_url value'), '1.15'),
  file: message(fields('name line'), '1.17'),
  tunnel: message({ ...fields('protocol vni'), IP: message(IP), l4: message(LAYER4) }, '1.18'),
  ip_trace_id: message(fields('trace_id ip_option_type'), '1.19'),
  emitter: message(fields('name version'), '1.19'),
  aggregate: message(fields('ingress_flow_count egress_flow_count unknown_direction_flow_count'), '1.19'),
};

/** Field masks came with this version: an older server steps over them and sends whole flows. */
export const FIRST_WITH_FIELD_MASK = '1.16';

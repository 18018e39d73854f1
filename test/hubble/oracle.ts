/**
 * The reference that decode.ts is held to: proto-loader reads the bytes by
 * proto/, and what it gives is turned into a HubbleEvent here, by other means
 * than decode.ts uses.
 */
import { fileURLToPath } from 'node:url';
import { loadSync, type MessageTypeDefinition } from '@grpc/proto-loader';
import type { Endpoint, Flow, HubbleEvent, Layer4, PolicyRef } from '../../src/model.js';

interface ProtoTime {
  seconds: string;
  nanos: number;
}
interface ProtoPolicy {
  name: string;
  namespace: string;
  kind: string;
}
interface ProtoEndpoint {
  ID: number;
  identity: number;
  namespace: string;
  labels: string[];
  pod_name: string;
  cluster_name: string;
}
interface ProtoPorts {
  source_port: number;
  destination_port: number;
  flags?: Record<string, boolean> | null;
}
interface ProtoIcmp {
  type: number;
  code: number;
}
interface ProtoLayer4 {
  protocol?: 'TCP' | 'UDP' | 'ICMPv4' | 'ICMPv6' | 'SCTP';
  TCP?: ProtoPorts;
  UDP?: ProtoPorts;
  SCTP?: ProtoPorts;
  ICMPv4?: ProtoIcmp;
  ICMPv6?: ProtoIcmp;
}
interface ProtoFlow {
  time: ProtoTime | null;
  uuid: string;
  node_name: string;
  verdict: number;
  drop_reason: number;
  drop_reason_desc: number;
  IP: { source: string; destination: string } | null;
  l4: ProtoLayer4 | null;
  source: ProtoEndpoint | null;
  destination: ProtoEndpoint | null;
  event_type: { type: number; sub_type: number } | null;
  is_reply: { value: boolean } | null;
  trace_reason: number;
  traffic_direction: number;
  destination_service: { name: string } | null;
  egress_allowed_by: ProtoPolicy[];
  ingress_allowed_by: ProtoPolicy[];
  egress_denied_by: ProtoPolicy[];
  ingress_denied_by: ProtoPolicy[];
}
interface ProtoResponse {
  response_types?: 'flow' | 'node_status' | 'lost_events';
  flow?: ProtoFlow;
  node_status?: { state_change: number; node_names: string[]; message: string };
  lost_events?: {
    source: number;
    num_events_lost: string;
    cpu: { value: number } | null;
    last: ProtoTime | null;
  };
  node_name: string;
  time: ProtoTime | null;
}

const definition = loadSync('observer/observer.proto', {
  keepCase: true,
  longs: String,
  defaults: true,
  oneofs: true,
  includeDirs: [fileURLToPath(new URL('../../proto', import.meta.url))],
});
const response = definition['observer.GetFlowsResponse'] as MessageTypeDefinition<object, ProtoResponse>;

/** Bytes of a GetFlowsResponse given with the proto's field names. */
export function encode(message: object): Buffer {
  return response.serialize(message);
}

/** What proto-loader makes of the bytes. */
export function oracle(bytes: Buffer): HubbleEvent {
  let message: ProtoResponse;
  try {
    message = response.deserialize(bytes);
  } catch (error) {
    return { kind: 'unreadable', reason: error instanceof RangeError ? 'truncated' : 'malformed' };
  }
  return event(message);
}

function event(message: ProtoResponse): HubbleEvent {
  const { flow, node_status: status, lost_events: lost } = message;
  if (message.response_types === 'lost_events' && lost) {
    return {
      kind: 'lost_events',
      source:
        (['unknown', 'perf_event_ring_buffer', 'observer_events_queue', 'hubble_ring_buffer'] as const)[
          lost.source
        ] ?? 'unknown',
      count:
        BigInt(lost.num_events_lost) > BigInt(Number.MAX_SAFE_INTEGER)
          ? Number.MAX_SAFE_INTEGER
          : Number(lost.num_events_lost),
      cpu: lost.cpu === null ? undefined : lost.cpu.value,
      nodeName: message.node_name,
      time: time(message.time) ?? time(lost.last),
    };
  }
  if (message.response_types === 'node_status' && status) {
    const states = ['unknown', 'connected', 'unavailable', 'gone', 'error'] as const;
    return {
      kind: 'node_status',
      state: states[status.state_change] ?? 'unknown',
      nodeNames: status.node_names,
      message: status.message,
      time: time(message.time),
    };
  }
  if (message.response_types === 'flow' && flow) return { kind: 'flow', flow: flowOf(flow, message) };
  return { kind: 'unknown' };
}

/** What was decoded, with its uuid and its addresses as the texts that they stand for. */
export function shown(event: HubbleEvent): HubbleEvent {
  if (event.kind !== 'flow') return event;
  const { uuid, sourceIp, destinationIp } = event.flow;
  const texts = {
    uuid: String(uuid),
    sourceIp: String(sourceIp),
    destinationIp: String(destinationIp),
  };
  return { ...event, flow: { ...event.flow, ...texts } };
}

function flowOf(flow: ProtoFlow, around: ProtoResponse): Flow {
  return {
    time: time(flow.time) ?? time(around.time),
    uuid: flow.uuid,
    nodeName: flow.node_name || around.node_name,
    verdict: flow.verdict,
    dropReason: flow.drop_reason_desc || flow.drop_reason,
    sourceIp: flow.IP?.source ?? '',
    destinationIp: flow.IP?.destination ?? '',
    l4: layer4(flow.l4),
    source: endpoint(flow.source),
    destination: endpoint(flow.destination),
    eventType: flow.event_type?.type ?? 0,
    subType: flow.event_type?.sub_type ?? 0,
    isReply: flow.is_reply?.value,
    traceReason: flow.trace_reason,
    trafficDirection: flow.traffic_direction,
    destinationService: flow.destination_service?.name ?? '',
    allowedBy: [...flow.egress_allowed_by, ...flow.ingress_allowed_by].map(policy),
    deniedBy: [...flow.egress_denied_by, ...flow.ingress_denied_by].map(policy),
  };
}

function layer4(l4: ProtoLayer4 | null): Layer4 {
  const header = l4?.protocol && l4[l4.protocol];
  const protocol = (l4?.protocol ?? 'other').toLowerCase().replace(/v[46]$/, '') as Layer4['protocol'];
  if (!header) return { protocol, sourcePort: 0, destinationPort: 0, flags: 0, icmpVersion: 0 };
  if ('type' in header) {
    const icmpVersion = l4.protocol === 'ICMPv4' ? 4 : 6;
    return { protocol, sourcePort: header.type, destinationPort: header.code, flags: 0, icmpVersion };
  }
  const names = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'NS'];
  const flags = names.reduce((bits, name, i) => bits + (header.flags?.[name] ? 2 ** i : 0), 0);
  return {
    protocol,
    sourcePort: header.source_port,
    destinationPort: header.destination_port,
    flags,
    icmpVersion: 0,
  };
}

function endpoint(endpoint: ProtoEndpoint | null): Endpoint {
  return {
    id: endpoint?.ID ?? 0,
    identity: endpoint?.identity ?? 0,
    namespace: endpoint?.namespace ?? '',
    podName: endpoint?.pod_name ?? '',
    labels: endpoint?.labels ?? [],
    clusterName: endpoint?.cluster_name ?? '',
    standing: undefined,
    slot: undefined,
    side: undefined,
  };
}

function policy({ kind, namespace, name }: ProtoPolicy): PolicyRef {
  return { kind, namespace, name };
}

/** The years 1970 to 9999; what is outside is not known. */
function time(timestamp: ProtoTime | null): number | undefined {
  if (timestamp === null) return undefined;
  const seconds = BigInt(timestamp.seconds);
  const { nanos } = timestamp;
  if (seconds < 0n || seconds > 253402300799n || nanos < 0 || nanos > 999_999_999) return undefined;
  return Number(seconds) * 1000 + nanos / 1e6;
}

import { TcpFlag, type Endpoint, type Flow, type Layer4, type PolicyRef, type Protocol } from '../model.js';
import { NO_ENDPOINT } from './endpoint.js';
import type { EndpointPool } from './endpoints.js';
import {
  DROP_REASON_NUMBERS,
  TRACE_REASON_NUMBERS,
  TRAFFIC_DIRECTION_NUMBERS,
  VERDICT_NUMBERS,
} from './enums.js';
import { NO_LAYER4 } from './layer4.js';
import * as json from './protojson.js';
import { milliseconds } from './wellknown.js';

/**
 * A `flow.Flow` in protobuf's JSON. `around` is the message it stands in, which
 * may say time and node where the flow does not; the flow itself if it stands alone.
 */
export function flowFrom(flow: json.Json, around: json.Json, pool: EndpointPool): Flow {
  const ip = json.message(flow, 'IP');
  const eventType = json.message(flow, 'event_type');
  return {
    time: timeFrom(flow) ?? timeFrom(around),
    uuid: json.text(flow, 'uuid'),
    nodeName: json.text(flow, 'node_name') || json.text(around, 'node_name'),
    verdict: json.enumeration(flow, 'verdict', VERDICT_NUMBERS),
    dropReason:
      json.enumeration(flow, 'drop_reason_desc', DROP_REASON_NUMBERS) || json.uint32(flow, 'drop_reason'),
    sourceIp: json.text(ip, 'source'),
    destinationIp: json.text(ip, 'destination'),
    l4: layer4(json.message(flow, 'l4')),
    source: endpoint(json.optionalMessage(flow, 'source'), pool),
    destination: endpoint(json.optionalMessage(flow, 'destination'), pool),
    eventType: json.int32(eventType, 'type'),
    subType: json.int32(eventType, 'sub_type'),
    isReply: json.optionalBool(flow, 'is_reply'),
    traceReason: json.enumeration(flow, 'trace_reason', TRACE_REASON_NUMBERS),
    trafficDirection: json.enumeration(flow, 'traffic_direction', TRAFFIC_DIRECTION_NUMBERS),
    destinationService: json.text(json.message(flow, 'destination_service'), 'name'),
    allowedBy: [...policies(flow, 'egress_allowed_by'), ...policies(flow, 'ingress_allowed_by')],
    deniedBy: [...policies(flow, 'egress_denied_by'), ...policies(flow, 'ingress_denied_by')],
  };
}

/** Milliseconds since the epoch; undefined when absent or out of range. */
export function timeFrom(object: json.Json, name = 'time'): number | undefined {
  const timestamp = json.timestamp(object, name);
  return timestamp && milliseconds(timestamp.seconds, timestamp.nanos);
}

/** Ordered as on the wire, where the highest number counts if there is more than one. */
const HEADERS: readonly [string, Protocol, 0 | 4 | 6][] = [
  ['SCTP', 'sctp', 0],
  ['ICMPv6', 'icmp', 6],
  ['ICMPv4', 'icmp', 4],
  ['UDP', 'udp', 0],
  ['TCP', 'tcp', 0],
];

function layer4(l4: json.Json): Layer4 {
  for (const [name, protocol, icmpVersion] of HEADERS) {
    const header = json.optionalMessage(l4, name);
    if (header === undefined) continue;
    const [first, second] = icmpVersion === 0 ? ['source_port', 'destination_port'] : ['type', 'code'];
    return {
      protocol,
      sourcePort: json.uint32(header, first),
      destinationPort: json.uint32(header, second),
      flags: name === 'TCP' ? flags(json.message(header, 'flags')) : 0,
      icmpVersion,
    };
  }
  return NO_LAYER4;
}

function flags(set: json.Json): number {
  let bits = 0;
  for (const [name, bit] of Object.entries(TcpFlag)) if (json.optionalBool(set, name)) bits |= bit;
  return bits;
}

function endpoint(endpoint: json.Json | undefined, pool: EndpointPool): Endpoint {
  if (endpoint === undefined) return NO_ENDPOINT;
  return pool({
    id: json.uint32(endpoint, 'ID'),
    identity: json.uint32(endpoint, 'identity'),
    namespace: json.text(endpoint, 'namespace'),
    podName: json.text(endpoint, 'pod_name'),
    labels: json.texts(endpoint, 'labels'),
    clusterName: json.text(endpoint, 'cluster_name'),
  });
}

function policies(flow: json.Json, name: string): PolicyRef[] {
  return json.messages(flow, name).map((policy) => ({
    kind: json.text(policy, 'kind'),
    namespace: json.text(policy, 'namespace'),
    name: json.text(policy, 'name'),
  }));
}

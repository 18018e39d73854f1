/** A flow as the model says it, as Hubble's protojson: what a node's control port takes. */
import type { Endpoint, Flow, Layer4, PolicyRef } from '../../src/model.js';
import { TcpFlag } from '../../src/model.js';

/** Fields of `flow.Flow` in protojson; `more` adds or replaces whole ones. */
export function flowJson(flow: Flow, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ...(flow.time !== undefined && { time: new Date(flow.time).toISOString() }),
    uuid: flow.uuid,
    verdict: flow.verdict,
    drop_reason: flow.dropReason,
    drop_reason_desc: flow.dropReason,
    IP: { source: flow.sourceIp, destination: flow.destinationIp, ipVersion: 'IPv4' },
    l4: layer4(flow.l4),
    source: endpoint(flow.source),
    destination: endpoint(flow.destination),
    Type: 'L3_L4',
    event_type: { type: flow.eventType, sub_type: flow.subType },
    ...(flow.isReply !== undefined && { is_reply: flow.isReply }),
    trace_reason: flow.traceReason,
    traffic_direction: flow.trafficDirection,
    ...(flow.destinationService !== '' && { destination_service: { name: flow.destinationService } }),
    ingress_allowed_by: flow.allowedBy.map(policy),
    ingress_denied_by: flow.deniedBy.map(policy),
    ...more,
  };
}

function endpoint({ id, identity, namespace, podName, labels, clusterName }: Endpoint): object {
  return { ID: id, identity, namespace, pod_name: podName, labels, cluster_name: clusterName };
}

function policy({ name, namespace, kind }: PolicyRef): object {
  return { name, namespace, ...(kind !== '' && { kind }) };
}

function layer4({ protocol, sourcePort, destinationPort, flags, icmpVersion }: Layer4): object | undefined {
  const ports = { source_port: sourcePort, destination_port: destinationPort };
  switch (protocol) {
    case 'tcp':
      return { TCP: { ...ports, flags: flagNames(flags) } };
    case 'udp':
      return { UDP: ports };
    case 'sctp':
      return { SCTP: ports };
    case 'icmp':
      return { [icmpVersion === 6 ? 'ICMPv6' : 'ICMPv4']: { type: sourcePort, code: destinationPort } };
    case 'other':
      return undefined;
  }
}

function flagNames(flags: number): Record<string, true> {
  const set = Object.entries(TcpFlag).filter(([, bit]) => (flags & bit) !== 0);
  return Object.fromEntries(set.map(([name]) => [name, true]));
}

import { EventType, HubbleVerdict, TO_ENDPOINT, TraceReason, TrafficDirection } from '../model.js';
import type { Direction, Packet } from './conversations.js';
import { describedBy, type NodeSite, type Peer } from './peers.js';
import { redirects, type Decision } from './policies.js';
import {
  FlowType,
  type WireFlowBody,
  type WireInterface,
  type WireLayer4,
  type WirePolicy,
  type WireService,
} from './wire.js';

/**
 * One event of the datapath as the agent's parser turns it into a flow
 * (cilium pkg/hubble/parser/threefour, parser/seven and parser/sock, 1.19).
 */

/** `CiliumEventType.sub_type` of traces (cilium pkg/monitor/api). */
export const TracePoint = {
  TO_ENDPOINT,
  TO_PROXY: 1,
  TO_HOST: 2,
  TO_STACK: 3,
  TO_OVERLAY: 4,
  TO_NETWORK: 11,
} as const;
export type TracePointNumber = (typeof TracePoint)[keyof typeof TracePoint];

/** `trace_observation_point` of to-endpoint: 0 would read as absent. */
const OBSERVED_TO_ENDPOINT = 101;

/** One packet on its way from one peer to the other: what is common to all events about it. */
export interface Leg {
  readonly source: Peer;
  readonly destination: Peer;
  readonly l4: WireLayer4;
  readonly summary: string;
  /** The address the client believed in, where a load balancer put the source's own in its place. */
  readonly sourceXlated?: string;
}

function common(at: NodeSite, leg: Leg): Omit<WireFlowBody, 'verdict' | 'event_type'> {
  return {
    IP: {
      source: leg.source.ip,
      destination: leg.destination.ip,
      ipVersion: leg.source.ip.includes(':') ? 2 : 1,
      ...(leg.sourceXlated === undefined ? {} : { source_xlated: leg.sourceXlated }),
    },
    l4: leg.l4,
    source: describedBy(at, leg.source),
    destination: describedBy(at, leg.destination),
    Type: FlowType.L3_L4,
    node_name: at.nodeName,
    node_labels: at.labels,
    Summary: leg.summary,
  };
}

/** A packet passed `point`. Always FORWARDED, which says no more than that. */
export function traceEvent(
  at: NodeSite,
  leg: Leg,
  trace: {
    readonly point: TracePointNumber;
    readonly reason: number;
    /** The end of the leg whose program reported it. */
    readonly emitter: Peer;
    readonly proxyPort?: number;
  },
): WireFlowBody {
  const { point, reason } = trace;
  const isReply = reason === TraceReason.REPLY;
  const atDestination = trace.emitter === leg.destination;
  const device = atDestination ? leg.destination.interface : OUTGOING[point];
  return {
    ...common(at, leg),
    verdict: HubbleVerdict.FORWARDED,
    event_type: { type: EventType.TRACE, sub_type: point },
    trace_observation_point: point === TO_ENDPOINT ? OBSERVED_TO_ENDPOINT : point,
    trace_reason: reason,
    traffic_direction: traceDirection(atDestination, reason),
    ...(reason === TraceReason.UNKNOWN ? {} : { is_reply: { value: isReply } }),
    ...(device === undefined ? {} : { interface: device }),
    ...(trace.proxyPort === undefined ? {} : { proxy_port: trace.proxyPort }),
  };
}

/**
 * The direction that Cilium 1.16 and newer give a trace: EGRESS wherever a
 * packet of the connection is delivered to an endpoint, forward ones included,
 * because there the datapath fills the original address and the parser takes
 * that for source NAT (decodeTrafficDirection). Not a fact to build on; a fact
 * to be robust against.
 */
function traceDirection(atDestination: boolean, reason: number): number {
  if (reason === TraceReason.UNKNOWN) return TrafficDirection.UNKNOWN;
  const isReply = reason === TraceReason.REPLY;
  return atDestination || !isReply ? TrafficDirection.EGRESS : TrafficDirection.INGRESS;
}

/** The device a packet leaves through. */
const OUTGOING: Readonly<Record<number, WireInterface>> = {
  [TracePoint.TO_OVERLAY]: { index: 13, name: 'cilium_vxlan' },
  [TracePoint.TO_NETWORK]: { index: 2, name: 'eth0' },
};

/** Which side of a connection decided: the client's egress rules or the server's ingress rules. */
export type PolicySide = 'egress' | 'ingress';

/** What the policy of one endpoint said about the first packet of a connection, or about every packet it refused. */
export function policyVerdictEvent(
  at: NodeSite,
  leg: Leg,
  side: PolicySide,
  decision: Decision,
): WireFlowBody {
  return {
    ...common(at, leg),
    event_type: { type: EventType.POLICY_VERDICT },
    traffic_direction: side === 'egress' ? TrafficDirection.EGRESS : TrafficDirection.INGRESS,
    ...decided(side, decision),
  };
}

function decided(
  side: PolicySide,
  decision: Decision,
): Pick<WireFlowBody, 'verdict'> & Partial<WireFlowBody> {
  switch (decision.action) {
    case 'allow':
    case 'redirect':
      return {
        verdict: redirects(decision) ? HubbleVerdict.REDIRECTED : HubbleVerdict.FORWARDED,
        is_reply: { value: false },
        policy_match_type: 2,
        ...named(side, 'allowed', decision.by),
      };
    case 'audit':
      return { verdict: HubbleVerdict.AUDIT, is_reply: { value: false } };
    case 'deny':
      return {
        verdict: HubbleVerdict.DROPPED,
        drop_reason: decision.reason,
        drop_reason_desc: decision.reason,
        ...(decision.by.length === 0 ? {} : { policy_match_type: 1, ...named(side, 'denied', decision.by) }),
      };
  }
}

function named(
  side: PolicySide,
  what: 'allowed' | 'denied',
  policies: readonly WirePolicy[],
): Partial<WireFlowBody> {
  return { [`${side}_${what}_by`]: policies };
}

/** A packet that went no further. Nothing says whether it was a reply. */
export function dropEvent(at: NodeSite, leg: Leg, side: PolicySide, reason: number): WireFlowBody {
  return {
    ...common(at, leg),
    verdict: HubbleVerdict.DROPPED,
    drop_reason: reason,
    drop_reason_desc: reason,
    event_type: { type: EventType.DROP, sub_type: reason },
    traffic_direction: side === 'egress' ? TrafficDirection.EGRESS : TrafficDirection.INGRESS,
  };
}

/** `flow.SocketTranslationPoint`, forward. */
const SockPoint = { before: 1, after: 2 } as const;

/** A connect() seen by the socket load balancer: before any packet, so without source port and without policy. */
export function socketEvent(
  at: NodeSite,
  leg: Leg,
  when: 'before' | 'after',
  service?: WireService,
): WireFlowBody {
  return {
    ...common(at, leg),
    Type: FlowType.SOCK,
    verdict: when === 'before' ? HubbleVerdict.TRACED : HubbleVerdict.TRANSLATED,
    event_type: { type: EventType.SOCK, sub_type: SockPoint[when] },
    ...(service === undefined ? {} : { destination_service: service }),
  };
}

/** What the proxy logged of one message: requests from client to server, responses the other way round. */
export function accessLogEvent(
  at: NodeSite,
  leg: Leg,
  record: {
    readonly side: PolicySide;
    readonly direction: Direction;
    readonly summary: string;
    readonly verdict?: number;
  },
): WireFlowBody {
  return {
    ...common(at, leg),
    Type: FlowType.L7,
    verdict: record.verdict ?? HubbleVerdict.FORWARDED,
    event_type: { type: EventType.L7 },
    traffic_direction: record.side === 'egress' ? TrafficDirection.EGRESS : TrafficDirection.INGRESS,
    is_reply: { value: record.direction === 'reply' },
    Summary: record.summary,
  };
}

/** The parser's one-line summary of a packet's highest layer. */
export function summaryOf(protocol: 'tcp' | 'udp' | 'icmp' | 'sctp', packet: Packet): string {
  if (packet.icmp !== undefined) return `ICMPv4 ${icmpWord(packet.icmp.type)}`;
  if (protocol !== 'tcp') return protocol.toUpperCase();
  const order = ['SYN', 'ACK', 'RST', 'FIN', 'PSH'] as const;
  const flags = order.filter((flag) => packet.flags?.includes(flag));
  return `TCP Flags: ${flags.join(', ')}`;
}

function icmpWord(type: number): string {
  switch (type) {
    case 0:
      return 'EchoReply';
    case 8:
      return 'EchoRequest';
    case 3:
      return 'DestinationUnreachable(Port)';
    default:
      return String(type);
  }
}

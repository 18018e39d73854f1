import { TraceReason } from '../model.js';
import { Aggregation } from './aggregation.js';
import { dnsLookup, ping, tcpRequest, tcpUnanswered, udpExchange, type Packet } from './conversations.js';
import {
  dropEvent,
  policyVerdictEvent,
  socketEvent,
  summaryOf,
  traceEvent,
  TracePoint,
  type Leg,
  type PolicySide,
  type TracePointNumber,
} from './events.js';
import type { NodeSite, Peer } from './peers.js';
import { redirects, type Decision } from './policies.js';
import { throughDnsProxy, throughIngressProxy } from './proxied.js';
import type { Random } from './random.js';
import type { WireFlowBody, WireLayer4, WireService } from './wire.js';

/** One connection that somebody tries to open. */
export interface Attempt {
  readonly from: Peer;
  readonly to: Peer;
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'sctp';
  /** Destination port; ICMP has none. */
  readonly port?: number;
  /** Any by default. */
  readonly sourcePort?: number;
  /** What the client's egress policy says; undefined: no policy is enforced there. */
  readonly egress?: Decision;
  /** What the server's ingress policy says; undefined: no policy is enforced there. */
  readonly ingress?: Decision;
  /** The Service the client asked for; `to` is the backend it got. */
  readonly service?: WireService & { readonly ip: string };
  /** What is said; by default the ordinary thing for the protocol and the decisions. */
  readonly conversation?: readonly Packet[];
}

/** One event of a connection. */
export interface ConnectionEvent {
  /** `node_name` of the agent that reports it. */
  readonly node: string;
  /** Milliseconds after the attempt began. */
  readonly delayMs: number;
  readonly flow: WireFlowBody;
  /**
   * The script's own knowledge of what the event proves: that a packet of the
   * client's arrived at the server, or that one was refused. Most prove nothing.
   */
  readonly proves?: 'arrival' | 'denial';
}

/** What became of an attempt: the strictest of the two decisions. */
export function outcomeOf(attempt: Attempt): 'allowed' | 'audited' | 'denied' {
  const actions = [attempt.egress?.action, attempt.ingress?.action];
  if (actions.includes('deny')) return 'denied';
  return actions.includes('audit') ? 'audited' : 'allowed';
}

/**
 * Everything the agents of the two nodes report about one attempt, in order of
 * time: domain knowledge in one place. A connection is seen at each point where
 * a packet leaves an endpoint's node and where one reaches an endpoint, both
 * ways, and by each policy that has a say; it arrives at one place only.
 */
export function eventsOf(attempt: Attempt, random: Random): ConnectionEvent[] {
  const path = new Path(attempt, random);
  if (attempt.service !== undefined && attempt.from.node?.datapath.serviceTranslation === 'socket') {
    path.socketTranslation(attempt.service);
  }
  if (attempt.ingress?.action === 'redirect') throughIngressProxy(path);
  else if (attempt.egress?.action === 'redirect') throughDnsProxy(path, proxysOwn(attempt, random));
  else for (const packet of conversationOf(attempt)) path.carry(packet);
  return path.events.sort((a, b) => a.delayMs - b.delayMs);
}

/** The proxy's connection to the server: the client's rules have been applied, the server's have not. */
function proxysOwn(attempt: Attempt, random: Random): (from: Peer) => Path {
  const { egress: _, ...rest } = attempt;
  return (from) => new Path({ ...rest, from }, random);
}

function conversationOf(attempt: Attempt): readonly Packet[] {
  if (attempt.conversation !== undefined) return attempt.conversation;
  const answered = outcomeOf(attempt) !== 'denied';
  switch (attempt.protocol) {
    case 'tcp':
      return answered ? tcpRequest() : tcpUnanswered();
    case 'icmp':
      return ping({ answered });
    case 'udp':
      return attempt.port === 53 && answered ? dnsLookup() : udpExchange({ answered });
    case 'sctp':
      return udpExchange({ answered });
  }
}

/** One connection's way through the datapath of one or two nodes. */
export class Path {
  readonly attempt: Attempt;
  readonly events: ConnectionEvent[] = [];
  readonly #sourcePort: number;
  /** Between two nodes, one way. The same for all packets: those of one connection do not overtake each other. */
  readonly #latencyMs: number;
  readonly #aggregation: Aggregation;
  /** Conntrack has one entry on each side; a side knows the connection once it let a packet pass. */
  readonly #known = new Set<PolicySide>();

  constructor(attempt: Attempt, random: Random) {
    this.attempt = attempt;
    this.#latencyMs = 0.1 + 0.2 * random.next();
    this.#sourcePort = attempt.sourcePort ?? random.integer(32_768, 60_999);
    this.#aggregation = new Aggregation({ everyPacket: attempt.port === 53 });
  }

  /** One packet, from end to end or to where it is dropped. */
  carry(packet: Packet): void {
    const leg = this.leg(packet);
    const left = this.leave(packet, leg);
    if (left !== undefined) this.arrive({ ...packet, delayMs: left }, leg);
  }

  /** The packet with its addresses, in the direction it travels. */
  leg(packet: Packet): Leg {
    const { from, to, protocol, service } = this.attempt;
    const isForward = packet.direction === 'forward';
    const perPacket = from.node?.datapath.serviceTranslation === 'packet';
    return {
      source: isForward ? from : to,
      destination: isForward ? to : from,
      l4: this.#layer4(packet),
      summary: summaryOf(protocol, packet),
      // Translated back on its way in: the client sees the Service's address, the trace keeps both.
      ...(service !== undefined && perPacket && !isForward ? { sourceXlated: service.ip } : {}),
    };
  }

  /** @returns when the packet is on its way to the other side, or undefined where egress policy dropped it */
  leave(packet: Packet, leg: Leg): number | undefined {
    const { source, destination } = leg;
    const node = source.node;
    let at = packet.delayMs;
    if (node === undefined) return at + this.#latencyMs;
    if (source.kind === 'endpoint' && packet.direction === 'forward') {
      if (!this.#passes('egress', node, packet, leg)) return undefined;
      at += 0.02;
    }
    const point = pointOfLeaving(source, destination);
    if (point !== undefined) {
      const reason = source.kind === 'endpoint' ? this.#reason('egress', packet) : TraceReason.UNKNOWN;
      if (this.#aggregation.reports(`${node.nodeName}/${point}`, packet)) {
        this.emit(node, at + 0.02, traceEvent(node, leg, { point, reason, emitter: source }));
      }
    }
    if (packet.direction === 'forward') this.#known.add('egress');
    return at + 0.03 + (destination.node === node ? 0 : this.#latencyMs);
  }

  /** Delivery at the other side: to the endpoint, unless ingress policy drops the packet. */
  arrive(packet: Packet, leg: Leg): void {
    const { destination } = leg;
    const node = destination.node;
    if (node === undefined || destination.kind !== 'endpoint') return;
    const isForward = packet.direction === 'forward';
    if (isForward && !this.#passes('ingress', node, packet, leg)) return;
    const reason = this.#reason('ingress', packet);
    if (isForward) this.#known.add('ingress');
    if (!this.#aggregation.reports(`${node.nodeName}/in`, packet)) return;
    const flow = traceEvent(node, leg, { point: TracePoint.TO_ENDPOINT, reason, emitter: destination });
    const proves = isForward && packet.related !== true ? 'arrival' : undefined;
    this.emit(node, packet.delayMs + 0.02, flow, proves);
  }

  /** Delivery to the proxy in front of `side`'s endpoint, on that endpoint's node. */
  reachProxy(side: PolicySide, node: NodeSite, packet: Packet, leg: Leg): void {
    const decision = this.attempt[side];
    const isForward = packet.direction === 'forward';
    if (!redirects(decision) || (isForward && !this.#passes(side, node, packet, leg))) return;
    const reason = this.#reason(side, packet);
    if (isForward) this.#known.add(side);
    if (!this.#aggregation.reports(`${node.nodeName}/proxy`, packet)) return;
    const emitter = side === 'egress' ? this.attempt.from : this.attempt.to;
    const trace = { point: TracePoint.TO_PROXY, reason, emitter, proxyPort: decision.proxyPort };
    this.emit(node, packet.delayMs + 0.02, traceEvent(node, leg, trace));
  }

  /** connect() to a Service: reported twice on the client's node, before there is a packet. */
  socketTranslation(service: WireService & { readonly ip: string }): void {
    const { from, to, port = 0, protocol } = this.attempt;
    if (from.node === undefined) return;
    const ports = { source_port: 0, destination_port: port };
    const l4 = protocol === 'udp' ? { UDP: ports } : { TCP: ports };
    const summary = protocol === 'udp' ? 'UDP' : 'TCP';
    // Nothing has the Service's address: the agent finds no identity for it.
    const unknown = { identity: 0, labels: ['reserved:unknown'] };
    const virtual: Peer = {
      ...to,
      kind: 'outside',
      ip: service.ip,
      node: undefined,
      local: unknown,
      remote: unknown,
    };
    const named = { name: service.name, namespace: service.namespace };
    const asked: Leg = { source: from, destination: virtual, l4, summary };
    this.emit(from.node, -0.2, socketEvent(from.node, asked, 'before', named));
    this.emit(from.node, -0.1, socketEvent(from.node, { ...asked, destination: to }, 'after'));
  }

  emit(node: NodeSite, delayMs: number, flow: WireFlowBody, proves?: 'arrival' | 'denial'): void {
    this.events.push({ node: node.nodeName, delayMs, flow, ...(proves === undefined ? {} : { proves }) });
  }

  /** Asks the policy of one side, which reports its verdict on a connection's first packet and on each refusal. */
  #passes(side: PolicySide, node: NodeSite, packet: Packet, leg: Leg): boolean {
    const decision = this.attempt[side];
    if (decision === undefined || (this.#known.has(side) && decision.action !== 'deny')) return true;
    this.emit(node, packet.delayMs, policyVerdictEvent(node, leg, side, decision));
    if (decision.action !== 'deny') return true;
    this.emit(node, packet.delayMs + 0.01, dropEvent(node, leg, side, decision.reason), 'denial');
    return false;
  }

  #reason(side: PolicySide, packet: Packet): number {
    if (packet.related === true) return TraceReason.RELATED;
    if (packet.direction === 'reply') return TraceReason.REPLY;
    return this.#known.has(side) ? TraceReason.ESTABLISHED : TraceReason.NEW;
  }

  #layer4(packet: Packet): WireLayer4 {
    const { from, protocol, port = 0 } = this.attempt;
    if (packet.icmp !== undefined)
      return from.ip.includes(':') ? { ICMPv6: icmp6(packet.icmp) } : { ICMPv4: packet.icmp };
    const [source_port, destination_port] =
      packet.direction === 'forward' ? [this.#sourcePort, port] : [port, this.#sourcePort];
    const ports = { source_port, destination_port };
    switch (protocol) {
      case 'tcp':
        return {
          TCP: { ...ports, flags: Object.fromEntries((packet.flags ?? []).map((flag) => [flag, true])) },
        };
      case 'sctp':
        return { SCTP: ports };
      case 'udp':
      case 'icmp':
        return { UDP: ports };
    }
  }
}

/** Where a packet is traced as it leaves its node, if it is: between two endpoints of one node it is not. */
function pointOfLeaving(source: Peer, destination: Peer): TracePointNumber | undefined {
  const node = source.node;
  if (node === undefined) return undefined;
  const { routing, endpointRoutes } = node.datapath;
  if (destination.node === node) {
    if (source.kind === 'host') return undefined;
    return destination.kind === 'host' || endpointRoutes ? TracePoint.TO_STACK : undefined;
  }
  if (routing === 'legacy') return TracePoint.TO_STACK;
  return routing === 'tunnel' && destination.kind === 'endpoint'
    ? TracePoint.TO_OVERLAY
    : TracePoint.TO_NETWORK;
}

/** Echo and unreachable, in ICMPv6's numbers (RFC 4443). */
function icmp6(icmp: { readonly type: number; readonly code: number }): { type: number; code: number } {
  const types: Readonly<Record<number, { type: number; code: number }>> = {
    0: { type: 129, code: 0 },
    8: { type: 128, code: 0 },
    3: { type: 1, code: 4 },
  };
  return types[icmp.type] ?? icmp;
}

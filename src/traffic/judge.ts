/**
 * What does this flow tell? One rule a line, first match wins.
 *
 * Facts: Cilium pkg/hubble/parser/threefour/parser.go (who sets verdict and
 * is_reply), bpf/lib/trace.h (observation points), pkg/monitor/api/types.go
 * (message types). `traffic_direction` is never asked: since Cilium 1.16 the
 * parser says EGRESS for every forward trace at to-endpoint, because the
 * datapath always fills orig_ip there.
 */
import { EventType, HubbleVerdict, TO_ENDPOINT, TraceReason, type EventWord, type Flow } from '../model.js';

/**
 * `flow.DropReason` numbers that mean "a policy said no" (api/v1/flow/flow.proto):
 * default deny, an explicit deny rule, and mutual authentication not established.
 * Every other drop (stale address, no route …) is no decision about the tenant.
 */
const POLICY_DROPS: ReadonlySet<number> = new Set([133, 181, 189]);

/**
 * ICMP messages that answer somebody else's packet (RFC 792, RFC 4443): an error
 * travels from the host that was contacted to the one that made contact, so
 * counting it would report a crossing in the wrong direction. Needed only where
 * `trace_reason` is missing (Cilium before 1.16); newer ones say RELATED.
 */
const ICMP4_ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);
const ICMP6_ERRORS: ReadonlySet<number> = new Set([1, 2, 3, 4]);

/** Total: every flow is exactly one word. */
export function judge(flow: Flow): EventWord {
  switch (flow.eventType) {
    case EventType.TRACE:
      return flow.subType === TO_ENDPOINT ? judgeToEndpoint(flow) : 'transit';
    case EventType.DROP:
      if (flow.verdict !== HubbleVerdict.DROPPED) return 'other';
      return POLICY_DROPS.has(flow.dropReason) ? 'denial' : 'drop';
    case EventType.POLICY_VERDICT:
      return 'policy_verdict';
    case EventType.SOCK:
      return 'socket';
    case EventType.L7:
      return 'l7';
    default:
      return 'other';
  }
}

/** A packet handed to its destination's endpoint, after that endpoint's ingress policy has let it pass. */
function judgeToEndpoint(flow: Flow): EventWord {
  if (flow.verdict !== HubbleVerdict.FORWARDED) return 'other';
  if (flow.traceReason === TraceReason.RELATED) return 'related';
  if (flow.isReply === undefined) return 'undirected';
  if (flow.isReply) return 'reply';
  if (flow.traceReason === TraceReason.UNKNOWN && isIcmpError(flow)) return 'related';
  return 'arrival';
}

/** An answer to somebody else's packet, where `trace_reason` does not say so. */
export function isIcmpError({ l4 }: Flow): boolean {
  if (l4.icmpVersion === 4) return ICMP4_ERRORS.has(l4.sourcePort);
  if (l4.icmpVersion === 6) return ICMP6_ERRORS.has(l4.sourcePort);
  return false;
}

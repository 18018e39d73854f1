/**
 * Connections of pods to what has no endpoint of its own: the world, a node, the
 * API server. They never arrive at a to-endpoint, so they are told by where they
 * leave. For asking policies about them only: what counts as traffic is the
 * judge's word, and this changes nothing of it.
 */
import {
  EventType,
  HubbleVerdict,
  TraceReason,
  TrafficDirection,
  type Endpoint,
  type Flow,
  type Verdict,
} from '../model.js';
import { isIcmpError } from './judge.js';

/** to-host, to-stack, to-overlay, to-network (cilium pkg/monitor/api/types.go): after the source's egress policy. */
const LEAVING: ReadonlySet<number> = new Set([2, 3, 4, 11]);

/** @returns what became of it at its source; undefined where the flow tells of no such connection */
export function departure(flow: Flow): Verdict | undefined {
  if (!isPod(flow.source) || isPod(flow.destination)) return undefined;
  if (flow.eventType === EventType.TRACE) return traced(flow);
  // Of verdicts the direction can be trusted (pkg/hubble/parser/threefour/parser.go).
  if (flow.eventType !== EventType.POLICY_VERDICT || flow.trafficDirection !== TrafficDirection.EGRESS)
    return undefined;
  switch (flow.verdict) {
    case HubbleVerdict.FORWARDED:
    case HubbleVerdict.REDIRECTED:
      return 'allowed';
    case HubbleVerdict.AUDIT:
      return 'audited';
    default:
      return undefined; // what is denied has a drop event as well
  }
}

function traced(flow: Flow): Verdict | undefined {
  const opened =
    LEAVING.has(flow.subType) &&
    flow.isReply === false &&
    flow.traceReason !== TraceReason.RELATED &&
    !isIcmpError(flow);
  return opened ? 'allowed' : undefined;
}

function isPod({ namespace, podName, labels }: Endpoint): boolean {
  return namespace !== '' || podName !== '' || labels.some((label) => label.startsWith('k8s:'));
}

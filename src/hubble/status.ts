import type { HubbleEvent, LostEventSource, NodeState } from '../model.js';
import type { StringTable } from './strings.js';
import { readTimestamp, readWrapped } from './wellknown.js';
import type { Wire } from './wire.js';

/** `relay.NodeStatusEvent` itself: its time stands in the message around it. */
type NodeStatus = Omit<Extract<HubbleEvent, { kind: 'node_status' }>, 'time'>;
type LostEvents = Extract<HubbleEvent, { kind: 'lost_events' }>;
/** What `flow.LostEvent` itself says: node and time stand in the message around it. */
export type Loss = Pick<LostEvents, 'source' | 'count' | 'cpu'> & { readonly last: number | undefined };

/** How deep both messages stand in a GetFlowsResponse. */
const DEPTH = 1;

const NODE_STATES: readonly NodeState[] = ['unknown', 'connected', 'unavailable', 'gone', 'error'];

/** The word for a `relay.NodeState`; a newer relay's number is `unknown`. */
export function nodeState(number: number): NodeState {
  return NODE_STATES[number] ?? 'unknown';
}

const LOST_EVENT_SOURCES: readonly LostEventSource[] = [
  'unknown',
  'perf_event_ring_buffer',
  'observer_events_queue',
  'hubble_ring_buffer',
];

/** The word for a `flow.LostEventSource`; a newer server's number is `unknown`. */
export function lostEventSource(number: number): LostEventSource {
  return LOST_EVENT_SOURCES[number] ?? 'unknown';
}

/** `relay.NodeStatusEvent` */
export function readNodeStatus(wire: Wire, names: StringTable): NodeStatus {
  const outer = wire.enter();
  let state = 0;
  const nodeNames: string[] = [];
  let message = '';
  while (wire.pos < wire.end) {
    const tag = wire.uint32();
    const field = tag >>> 3;
    if (field === 1) state = wire.int32();
    else if (field === 2) nodeNames.push(names.next(wire));
    else if (field === 3) message = wire.string();
    else wire.skip(tag & 7, DEPTH);
  }
  wire.leave(outer);
  return { kind: 'node_status', state: nodeState(state), nodeNames, message };
}

/** `flow.LostEvent` */
export function readLoss(wire: Wire): Loss {
  const outer = wire.enter();
  let source = 0;
  let count = 0;
  let cpu: number | undefined;
  let last: number | undefined;
  while (wire.pos < wire.end) {
    const tag = wire.uint32();
    switch (tag >>> 3) {
      case 1:
        source = wire.int32();
        break;
      case 2:
        count = readCount(wire);
        break;
      case 3:
        cpu = readWrapped(wire, DEPTH + 1);
        break;
      case 4: // first
        readTimestamp(wire, DEPTH + 1);
        break;
      case 5:
        last = readTimestamp(wire, DEPTH + 1);
        break;
      default:
        wire.skip(tag & 7, DEPTH);
    }
  }
  wire.leave(outer);
  return { source: lostEventSource(source), count, cpu, last };
}

/** A uint64 as a number; what does not fit is as good as the largest that does. */
function readCount(wire: Wire): number {
  wire.long();
  return Math.min(wire.high * 0x1_0000_0000 + wire.low, Number.MAX_SAFE_INTEGER);
}

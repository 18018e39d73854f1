import { GrpcCode, GrpcError, type Status } from './call.js';
import { fieldMask, isOlder, type FieldMask } from './fieldmask.js';
import { flowPredicate, type FlowPredicate } from './filters.js';
import { codecs, type GetFlowsRequest } from './messages.js';
import type { Ring } from './ring.js';
import { FIRST_WITH_FIELD_MASK } from './versions.js';
import { LostSource, msOf, wireTime, type WireFlow, type WireLostEvent } from './wire.js';

/** What a node's ring holds. */
export type RingEvent =
  | { readonly kind: 'flow'; readonly time: number; readonly flow: WireFlow }
  | { readonly kind: 'lost'; readonly time: number; readonly lost: WireLostEvent };

/** One message of a GetFlows stream, ready to be sent. */
export interface FlowsMessage {
  /** By which a relay sorts: 0 where the mask left the time out. */
  readonly time: number;
  readonly bytes: Buffer;
}

/** `wait`: nothing for now. A status: the stream is over. */
export type NextMessage = FlowsMessage | 'wait' | Status;

/** A stream of messages that is pulled, so that a client who stops reading stops its source. */
export interface FlowsReader {
  next(): NextMessage;
  close(): void;
}

/** Lost events are summed this long before they are sent (cilium pkg/hubble/defaults, 1.19). */
const LOST_EVENT_INTERVAL_MS = 1000;

export interface ReaderContext {
  readonly ring: Ring<RingEvent>;
  readonly nodeName: string;
  /** Cilium's: '1.19.4'. */
  readonly version: string;
  readonly now: () => number;
}

/**
 * One GetFlows call on one node: where it starts in the ring, what it lets
 * through, where it ends (cilium pkg/hubble/observer/local_observer.go).
 */
export class RingReader implements FlowsReader {
  readonly #context: ReaderContext;
  readonly #request: GetFlowsRequest;
  readonly #passes: FlowPredicate;
  readonly #mask: FieldMask | undefined;
  readonly #since: number | undefined;
  readonly #until: number | undefined;
  #position: number;
  #delivered = 0;
  #overwritten: { count: number; readonly first: number; last: number } | undefined;

  /** @throws GrpcError or Error for a request that Hubble refuses */
  constructor(context: ReaderContext, request: GetFlowsRequest) {
    if (request.first === true && request.follow === true) {
      throw new GrpcError(GrpcCode.INVALID_ARGUMENT, 'first cannot be specified with follow');
    }
    this.#context = context;
    this.#request = request;
    this.#passes = flowPredicate(request.whitelist, request.blacklist);
    this.#since = request.since === undefined ? undefined : msOf(request.since);
    this.#until = request.until === undefined ? undefined : msOf(request.until);
    this.#position = this.#start();
    this.#mask = maskFor(request, context.version);
  }

  next(): NextMessage {
    const { number = 0, follow = false } = this.#request;
    for (;;) {
      const summed = this.#summedLoss();
      if (summed !== undefined) return summed;
      if (!follow && number > 0 && this.#delivered >= number) return { code: GrpcCode.OK };
      const read = this.#context.ring.read(this.#position);
      if (read === 'ahead') return follow ? 'wait' : { code: GrpcCode.OK };
      this.#position++;
      const message = read === 'overwritten' ? this.#overwrittenSlot() : this.#message(read.event);
      if (message !== undefined) return message;
    }
  }

  close(): void {
    // A reader holds no more than its position.
  }

  /** @returns what to send for the event; undefined: it does not match; a status: past the end */
  #message(event: RingEvent): FlowsMessage | Status | undefined {
    // Losses pass every filter and every range: nobody asks for them, everybody has to know.
    if (event.kind === 'lost') return this.#lost(event.lost, event.time);
    if (this.#until !== undefined && event.time > this.#until) return { code: GrpcCode.OK };
    if (this.#since !== undefined && event.time < this.#since) return undefined;
    if (!this.#passes(event.flow)) return undefined;
    this.#delivered++;
    // The response's own time and node name come from the masked flow: what is not asked for is not there either.
    const flow = (this.#mask?.apply(event.flow) ?? event.flow) as Partial<WireFlow>;
    const { time, node_name } = flow;
    const bytes = codecs().getFlows.encode({
      flow: flow,
      ...(node_name === undefined ? {} : { node_name }),
      ...(time === undefined ? {} : { time }),
    });
    return { time: time === undefined ? 0 : event.time, bytes };
  }

  /** The writer was faster. Newer agents sum such slots for a second, older ones report each. */
  #overwrittenSlot(): FlowsMessage | undefined {
    const now = this.#context.now();
    if (isOlder(this.#context.version, '1.19')) {
      return this.#lost({ source: LostSource.HUBBLE_RING_BUFFER, num_events_lost: 1 }, now);
    }
    this.#overwritten ??= { count: 0, first: now, last: now };
    this.#overwritten.count++;
    this.#overwritten.last = now;
    return undefined;
  }

  /** Looked at before each event only: on a quiet node the sum waits for the next one. */
  #summedLoss(): FlowsMessage | undefined {
    const sum = this.#overwritten;
    const now = this.#context.now();
    if (sum === undefined || now - sum.first < LOST_EVENT_INTERVAL_MS) return undefined;
    this.#overwritten = undefined;
    const lost = {
      source: LostSource.HUBBLE_RING_BUFFER,
      num_events_lost: sum.count,
      first: wireTime(sum.first),
      last: wireTime(sum.last),
    };
    return this.#lost(lost, now);
  }

  #lost(lost: WireLostEvent, time: number): FlowsMessage {
    const node_name = this.#context.nodeName;
    return { time, bytes: codecs().getFlows.encode({ lost_events: lost, node_name, time: wireTime(time) }) };
  }

  /**
   * Where to begin: the oldest event for `first`, the live end for a plain
   * follow, else as far back as `since` or `number` demand. `since` wins.
   */
  #start(): number {
    const { ring } = this.#context;
    const { number = 0, follow = false, first = false } = this.#request;
    if (first && this.#since === undefined) return ring.oldest();
    const live = ring.newest();
    if (follow && number === 0 && this.#since === undefined) return live;
    let position = live;
    let matching = 0;
    for (let left = ring.size; left > 0; left--, position--) {
      const read = position < 0 ? 'overwritten' : ring.read(position);
      if (typeof read === 'string') return position + 1;
      if (read.event.kind === 'lost' || !this.#passes(read.event.flow)) continue;
      matching++;
      if (this.#since === undefined) {
        if (matching === number) return position;
      } else if (read.event.time < this.#since) {
        return position + 1;
      }
    }
    // One too far: on a full ring the reader's first finding is a slot that was overwritten.
    return position;
  }
}

function maskFor(request: GetFlowsRequest, version: string): FieldMask | undefined {
  const paths = request.field_mask?.paths ?? [];
  if (isOlder(version, FIRST_WITH_FIELD_MASK)) return undefined;
  const mask = fieldMask(paths, version);
  return paths.length === 0 ? undefined : mask;
}

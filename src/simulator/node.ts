import { TrafficDirection, EventType } from '../model.js';
import { GrpcCode, type Status } from './call.js';
import { isOlder } from './fieldmask.js';
import type { GetFlowsRequest, ServerStatusResponse } from './messages.js';
import type { NodeSite } from './peers.js';
import { RingReader, type FlowsReader, type NextMessage, type RingEvent } from './reader.js';
import { Ring } from './ring.js';
import { FLOW_FIELDS } from './versions.js';
import { LostSource, msOf, type WireFlow } from './wire.js';

export interface NodeOptions {
  readonly site: NodeSite;
  /** 2^n - 1; Hubble's default is 4095. */
  readonly ringCapacity?: number;
  /** Cilium's, such as '1.19.4': decides about masks, losses and which fields flows have. */
  readonly version?: string;
  readonly now: () => number;
}

/** `up`: serves. `down`: no process. `frozen`: a process that neither answers nor observes. */
export type NodeState = 'up' | 'down' | 'frozen';

/** How a reader's stream ends when its agent stops. */
export const StreamEnd = {
  /** The process is gone: an error, after which a relay comes back. */
  broken: { code: GrpcCode.UNAVAILABLE, message: 'error reading from server: EOF' },
  /** A clean end: a relay takes the node for done, and never asks it again in this stream. */
  clean: { code: GrpcCode.OK },
  /** As clean, to a relay. */
  cancelled: { code: GrpcCode.CANCELLED, message: 'grpc: the client connection is closing' },
} as const satisfies Readonly<Record<string, Status>>;

/** Hubble inside one node's Cilium agent: it observes, remembers, and serves what it remembers. */
export class HubbleNode {
  readonly site: NodeSite;
  readonly version: string;
  readonly #capacity: number;
  readonly #now: () => number;
  readonly #open = new Set<OpenReader>();
  readonly #thawed: (() => void)[] = [];
  #ring: Ring<RingEvent>;
  #state: NodeState = 'up';
  #startedAt: number;
  #seen = 0;
  #missedWhileFrozen = 0;

  constructor(options: NodeOptions) {
    this.site = options.site;
    this.version = options.version ?? '1.19.4';
    this.#capacity = options.ringCapacity ?? 4095;
    this.#now = options.now;
    this.#startedAt = options.now();
    this.#ring = new Ring(this.#capacity);
  }

  get state(): NodeState {
    return this.#state;
  }

  /** The name by which flows and relays know it. */
  get name(): string {
    return this.site.nodeName;
  }

  /**
   * Observes one flow.
   *
   * @returns whether it reached the ring: a dead agent sees nothing, and a frozen one reports later how much it missed
   */
  observe(flow: WireFlow): boolean {
    if (this.#state === 'frozen') this.#missedWhileFrozen++;
    if (this.#state !== 'up') return false;
    this.#seen++;
    this.#write({ kind: 'flow', time: msOf(flow.time), flow: asSeenBy(this.version, flow) });
    return true;
  }

  /** Events that the kernel could not hand over to the agent. */
  lose(count: number, source: number = LostSource.PERF_EVENT_RING_BUFFER, cpu = 0): void {
    if (this.#state !== 'up') return;
    this.#write({
      kind: 'lost',
      time: this.#now(),
      lost: { source, num_events_lost: count, cpu: { value: cpu } },
    });
  }

  /**
   * @param wake called when there may be something to read, or the stream is over
   * @throws where Hubble refuses the request
   */
  read(request: GetFlowsRequest, wake: () => void): FlowsReader {
    const context = { ring: this.#ring, nodeName: this.name, version: this.version, now: this.#now };
    const reader = new OpenReader(new RingReader(context, request), wake, this);
    this.#open.add(reader);
    reader.onClose = () => this.#open.delete(reader);
    return reader;
  }

  /** How many GetFlows calls are open. */
  get readers(): number {
    return this.#open.size;
  }

  status(): ServerStatusResponse {
    return {
      version: `cilium v${this.version}`,
      max_flows: this.#ring.capacity,
      num_flows: this.#ring.size,
      seen_flows: this.#seen,
      uptime_ns: Math.round((this.#now() - this.#startedAt) * 1e6),
    };
  }

  /** Resolves when the node answers: at once unless it is frozen. */
  async responsive(): Promise<void> {
    if (this.#state !== 'frozen') return;
    await new Promise<void>((resolve) => this.#thawed.push(resolve));
  }

  /** The agent stops. What it remembered is gone with it. */
  kill(end: Status = StreamEnd.broken): void {
    this.#state = 'down';
    for (const reader of [...this.#open]) reader.finish(end);
    this.#ring = new Ring(this.#capacity);
  }

  /** The agent starts, knowing nothing. */
  start(): void {
    this.#state = 'up';
    this.#startedAt = this.#now();
    this.#seen = 0;
    this.#missedWhileFrozen = 0;
  }

  freeze(): void {
    this.#state = 'frozen';
  }

  /** Goes on; what the kernel's buffer could not hold in the meantime is reported as lost. */
  thaw(): void {
    this.#state = 'up';
    if (this.#missedWhileFrozen > 0) this.lose(this.#missedWhileFrozen);
    this.#missedWhileFrozen = 0;
    for (const answer of this.#thawed.splice(0)) answer();
    this.#wakeAll();
  }

  #write(event: RingEvent): void {
    this.#ring.write(event);
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const reader of this.#open) reader.wake();
  }
}

/** A reader that the node can silence or end. */
class OpenReader implements FlowsReader {
  readonly #inner: RingReader;
  readonly wake: () => void;
  readonly #node: HubbleNode;
  onClose: () => void = () => undefined;
  #end: Status | undefined;

  constructor(inner: RingReader, wake: () => void, node: HubbleNode) {
    this.#inner = inner;
    this.wake = wake;
    this.#node = node;
  }

  next(): NextMessage {
    if (this.#end !== undefined) return this.#end;
    return this.#node.state === 'frozen' ? 'wait' : this.#inner.next();
  }

  finish(end: Status): void {
    this.#end = end;
    this.close();
    this.wake();
  }

  close(): void {
    this.onClose();
  }
}

/** The same event as an agent of an older Cilium reports it. */
function asSeenBy(version: string, flow: WireFlow): WireFlow {
  if (!isOlder(version, '1.19')) return flow;
  const known = Object.entries(flow).filter(([name]) => !isOlder(version, FLOW_FIELDS[name]?.since ?? '0'));
  const older = Object.fromEntries(known) as unknown as WireFlow;
  if (!isOlder(version, '1.16')) return older;
  return {
    ...older,
    source: withoutCluster(flow.source),
    destination: withoutCluster(flow.destination),
    ...directionBefore116(flow),
  };
}

function withoutCluster(endpoint: WireFlow['source']): WireFlow['source'] {
  const { cluster_name: _, ...rest } = endpoint;
  return rest;
}

/** Before 1.16 a trace at the destination said INGRESS, as one would expect. */
function directionBefore116(flow: WireFlow): Partial<WireFlow> {
  const arrives = flow.event_type.type === EventType.TRACE && flow.trace_observation_point === 101;
  return arrives && flow.is_reply?.value === false ? { traffic_direction: TrafficDirection.INGRESS } : {};
}

import type { NodeReport } from './connection.js';
import { type Gap, missing } from './coverage.js';
import type { Fingerprint } from './fingerprint.js';
import { Pulse } from './pulse.js';
import { SeenEvents } from './seen.js';

/** Label values of `crosstalk_nodes{state}`. `silent`: connected, but flows that it has do not reach us. */
export const NODE_STATES = ['connected', 'unavailable', 'error', 'silent'] as const;
export type NodeWatch = (typeof NODE_STATES)[number];

/** Hubble's ring unless configured otherwise (pkg/hubble/observer/observeroption/defaults.go, 1.19). */
const DEFAULT_RING = 4_095;
/** Nodes that are told apart; Kubernetes supports 5,000. A server that invents names without end must not fill the memory. */
const MOST_NODES = 10_000;

/** What a node said of itself, and when. */
export interface Heard {
  readonly at: number;
  /** When its Hubble started, by our clock, at the latest; undefined when it did not say. */
  readonly startedAt: number | undefined;
  /** How much earlier that may have been: a relay answers when its slowest node has. */
  readonly doubtMs: number;
  readonly report: NodeReport;
}

/** A flow that a node's ring holds and that has not reached us. */
export interface Awaited {
  readonly key: Fingerprint;
  /** By the node's clock. */
  readonly time: number;
}

/** One node, as far as its flows are concerned. */
export interface NodeRecord {
  readonly name: string;
  state: NodeWatch;
  /** Whether it is part of the present stream. */
  attached: boolean;
  /** When it was last found to be there again, having been away: the relay has yet to open it. Our clock. */
  availableAt: number;
  readonly seen: SeenEvents;
  readonly pulse: Pulse;
  /** Events that Hubble says it lost, all sources together. */
  lostEvents: number;
  heard: Heard | undefined;
  /** Places in its ring; undefined before it said so. */
  ringSize: number | undefined;
  /** Last time, by our clock, that everything it had for us is known to have reached us. */
  proof: number;
  gap: Gap | undefined;
  /** Latest judged flow in its ring when it was last looked at, and not known to us: it may still arrive. */
  awaited: Awaited | undefined;
  /** The relay does not list it, since then; undefined: it does. */
  unlistedSince: number | undefined;
  /** How often the stream was opened anew because of it, without its flows coming; and when that may be tried again. */
  recycles: number;
  recycleAfter: number;
}

/** What the cursor keeps of a node. */
export interface Inherited {
  /** Highest flow time delivered, and up to when everything was: both by the node's clock. */
  readonly mark: number;
  readonly coveredUntil: number;
}

/** In steps, so that in a large cluster not every new node makes all memories smaller by a little. */
function roundDown(share: number): number {
  return share < 256 ? Math.max(1, Math.floor(share)) : Math.floor(share / 256) * 256;
}

/**
 * The nodes that flows come from, and how much memory each may use to tell
 * re-reads apart: as much as its ring has places, as long as all together stay
 * under the capacity; else equal shares of it.
 */
export class Nodes {
  private readonly byName = new Map<string, NodeRecord>();
  private readonly capacity: number;
  private share: number;
  private last: NodeRecord | undefined;
  /** When all nodes were last listed, or the start: a node first seen later is covered from then on. */
  knownUntil: number;

  /** @param capacity fingerprints kept for all nodes together */
  constructor(capacity: number, startedAt: number) {
    this.capacity = capacity;
    this.share = capacity;
    this.knownUntil = startedAt;
  }

  [Symbol.iterator](): IterableIterator<NodeRecord> {
    return this.byName.values();
  }

  get size(): number {
    return this.byName.size;
  }

  /** Hot: the record of a name, made on first sight. */
  get(name: string, now: number, inherited?: Inherited): NodeRecord {
    if (this.last?.name === name) return this.last;
    const known = this.byName.get(name);
    if (known === undefined && this.byName.size >= MOST_NODES && name !== '') return this.get('', now);
    this.last = known ?? this.add(name, now, inherited);
    return this.last;
  }

  find(name: string): NodeRecord | undefined {
    return this.byName.get(name);
  }

  remove(name: string): void {
    this.byName.delete(name);
    if (this.last?.name === name) this.last = undefined;
    this.divide();
  }

  /** Keeps what a node said of itself between `asked` and `at`, and fits its memory to its ring. */
  hear(record: NodeRecord, report: NodeReport, { asked, at }: { asked: number; at: number }): void {
    const startedAt = report.uptimeMs > 0 ? at - report.uptimeMs : undefined;
    record.heard = { at, startedAt, doubtMs: at - asked, report };
    // Of a node that cannot be reached the relay says 0: its ring is still what it was.
    if (report.maxFlows > 0) record.ringSize = report.maxFlows;
    this.fit(record);
  }

  /** Nodes by state; while the stream is down no flow can reach us from any. */
  counts(streaming: boolean): Record<NodeWatch, number> {
    const counts: Record<NodeWatch, number> = { connected: 0, unavailable: 0, error: 0, silent: 0 };
    for (const { name, state } of this) if (name !== '') counts[streaming ? state : 'unavailable'] += 1;
    return counts;
  }

  private add(name: string, now: number, inherited?: Inherited): NodeRecord {
    const record: NodeRecord = {
      name,
      state: 'unavailable',
      attached: false,
      availableAt: -Infinity,
      seen: new SeenEvents(Math.min(this.share, DEFAULT_RING), inherited?.mark),
      pulse: new Pulse(now),
      lostEvents: 0,
      heard: undefined,
      ringSize: undefined,
      // That it is there is no proof that anything of it has reached us.
      proof: inherited?.coveredUntil ?? this.knownUntil,
      gap: undefined,
      awaited: undefined,
      unlistedSince: undefined,
      recycles: 0,
      recycleAfter: -Infinity,
    };
    // Flows without a node's name (before Cilium 1.10, or a mask that dropped it) belong to nobody's coverage.
    if (inherited !== undefined) missing(record, 'crosstalk_restarted', inherited.coveredUntil, now);
    else if (name !== '') missing(record, 'first_start', this.knownUntil, now);
    this.byName.set(name, record);
    this.divide();
    return record;
  }

  private divide(): void {
    const share = roundDown(this.capacity / Math.max(1, this.byName.size));
    if (share === this.share) return;
    this.share = share;
    for (const record of this) this.fit(record);
  }

  private fit(record: NodeRecord): void {
    const { ringSize } = record;
    record.seen.fit(Math.min(this.share, ringSize ?? DEFAULT_RING), ringSize);
  }
}

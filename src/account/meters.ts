/**
 * What the daemon says of itself, in plain numbers. Written by observe.ts only,
 * read by families.ts. Everything whose labels are known in advance starts at 0,
 * so that Prometheus sees the series before the first incident.
 */
import { EVIDENCE, type Evidence, type LostEventSource } from '../model.js';

export const LOST_EVENT_SOURCES: readonly LostEventSource[] = [
  'perf_event_ring_buffer',
  'observer_events_queue',
  'hubble_ring_buffer',
  'unknown',
];

/** Seconds. From a healthy relay's sort buffer (below 2 s) to a re-read after an outage. */
export const LAG_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600] as const;

export interface LagHistogram {
  /** One count for each of LAG_BUCKETS, not cumulative, then one for what is beyond the last. */
  readonly counts: number[];
  sum: number;
}

/** `limit`: more violations than are kept; `refused`: an Alertmanager will not take it. */
export const DROP_REASONS = ['limit', 'refused'] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export interface Meters {
  duplicateFlows: number;
  hubbleUp: boolean;
  readonly streamsEnded: Map<string, number>;
  readonly nodes: Map<string, number>;
  readonly lostEvents: Map<LostEventSource, number>;
  blindSeconds: number;
  readonly lag: LagHistogram;
  /** Milliseconds since the epoch; 0 before the first flow. */
  lastFlowAt: number;
  readonly attributed: Map<Evidence, number>;
  attributionConflicts: number;
  /** Posts by Alertmanager, then by result. */
  readonly alertmanagerPosts: Map<string, Map<string, number>>;
  readonly alertsDropped: Map<DropReason, number>;
  configReloadOk: boolean;
  /** Milliseconds since the epoch. */
  configReloadedAt: number;
}

/** Label values that are known in advance. */
interface ClosedSets {
  /** Why a stream ends. */
  readonly endReasons: readonly string[];
  /** What a node can be. */
  readonly nodeStates: readonly string[];
  /** Where alerts are posted to, and what can come of a post. */
  readonly alertmanagers?: readonly string[];
  readonly postResults?: readonly string[];
}

/** @param now milliseconds since the epoch: the configuration was read now */
export function createMeters(closedSets: ClosedSets, now: number): Meters {
  const { alertmanagers = [], postResults = [] } = closedSets;
  return {
    duplicateFlows: 0,
    hubbleUp: false,
    streamsEnded: zeros(closedSets.endReasons),
    nodes: zeros(closedSets.nodeStates),
    lostEvents: zeros(LOST_EVENT_SOURCES),
    blindSeconds: 0,
    lag: { counts: new Array<number>(LAG_BUCKETS.length + 1).fill(0), sum: 0 },
    lastFlowAt: 0,
    attributed: zeros(EVIDENCE),
    attributionConflicts: 0,
    alertmanagerPosts: new Map(alertmanagers.map((alertmanager) => [alertmanager, zeros(postResults)])),
    alertsDropped: zeros(DROP_REASONS),
    configReloadOk: true,
    configReloadedAt: now,
  };
}

/** Adds one flow's lag; a negative one (the node's clock is ahead of ours) counts as none. */
export function addLag(lag: LagHistogram, seconds: number): void {
  const positive = Math.max(0, seconds);
  let bucket = 0;
  while (bucket < LAG_BUCKETS.length && positive > (LAG_BUCKETS[bucket] ?? Infinity)) bucket += 1;
  lag.counts[bucket] = (lag.counts[bucket] ?? 0) + 1;
  lag.sum += positive;
}

export function increment<Key>(counts: Map<Key, number>, key: Key, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function zeros<Key extends string>(keys: readonly Key[]): Map<Key, number> {
  return new Map(keys.map((key) => [key, 0]));
}

/**
 * The counters of traffic, in plain maps: the stream adds, a scrape reads.
 *
 * The number of tenant pairs is bounded, because tenants come and go and a scrape
 * that exceeds Prometheus' sample limit fails as a whole: whoever could grow our
 * series could switch our alerts off. Updates for pairs beyond the bound are
 * counted under `__overflow__`, so totals stay true. The two families have a
 * bound each: ordinary pairs (a tenant with itself, platform, world) can never
 * push a crossing out.
 */
import {
  EVENT_WORDS,
  RELATIONS,
  VERDICTS,
  type Crossing,
  type EventWord,
  type Party,
  type Protocol,
  type Relation,
  type Verdict,
} from '../model.js';
import { Counts } from './counts.js';
import { type Pair, Pairs, Sides } from './pairs.js';

export interface FlowCell {
  readonly source: string;
  readonly destination: string;
  readonly relation: Relation;
  readonly verdict: Verdict;
  count: number;
}

export interface ConnectionCell {
  readonly source: string;
  readonly destination: string;
  readonly verdict: Verdict;
  readonly protocol: Protocol;
  readonly expected: boolean;
  count: number;
}

/** By pair, verdict and expectation only: the last-seen family does not tell protocols apart. */
export interface SeenCell {
  readonly source: string;
  readonly destination: string;
  readonly verdict: Verdict;
  readonly expected: boolean;
  /** Milliseconds since the epoch of the last event of any such connection. */
  lastSeen: number;
}

export type LedgerFamily = 'crosstalk_tenant_flows_total' | 'crosstalk_cross_tenant_connections_total';

export interface Ledger {
  event(word: EventWord): void;
  tenantFlow(source: Party, destination: Party, relation: Relation, verdict: Verdict): void;
  crossing(crossing: Crossing): void;
  readonly events: ReadonlyMap<EventWord, number>;
  readonly overflows: ReadonlyMap<LedgerFamily, number>;
  /** Pairs of tenants with series of their own in the family of connections. */
  readonly pairs: number;
  flows(): Iterable<FlowCell>;
  connections(): Iterable<ConnectionCell>;
  seen(): Iterable<SeenCell>;
}

/** What is counted of a pair in the families of connections: their pairs are the same. */
interface Connected {
  readonly connections: ConnectionCell[];
  readonly seen: SeenCell[];
}

/** A cell of flows, and the number of the counter that it is told before it is shown. */
interface Counted {
  readonly cell: FlowCell;
  readonly at: number;
}

/** Stands for both sides of all pairs that there is no room for. */
const BEYOND = -1;

/** @param tenantPairs most pairs of each family (`limits.tenantPairs`) */
export function createLedger(tenantPairs: number): Ledger {
  const events = new Map<EventWord, number>(EVENT_WORDS.map((word) => [word, 0]));
  const sides = new Sides();
  const flowPairs = new Pairs(sides, tenantPairs, (): Counted[] => []);
  const flowCounts = new Counts();
  const connectionPairs = new Pairs(sides, tenantPairs, (): Connected => ({ connections: [], seen: [] }));
  const overflows = new Map<LedgerFamily, number>([
    ['crosstalk_tenant_flows_total', 0],
    ['crosstalk_cross_tenant_connections_total', 0],
  ]);
  const overflow = (family: LedgerFamily): void => {
    overflows.set(family, (overflows.get(family) ?? 0) + 1);
  };

  return {
    events,
    overflows,
    get pairs() {
      return connectionPairs.size;
    },
    event: (word) => events.set(word, (events.get(word) ?? 0) + 1),
    tenantFlow(source, destination, relation, verdict) {
      // Hot, once a flow.
      const code = RELATIONS.indexOf(relation) * VERDICTS.length + VERDICTS.indexOf(verdict);
      const from = sides.of(source)?.number ?? BEYOND;
      const to = sides.of(destination)?.number ?? BEYOND;
      const known = from === BEYOND || to === BEYOND ? -1 : flowCounts.find(from, to, code);
      if (known >= 0) flowCounts.increment(known);
      else countNew(source, destination, { relation, verdict }, code);
    },
    crossing({ flow, source, destination, occurrence, agreement, seenAt }) {
      const { verdict, isNew } = occurrence;
      const expected = agreement !== undefined;
      const pair = connectionPairs.of(source, destination);
      if (pair.isOverflow) overflow('crosstalk_cross_tenant_connections_total');
      if (isNew) countConnection(pair, verdict, flow.l4.protocol, expected);
      noteSeen(pair, verdict, expected, seenAt);
    },
    *flows() {
      for (const counted of flowPairs) {
        for (const { cell, at } of counted) {
          cell.count = flowCounts.total(at);
          yield cell;
        }
      }
    },
    connections: () => cells(connectionPairs, ({ connections }) => connections),
    seen: () => cells(connectionPairs, ({ seen }) => seen),
  };

  /** Of a pair that has none of these yet, or of those that there is no room for. */
  function countNew(
    source: Party,
    destination: Party,
    told: Pick<FlowCell, 'relation' | 'verdict'>,
    code: number,
  ): void {
    const pair = flowPairs.of(source, destination);
    if (pair.isOverflow) overflow('crosstalk_tenant_flows_total');
    const from = pair.isOverflow ? BEYOND : (sides.of(source)?.number ?? BEYOND);
    const to = pair.isOverflow ? BEYOND : (sides.of(destination)?.number ?? BEYOND);
    let at = flowCounts.find(from, to, code);
    if (at < 0) {
      at = flowCounts.add(from, to, code);
      pair.kept.push({ cell: { source: pair.source, destination: pair.destination, ...told, count: 0 }, at });
    }
    flowCounts.increment(at);
  }
}

function* cells<Kept, Cell>(pairs: Pairs<Kept>, of: (kept: Kept) => readonly Cell[]): Iterable<Cell> {
  for (const kept of pairs) yield* of(kept);
}

function countConnection(
  pair: Pair<Connected>,
  verdict: Verdict,
  protocol: Protocol,
  expected: boolean,
): void {
  const { connections } = pair.kept;
  for (const cell of connections) {
    if (cell.verdict !== verdict || cell.protocol !== protocol || cell.expected !== expected) continue;
    cell.count += 1;
    return;
  }
  const { source, destination } = pair;
  connections.push({ source, destination, verdict, protocol, expected, count: 1 });
}

function noteSeen(pair: Pair<Connected>, verdict: Verdict, expected: boolean, at: number): void {
  const { seen } = pair.kept;
  for (const cell of seen) {
    if (cell.verdict !== verdict || cell.expected !== expected) continue;
    if (at > cell.lastSeen) cell.lastSeen = at;
    return;
  }
  const { source, destination } = pair;
  seen.push({ source, destination, verdict, expected, lastSeen: at });
}

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
  type Crossing,
  type EventWord,
  type Party,
  type Protocol,
  type Relation,
  type Verdict,
} from '../model.js';

export const OVERFLOW = '__overflow__';

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

/** What a side is called in labels: a tenant's name, or who it is instead. */
export function partyLabel(party: Party): string {
  return party.kind === 'tenant' ? party.tenant.name : `__${party.kind}__`;
}

/** @param tenantPairs most pairs of each family (`limits.tenantPairs`) */
export function createLedger(tenantPairs: number): Ledger {
  const events = new Map<EventWord, number>(EVENT_WORDS.map((word) => [word, 0]));
  const flowPairs = new Pairs<FlowCell>(tenantPairs);
  const connectionPairs = new Pairs<ConnectionCell>(tenantPairs);
  const seenPairs = new Pairs<SeenCell>(tenantPairs);
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
      const pair = flowPairs.of(partyLabel(source), partyLabel(destination));
      if (pair.isOverflow) overflow('crosstalk_tenant_flows_total');
      // Hot, once a flow: a pair has a cell or two, and looking through them costs less than making a key.
      for (const cell of pair.cells) {
        if (cell.verdict === verdict && cell.relation === relation) {
          cell.count += 1;
          return;
        }
      }
      pair.cells.push({ ...pair.sides, relation, verdict, count: 1 });
    },
    crossing({ flow, source, destination, occurrence, agreement, seenAt }) {
      const sides = [source.tenant.name, destination.tenant.name] as const;
      const { verdict, isNew } = occurrence;
      const { protocol } = flow.l4;
      const expected = agreement !== undefined;
      const pair = connectionPairs.of(...sides);
      if (pair.isOverflow) overflow('crosstalk_cross_tenant_connections_total');
      if (isNew) {
        const known = pair.cells.find(
          (cell) => cell.verdict === verdict && cell.protocol === protocol && cell.expected === expected,
        );
        if (known === undefined) pair.cells.push({ ...pair.sides, verdict, protocol, expected, count: 1 });
        else known.count += 1;
      }
      const seenPair = seenPairs.of(...sides);
      const seen = seenPair.cells.find((cell) => cell.verdict === verdict && cell.expected === expected);
      if (seen === undefined) seenPair.cells.push({ ...seenPair.sides, verdict, expected, lastSeen: seenAt });
      else seen.lastSeen = Math.max(seen.lastSeen, seenAt);
    },
    flows: () => flowPairs.cells(),
    connections: () => connectionPairs.cells(),
    seen: () => seenPairs.cells(),
  };
}

interface Sides {
  readonly source: string;
  readonly destination: string;
}

class Pair<Cell> {
  readonly sides: Sides;
  readonly isOverflow: boolean;
  readonly cells: Cell[] = [];

  constructor(sides: Sides) {
    this.sides = sides;
    this.isOverflow = sides.source === OVERFLOW;
  }
}

/** A bounded set of (source, destination) pairs; those beyond the bound share one. */
class Pairs<Cell> {
  readonly #bySource = new Map<string, Map<string, Pair<Cell>>>();
  readonly #beyond = new Pair<Cell>({ source: OVERFLOW, destination: OVERFLOW });
  readonly #bound: number;
  #size = 0;

  constructor(bound: number) {
    this.#bound = bound;
  }

  get size(): number {
    return this.#size;
  }

  of(source: string, destination: string): Pair<Cell> {
    let byDestination = this.#bySource.get(source);
    const known = byDestination?.get(destination);
    if (known !== undefined) return known;
    if (this.#size >= this.#bound) return this.#beyond;
    if (byDestination === undefined) {
      byDestination = new Map();
      this.#bySource.set(source, byDestination);
    }
    const pair = new Pair<Cell>({ source, destination });
    byDestination.set(destination, pair);
    this.#size += 1;
    return pair;
  }

  *cells(): Iterable<Cell> {
    for (const byDestination of this.#bySource.values()) {
      for (const pair of byDestination.values()) yield* pair.cells;
    }
    yield* this.#beyond.cells;
  }
}

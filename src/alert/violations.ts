/**
 * What is wrong now: each pair of tenants with unexpected traffic, by verdict.
 *
 * A violation is held until nothing of it was seen for `alerts.hold`. Its end only
 * ever moves later and is never brought about by us: whoever posts it can fail,
 * restart or have a twin, and Alertmanager still sees one alert that begins once
 * and ends once. Its start is that of its first event and stays.
 *
 * Bounded, a table for each verdict: a tenant that makes itself denied by everyone
 * takes no room from what gets through.
 */
import { VERDICTS, type Crossing, type Verdict } from '../model.js';
import type { Example } from './example.js';

/** Times are milliseconds since the epoch. The same object from its start to its end. */
export interface Violation {
  /** Of the analyzer. */
  readonly cluster: string;
  /** Names of tenants, as labels have them. */
  readonly source: string;
  readonly destination: string;
  readonly verdict: Verdict;
  readonly startsAt: number;
  readonly lastSeen: number;
  /** It ends then, unless it is seen again before. */
  readonly endsAt: number;
  /** How many connections since it began. */
  readonly connections: number;
  /** A recent one of them. */
  readonly example: Example;
}

export interface Violations {
  /** @param now milliseconds since the epoch, as everywhere here */
  add(crossing: Crossing, now: number): void;
  /** Those that have not ended, the gravest first. */
  active(now: number): readonly Violation[];
  /** Nobody will be watching from now on: each is held as if it were seen now. */
  holdInFull(now: number): void;
}

export interface ViolationOptions {
  /** Most violations of each verdict. */
  readonly capacity: number;
  /** What a reload may change. */
  readonly settings: () => { readonly cluster: string; readonly holdMs: number };
  /** What a person is shown of a connection; texts from outside made fit. */
  readonly describe: (crossing: Crossing) => Example;
  /** One began, or one in the second half of its hold goes on: those who hold a copy must not see it end. */
  readonly urgent: () => void;
  /** There was no room for one. */
  readonly refused: (verdict: Verdict) => void;
  /** What an earlier process held. */
  readonly remembered?: readonly Violation[] | undefined;
}

/**
 * Alertmanager tells nobody of an alert that ends before its `group_wait` is over.
 * What we learn of late (a re-read of Hubble's ring) is held at least so long from
 * then, or for `alerts.hold` where that is shorter.
 */
const SHORTEST_MS = 300_000;

/** A flood of connections is not described one by one. */
const DESCRIBE_EVERY_MS = 10_000;

/** When a table is full, how often it is looked through for what has ended. */
const PRUNE_EVERY_MS = 1_000;

type Held = { -readonly [Key in keyof Violation]: Violation[Key] };

export function createViolations(options: ViolationOptions): Violations {
  return new Table(options);
}

class Table implements Violations {
  readonly #options: ViolationOptions;
  readonly #held: Readonly<Record<Verdict, Map<string, Held>>> = {
    allowed: new Map(),
    audited: new Map(),
    denied: new Map(),
  };
  readonly #describedAt = new WeakMap<Held, number>();
  #prunedAt = -Infinity;

  constructor(options: ViolationOptions) {
    this.#options = options;
    for (const violation of options.remembered ?? []) {
      const held = this.#held[violation.verdict];
      if (held.size < options.capacity) held.set(keyOf(violation), { ...violation });
    }
  }

  add(crossing: Crossing, now: number): void {
    if (crossing.agreement !== undefined) return;
    const { cluster, holdMs } = this.#options.settings();
    const source = crossing.source.tenant.name;
    const destination = crossing.destination.tenant.name;
    const { verdict, isNew } = crossing.occurrence;
    const key = keyOf({ cluster, source, destination });
    const held = this.#held[verdict].get(key);
    const endsAt = crossing.seenAt + holdMs;
    if (held === undefined || held.endsAt <= now) {
      if (endsAt <= now) return; // history, and older than an alert would be
      this.#begin({ cluster, source, destination, verdict }, crossing, holdMs, now);
      return;
    }
    const remained = held.endsAt - now;
    held.lastSeen = Math.max(held.lastSeen, crossing.seenAt);
    held.endsAt = Math.max(held.endsAt, endsAt);
    if (remained < holdMs / 2) this.#options.urgent();
    if (!isNew) return;
    held.connections += 1;
    // A clock that steps back must not keep the old one for long.
    if (Math.abs(now - (this.#describedAt.get(held) ?? -Infinity)) < DESCRIBE_EVERY_MS) return;
    held.example = this.#options.describe(crossing);
    this.#describedAt.set(held, now);
  }

  active(now: number): readonly Violation[] {
    this.#prune(now);
    return VERDICTS.flatMap((verdict) => [...this.#held[verdict].values()]);
  }

  holdInFull(now: number): void {
    this.#prune(now);
    const { holdMs } = this.#options.settings();
    for (const verdict of VERDICTS)
      for (const held of this.#held[verdict].values()) held.endsAt = Math.max(held.endsAt, now + holdMs);
  }

  #begin(
    who: Pick<Violation, 'cluster' | 'source' | 'destination' | 'verdict'>,
    crossing: Crossing,
    holdMs: number,
    now: number,
  ): void {
    const { capacity, describe, urgent, refused } = this.#options;
    const table = this.#held[who.verdict];
    const key = keyOf(who);
    table.delete(key);
    if (table.size >= capacity && Math.abs(now - this.#prunedAt) >= PRUNE_EVERY_MS) this.#prune(now);
    if (table.size >= capacity) {
      refused(who.verdict);
      return;
    }
    const held: Held = {
      ...who,
      startsAt: crossing.seenAt,
      lastSeen: crossing.seenAt,
      endsAt: Math.max(crossing.seenAt + holdMs, now + Math.min(holdMs, SHORTEST_MS)),
      connections: 1,
      example: describe(crossing),
    };
    table.set(key, held);
    this.#describedAt.set(held, now);
    urgent();
  }

  #prune(now: number): void {
    this.#prunedAt = now;
    for (const held of Object.values(this.#held)) {
      for (const [key, { endsAt }] of held) if (endsAt <= now) held.delete(key);
    }
  }
}

/** No name of a tenant or cluster holds a line break. */
function keyOf({
  cluster,
  source,
  destination,
}: Pick<Violation, 'cluster' | 'source' | 'destination'>): string {
  return `${cluster}\n${source}\n${destination}`;
}

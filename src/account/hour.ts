/**
 * Each tenant's traffic over the last hour, minute by minute: differences of the
 * ledger's totals, taken once a minute and never in the way of a flow. Bounded
 * by tenants and minutes. Pure: the time is an argument.
 */
import type { Relation, Verdict } from '../model.js';
import type { FlowCell } from './ledger.js';

export const KINDS = ['inside', 'gotThrough', 'denied', 'other'] as const;
type Kind = (typeof KINDS)[number];
export type Tally = Record<Kind, number>;

export interface Minute extends Readonly<Tally> {
  /** Milliseconds since the epoch. */
  readonly until: number;
}

export interface Hour {
  /** Ends the minute that has been going on. @param now milliseconds since the epoch */
  note(cells: Iterable<FlowCell>, now: number): void;
  /** The oldest minute first, the one that goes on last. @param tenant undefined: all of them, each flow once */
  of(tenant: string | undefined, cells: Iterable<FlowCell>, now: number): Minute[];
}

export const MINUTES = 60;
export const NOTE_EVERY_MS = 60_000;

/** A kilobyte each. A cluster with more vClusters has been heard of by nobody; the others have the minute that goes on. */
const MOST_TENANTS = 4_000;

interface Past {
  total: Tally;
  /** A ring: the minute n stands at `n % MINUTES`, its kinds side by side. */
  readonly minutes: Uint32Array;
}

/** No tenant is called this. */
const ALL = '';

export function createHour(): Hour {
  const past = new Map<string, Past>();
  const ends: number[] = [];
  let noted = 0;

  return {
    note(cells, now) {
      const at = noted % MINUTES;
      for (const [tenant, total] of totals(cells)) {
        let known = past.get(tenant);
        if (known === undefined) {
          if (past.size > MOST_TENANTS) continue;
          known = { total: nothing(), minutes: new Uint32Array(MINUTES * KINDS.length) };
          past.set(tenant, known);
        }
        const { minutes, total: before } = known;
        KINDS.forEach((kind, index) => (minutes[at * KINDS.length + index] = total[kind] - before[kind]));
        known.total = total;
      }
      ends[at] = now;
      noted += 1;
    },
    of(tenant, cells, now) {
      const key = tenant ?? ALL;
      const known = past.get(key);
      const total = totals(cells, key).get(key) ?? nothing();
      const before = known?.total ?? nothing();
      const minutes: Minute[] = [];
      for (let minute = Math.max(0, noted - MINUTES); minute < noted; minute += 1) {
        const at = minute % MINUTES;
        const count = (kind: Kind): number => known?.minutes[at * KINDS.length + KINDS.indexOf(kind)] ?? 0;
        minutes.push({ until: ends[at] ?? now, ...tally(count) });
      }
      minutes.push({ until: now, ...tally((kind) => total[kind] - before[kind]) });
      return minutes.slice(-MINUTES);
    },
  };
}

/** By tenant, and of all. @param only the one that is wanted */
function totals(cells: Iterable<FlowCell>, only?: string): Map<string, Tally> {
  const found = new Map<string, Tally>();
  const add = (name: string, kind: Kind, count: number): void => {
    if (only !== undefined && name !== only) return;
    let total = found.get(name);
    if (total === undefined) found.set(name, (total = nothing()));
    total[kind] += count;
  };
  for (const { source, destination, relation, verdict, count } of cells) {
    const kind = kindOf(relation, verdict);
    if (kind === undefined) continue;
    add(ALL, kind, count);
    if (!isNobody(source)) add(source, kind, count);
    if (!isNobody(destination) && destination !== source) add(destination, kind, count);
  }
  return found;
}

/** @returns undefined for what has no tenant on either side */
function kindOf(relation: Relation, verdict: Verdict): Kind | undefined {
  switch (relation) {
    case 'intra_tenant':
      return 'inside';
    case 'cross_tenant':
      return verdict === 'denied' ? 'denied' : 'gotThrough';
    case 'no_tenant':
      return undefined;
    case 'tenant_to_platform':
    case 'platform_to_tenant':
    case 'tenant_to_world':
    case 'world_to_tenant':
    case 'unidentified':
      return 'other';
  }
}

/** `__platform__`, `__world__` and their like. */
function isNobody(name: string): boolean {
  return name.startsWith('__') && name.endsWith('__');
}

function nothing(): Tally {
  return tally(() => 0);
}

function tally(count: (kind: Kind) => number): Tally {
  return {
    inside: count('inside'),
    gotThrough: count('gotThrough'),
    denied: count('denied'),
    other: count('other'),
  };
}

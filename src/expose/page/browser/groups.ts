/** Tenants in groups small enough to be shown beside each other: by what their names begin with, or by the alphabet. */
import type { MatrixPair } from '../../api.js';
import { pairKey } from '../identity.js';
import { MOST_NAMES, type Cell } from './matrix.js';
import { ORDER, talliesOf, type Tally } from './marking.js';
import { linkTo } from './place.js';

export interface Groups {
  /** In the order of the alphabet. */
  readonly names: readonly string[];
  readonly of: (tenant: string) => string;
  readonly sizes: ReadonlyMap<string, number>;
}

/** With names that all begin alike there is nothing to tell groups by but their place in the alphabet. */
const MOST_IN_ONE = 0.5;

export function groupsOf(tenants: readonly string[]): Groups {
  const sorted = [...tenants].sort(naturally);
  const byPrefix = grouped(sorted, prefixOf);
  const largest = Math.max(...byPrefix.sizes.values());
  const isUseful = byPrefix.names.length <= MOST_NAMES && largest <= MOST_IN_ONE * sorted.length;
  return isUseful ? byPrefix : byAlphabet(sorted);
}

function byAlphabet(sorted: readonly string[]): Groups {
  const size = Math.ceil(sorted.length / Math.min(MOST_NAMES / 2, Math.ceil(Math.sqrt(sorted.length))));
  const at = new Map(sorted.map((name, index) => [name, Math.floor(index / size)]));
  return grouped(sorted, (name) => {
    const from = (at.get(name) ?? 0) * size;
    const last = sorted[Math.min(from + size, sorted.length) - 1] ?? name;
    return `${sorted[from] ?? name} … ${last}`;
  });
}

function grouped(sorted: readonly string[], groupOf: (name: string) => string): Groups {
  const of = new Map<string, string>();
  const sizes = new Map<string, number>();
  for (const name of sorted) {
    const group = groupOf(name);
    of.set(name, group);
    sizes.set(group, (sizes.get(group) ?? 0) + 1);
  }
  return { names: [...sizes.keys()], of: (tenant) => of.get(tenant) ?? groupOf(tenant), sizes };
}

/** `payments-eu-1` and `payments-us` are of `payments`, `team-a/dev` of `team-a`. */
function prefixOf(name: string): string {
  const cut = name.search(/[/-]/);
  return cut > 0 ? name.slice(0, cut) : name;
}

const COLLATOR = new Intl.Collator('en', { numeric: true });

function naturally(a: string, b: string): number {
  return COLLATOR.compare(a, b);
}

/** The pairs of two groups, added up. */
export function groupCells(pairs: Iterable<MatrixPair>, { of }: Groups): Map<string, Cell> {
  const sums = new Map<string, { source: string; tallies: Map<Tally['id'], number>; lastSeen: string }>();
  for (const pair of pairs) {
    const [source, destination] = [of(pair.source), of(pair.destination)];
    const key = pairKey(source, destination);
    const sum = sums.get(key) ?? { source, tallies: new Map<Tally['id'], number>(), lastSeen: '' };
    sums.set(key, sum);
    for (const { id, count } of talliesOf(pair)) sum.tallies.set(id, (sum.tallies.get(id) ?? 0) + count);
    if (pair.lastSeen > sum.lastSeen) sum.lastSeen = pair.lastSeen;
  }
  const cells = new Map<string, Cell>();
  for (const [key, { source, tallies, lastSeen }] of sums) {
    const told = ORDER.flatMap((id) => (tallies.has(id) ? [{ id, count: tallies.get(id) ?? 0 }] : []));
    cells.set(key, { tallies: told, lastSeen, href: linkTo({ view: 'overview', group: source }) });
  }
  return cells;
}

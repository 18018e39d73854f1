/** Who reached whom: tenants by tenants while that can be read; beyond, groups of tenants by groups, and the worst pairs. */
import type { MatrixPair } from '../../api.js';
import { pairKey } from '../identity.js';
import { ago, counted } from '../words.js';
import { attribute, bdi, el, say } from './dom.js';
import { marksOf, rankOf, spelled, talliesOf, type Tally } from './marking.js';
import { linkTo } from './place.js';

/** Beyond this a matrix is wider than most screens, and mostly empty. */
export const MOST_NAMES = 24;
/** From here on the names of the columns stand upright. */
const NARROW_FROM = 7;
/** And from here on a cell's shape stands above its number. */
const DENSE_FROM = 13;

/** A row and column: a tenant, or several. */
export interface Side {
  readonly name: string;
  readonly href: string;
}

/** What stands where two sides meet. */
export interface Cell {
  readonly tallies: readonly Tally[];
  readonly lastSeen: string;
  readonly href: string;
}

/** By `pairKey(source, destination)` of the names of sides. */
export type Cells = ReadonlyMap<string, Cell>;

/** A table that is made anew when its sides are others, and otherwise only where a cell has changed. */
export class MatrixTable {
  readonly node = el('div', {
    class: 'scroll',
    tabindex: '0',
    role: 'region',
    'aria-label': 'Matrix of tenants',
  });
  #sides = '';
  #cells = new Map<
    string,
    {
      readonly td: HTMLTableCellElement;
      readonly isSelf: boolean;
      readonly name: string;
      counts: string;
      lastSeen: string;
    }
  >();

  draw(sides: readonly Side[], cells: Cells, now: number): void {
    const made = JSON.stringify(sides);
    if (made !== this.#sides) this.#build(sides);
    this.#sides = made;
    for (const [key, slot] of this.#cells) {
      const cell = cells.get(key);
      const counts = cell === undefined ? '' : spelled(cell.tallies);
      const lastSeen = cell === undefined ? '' : ago(cell.lastSeen, now);
      if (counts === slot.counts && lastSeen === slot.lastSeen) continue;
      if (counts !== slot.counts) fill(slot.td, cell, slot.isSelf);
      Object.assign(slot, { counts, lastSeen });
      const spoken = slot.td.firstElementChild?.firstElementChild ?? undefined;
      if (spoken !== undefined) say(spoken, `${slot.name}: ${counts}; last ${lastSeen}`);
      attribute(slot.td, 'title', spoken !== undefined && `${slot.name}: ${counts}; last ${lastSeen}`);
    }
  }

  #build(sides: readonly Side[]): void {
    this.#cells = new Map();
    const head = (side: Side, scope: string): HTMLElement =>
      el('th', { scope, title: side.name }, el('a', { href: side.href }, bdi(side.name)));
    const rows = sides.map((source) => {
      const cells = sides.map((destination) => {
        const isSelf = source.name === destination.name;
        const td = el('td', { class: isSelf && 'self' });
        this.#cells.set(pairKey(source.name, destination.name), {
          td,
          isSelf,
          name: `${source.name} to ${destination.name}`,
          counts: '',
          lastSeen: '',
        });
        return td;
      });
      return el('tr', {}, head(source, 'row'), ...cells);
    });
    const corner = el(
      'td',
      { class: 'corner' },
      el('span', { class: 'from' }, 'from'),
      ' ',
      el('span', { class: 'to' }, 'to'),
    );
    const width = sides.length >= DENSE_FROM ? 'narrow dense' : sides.length >= NARROW_FROM ? 'narrow' : '';
    this.node.replaceChildren(
      el(
        'table',
        { class: `matrix ${width}` },
        el('thead', {}, el('tr', {}, corner, ...sides.map((side) => head(side, 'col')))),
        el('tbody', {}, ...rows),
      ),
    );
  }
}

function fill(td: HTMLTableCellElement, cell: Cell | undefined, isSelf: boolean): void {
  attribute(td, 'class', cell?.tallies[0]?.id ?? (isSelf && 'self'));
  if (cell === undefined) td.replaceChildren();
  else {
    // What is seen is short; what is read out says all of it.
    const seen = el('span', { 'aria-hidden': 'true' }, ...marksOf(cell.tallies, false));
    td.replaceChildren(el('a', { href: cell.href }, el('span', { class: 'said' }), seen));
  }
}

export function cellsOf(pairs: Iterable<MatrixPair>): Cells {
  const cells = new Map<string, Cell>();
  for (const pair of pairs) {
    const { source, destination, lastSeen } = pair;
    const href = linkTo({ view: 'crossings', source, destination });
    cells.set(pairKey(source, destination), { tallies: talliesOf(pair), lastSeen, href });
  }
  return cells;
}

/** What matters first: who is part of the worst, then of most of it, then by name. */
export function ranked(names: Iterable<string>, pairs: Iterable<MatrixPair>): string[] {
  const weights = new Map<string, { rank: number; count: number }>();
  for (const pair of pairs) {
    const rank = rankOf(pair);
    for (const name of [pair.source, pair.destination]) {
      const known = weights.get(name);
      if (known === undefined) weights.set(name, { rank, count: 1 });
      else if (rank < known.rank) Object.assign(known, { rank, count: 1 });
      else if (rank === known.rank) known.count += 1;
    }
  }
  const none = { rank: 4, count: 0 };
  const weigh = (name: string): { rank: number; count: number } => weights.get(name) ?? none;
  return [...new Set(names)].sort((a, b) => {
    const [one, other] = [weigh(a), weigh(b)];
    return one.rank - other.rank || other.count - one.count || (a < b ? -1 : 1);
  });
}

export function worstFirst(pairs: Iterable<MatrixPair>): MatrixPair[] {
  const ranks = Array.from(pairs, (pair) => ({ pair, rank: rankOf(pair) }));
  ranks.sort(
    (a, b) =>
      a.rank - b.rank || (a.pair.lastSeen > b.pair.lastSeen ? -1 : a.pair.lastSeen < b.pair.lastSeen ? 1 : 0),
  );
  return ranks.map(({ pair }) => pair);
}

export function tellsOf(names: number, groups: number): string {
  return `${counted(names, 'tenant')} in ${counted(groups, 'group')}: open one by its name.`;
}

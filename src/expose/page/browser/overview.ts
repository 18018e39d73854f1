/** Isolation in one view: the coverage in numbers, the matrix, and what came last. */
import type { MatrixPair, StatusReport } from '../../api.js';
import { MARKS, type Mark } from '../marks.js';
import { counted, duration, number } from '../words.js';
import { CrossingRow } from './crossing.js';
import { attribute, bdi, el, hide, say } from './dom.js';
import { groupCells, groupsOf } from './groups.js';
import { mark } from './marking.js';
import { cellsOf, MatrixTable, MOST_NAMES, ranked, tellsOf, worstFirst, type Side } from './matrix.js';
import { PairRow } from './pair.js';
import { linkTo, type Place } from './place.js';
import { Rows } from './rows.js';
import type { Entry, Store } from './store.js';
import type { Site, ViewOf } from './view.js';

const NEWEST = 5;
const AT_ONCE = 15;

export class OverviewView implements ViewOf {
  readonly title = 'Overview';
  readonly node: HTMLElement;
  readonly #store: Store;
  readonly #coverage = el('dl', { class: 'tiles' });
  readonly #filter = el('input', {
    type: 'search',
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: '253',
    'aria-keyshortcuts': '/',
  });
  readonly #filters = el('form', { class: 'filters', role: 'search', 'aria-label': 'Tenants of the matrix' });
  readonly #about = el('p', { class: 'soft', role: 'status' });
  readonly #table = new MatrixTable();
  readonly #pairs = el('tbody');
  readonly #pairTable = el('div', {
    class: 'scroll',
    tabindex: '0',
    role: 'region',
    'aria-label': 'Pairs of tenants',
  });
  readonly #pairRows = new Rows<MatrixPair>(
    this.#pairs,
    ({ source, destination }) => JSON.stringify([source, destination]),
    () => new PairRow(),
  );
  readonly #more = el('button', { type: 'button', class: 'show-more' }, 'Show more');
  readonly #newest = el('ol', { class: 'crossings', role: 'list' });
  readonly #newestRows = new Rows<Entry>(
    this.#newest,
    ({ key }) => key,
    () => new CrossingRow(),
  );
  readonly #none = el('p', { class: 'soft' }, 'None has been seen.');
  #place: Place | undefined;
  #limit = AT_ONCE;
  #drawn: readonly Entry[] = [];
  #made = '';
  #shown: Shown = { sides: [], cells: new Map(), about: '', pairs: [] };

  constructor(store: Store, site: Site) {
    this.#store = store;
    this.#filters.append(
      el('label', { class: 'of-text' }, el('span', {}, 'Tenant'), this.#filter),
      el('a', { href: linkTo({}), class: 'clear' }, 'Clear'),
    );
    this.#filters.addEventListener('submit', (event) => event.preventDefault());
    this.#filters.addEventListener('input', () => site.refine({ text: this.#filter.value, group: '' }));
    this.#more.addEventListener('click', () => {
      this.#limit += AT_ONCE;
      this.#drawPairs(this.#shown.pairs ?? [], store.now());
    });
    const heads = ['From', 'To', 'Connections', 'Last'].map((name) => el('th', { scope: 'col' }, name));
    this.#pairTable.append(
      el('table', { class: 'list' }, el('thead', {}, el('tr', {}, ...heads)), this.#pairs),
    );
    this.node = el(
      'div',
      {},
      el(
        'section',
        { 'aria-labelledby': 'title-overview' },
        el('h2', { id: 'title-overview', tabindex: '-1' }, 'Coverage'),
        this.#coverage,
      ),
      el(
        'section',
        { 'aria-labelledby': 'title-matrix' },
        el('h2', { id: 'title-matrix' }, 'Who reached whom'),
        el(
          'p',
          { class: 'soft' },
          'Rows opened the connections, columns received them. Connections since the start, each counted once.',
        ),
        this.#filters,
        this.#about,
        this.#table.node,
        legend(),
        this.#pairTable,
        this.#more,
      ),
      el(
        'section',
        { 'aria-labelledby': 'title-newest' },
        el(
          'div',
          { class: 'title' },
          el('h2', { id: 'title-newest' }, 'Newest crossings'),
          el('a', { href: linkTo({ view: 'crossings' }) }, 'All crossings'),
        ),
        this.#newest,
        this.#none,
      ),
    );
  }

  show(place: Place): void {
    if (place !== this.#place) {
      this.#limit = AT_ONCE;
      this.#made = '';
    }
    this.#place = place;
    // What comes in later frames needs no room in the first.
    if (!this.node.isConnected)
      for (const later of [this.#table.node, this.#pairTable, this.#newest]) hide(later, true);
    if (this.#filter.value !== place.text) this.#filter.value = place.text;
  }

  showAll(): void {
    this.#limit = Math.max(this.#limit, 500);
  }

  draw(now: number, frame: number): void {
    if (this.#place === undefined) return;
    this.#drawCoverage();
    const made = String(this.#store.matrixVersion);
    if (made !== this.#made) {
      this.#made = made;
      this.#shown = shownOf(this.#store, this.#place);
    }
    const { sides, cells, about, pairs } = this.#shown;
    const hasFilter = this.#place.text !== '' || this.#place.group !== '';
    hide(this.#filters, !hasFilter && pairs === undefined && sides.length <= 6);
    say(this.#about, this.#store.hasMatrix ? about : 'Reading…');
    if (frame < 1) return;
    hide(this.#table.node, sides.length === 0);
    this.#table.draw(sides, cells, now);
    if (frame < 2) return;
    this.#drawPairs(pairs ?? [], now);
    if (frame < 3) return;
    if (!this.#isRead()) this.#drawn = this.#store.crossings.slice(0, NEWEST);
    this.#newestRows.draw(this.#drawn, now);
    hide(this.#newest, this.#drawn.length === 0);
    hide(this.#none, this.#drawn.length > 0);
  }

  #drawPairs(pairs: readonly MatrixPair[], now: number): void {
    const listed = pairs.slice(0, this.#limit);
    hide(this.#pairTable, listed.length === 0);
    this.#pairRows.draw(listed, now);
    const left = pairs.length - listed.length;
    hide(this.#more, left === 0);
    say(this.#more, `Show more (${counted(left, 'pair')})`);
  }

  #isRead(): boolean {
    return (
      this.#newest.querySelector('[aria-expanded="true"]') !== null ||
      this.#newest.contains(document.activeElement)
    );
  }

  #drawCoverage(): void {
    const { status } = this.#store;
    if (status === undefined) return;
    const tiles = tilesOf(status);
    if (this.#coverage.children.length !== tiles.length)
      this.#coverage.replaceChildren(
        ...tiles.map(({ name }) => el('div', {}, el('dt', {}, name), el('dd', {}, bdi()))),
      );
    tiles.forEach(({ said, isBad }, at) => {
      const tile = this.#coverage.children[at];
      const text = tile?.querySelector('bdi');
      if (tile === undefined || !text) return;
      say(text, said);
      attribute(tile, 'class', isBad && 'bad');
    });
  }
}

interface Tile {
  readonly name: string;
  readonly said: string;
  readonly isBad: boolean;
}

/** What may be missing, since the start: in numbers, whether good or bad. */
function tilesOf({ coverage, lag, ready, startedAt }: StatusReport): Tile[] {
  const { nodes, lostEvents, blindSeconds, unidentified, flows } = coverage;
  const all = Object.values(nodes).reduce((sum, count) => sum + count, 0);
  const connected = nodes['connected'] ?? 0;
  const lost = Object.values(lostEvents).reduce((sum, count) => sum + count, 0);
  return [
    {
      name: 'Nodes watched',
      said: `${number(connected)} of ${number(all)}`,
      isBad: !ready || connected < all || all === 0,
    },
    { name: 'Events lost', said: number(lost), isBad: lost > 0 },
    {
      name: 'Blind time',
      said: blindSeconds === 0 ? '0 s' : duration(blindSeconds * 1_000),
      isBad: blindSeconds > 0,
    },
    { name: 'Flows unidentified', said: number(unidentified), isBad: unidentified > 0 },
    {
      name: '99 of 100 flows within',
      said: lag.p99 === undefined ? 'no flow yet' : `${lag.p99} s`,
      isBad: false,
    },
    {
      name: `Flows read since ${startedAt.slice(0, 16).replace('T', ' ')} UTC`,
      said: number(flows),
      isBad: false,
    },
  ];
}

interface Shown {
  readonly sides: readonly Side[];
  readonly cells: ReturnType<typeof cellsOf>;
  readonly about: string;
  /** undefined: the matrix shows them all. */
  readonly pairs: readonly MatrixPair[] | undefined;
}

function shownOf(store: Store, { text, group }: Place): Shown {
  const pairs = [...store.pairs.values()];
  const all = [
    ...new Set([
      ...store.tenants.map(({ name }) => name),
      ...pairs.flatMap(({ source, destination }) => [source, destination]),
    ]),
  ];
  if (all.length === 0)
    return {
      sides: [],
      cells: new Map(),
      about: 'No tenant has been seen yet. Tenants appear with the first flow to or from one of their pods.',
      pairs: undefined,
    };
  const groups = groupsOf(all);
  const words = text.toLowerCase();
  const isAsked = (name: string): boolean =>
    group !== '' ? groups.of(name) === group : name.toLowerCase().includes(words);
  const isWhole = words === '' && group === '';
  const found = isWhole
    ? pairs
    : pairs.filter(({ source, destination }) => isAsked(source) || isAsked(destination));
  const asked = isWhole ? all : all.filter(isAsked);
  if (isWhole && all.length > MOST_NAMES) {
    const sides = groups.names.map((name) => ({ name, href: linkTo({ group: name }) }));
    return {
      sides,
      cells: groupCells(found, groups),
      about: tellsOf(all.length, groups.names.length),
      pairs: worstFirst(found),
    };
  }
  const names = ranked(
    [...asked, ...found.flatMap(({ source, destination }) => [source, destination])],
    found,
  );
  const shown = names.slice(0, MOST_NAMES);
  const sides = shown.map((name) => ({ name, href: linkTo({ view: 'tenants', tenant: name }) }));
  const isCut = shown.length < names.length;
  const whom = isWhole
    ? counted(all.length, 'tenant')
    : `${counted(asked.length, 'tenant')} of ${number(all.length)}${group === '' ? '' : ` (${group})`}, and whom they met`;
  const rest = isCut
    ? ` The ${number(shown.length)} that matter most stand in the matrix; all pairs are below.`
    : '';
  return {
    sides,
    cells: cellsOf(found),
    about: `${whom}.${rest}`,
    pairs: isCut ? worstFirst(found) : undefined,
  };
}

function legend(): HTMLElement {
  const entries = Object.entries(MARKS) as [Mark, (typeof MARKS)[Mark]][];
  return el(
    'dl',
    { class: 'legend' },
    ...entries.map(([id, { meaning }]) => el('div', {}, el('dt', {}, mark(id)), el('dd', {}, meaning))),
  );
}

/** How well is watched: stream, nodes, loss, lag, blind time, series, delivery of alerts, and the configuration in force. */
import type { NodeStatusReport, StatusReport } from '../../api.js';
import { ago, counted, duration, number } from '../words.js';
import { attribute, bdi, el, hide, say } from './dom.js';
import type { Feed } from './feed.js';
import { Rows, type Row } from './rows.js';
import type { Store } from './store.js';
import { LAST_FRAME, type ViewOf } from './view.js';

const AT_ONCE = 50;

type Setting = StatusReport['config']['settings'][number];
type Manager = StatusReport['alerts']['alertmanagers'][number];

export class HealthView implements ViewOf {
  readonly title = 'Health';
  readonly node: HTMLElement;
  readonly #store: Store;
  readonly #feed: Feed;
  readonly #stream = el('dl', { class: 'facts' });
  readonly #missing = el('dl', { class: 'facts' });
  readonly #nodes = el('tbody');
  readonly #nodeRows = new Rows<NodeStatusReport>(
    this.#nodes,
    ({ name }) => name,
    () => new NodeRow(),
  );
  readonly #more = el('button', { type: 'button', class: 'show-more' }, 'Show more');
  readonly #managers = el('tbody');
  readonly #managerRows = new Rows<Manager>(
    this.#managers,
    ({ url }) => url,
    () => new CellsRow(managerCells),
  );
  readonly #managerTable = table('Alertmanagers', ['Alertmanager', 'Posts'], this.#managers);
  readonly #delivery = el('p', { class: 'soft' });
  readonly #settings = el('tbody');
  readonly #settingRows = new Rows<Setting>(
    this.#settings,
    ({ name }) => name,
    () => new CellsRow(({ name, value, from }: Setting) => [name, value === '' ? '–' : value, from]),
  );
  #limit = AT_ONCE;

  constructor(store: Store, feed: Feed) {
    this.#store = store;
    this.#feed = feed;
    this.#more.addEventListener('click', () => {
      this.#limit += AT_ONCE;
      this.draw(store.now());
    });
    this.node = el(
      'div',
      {},
      section(
        'title-health',
        'Stream and coverage',
        el('div', { class: 'columns' }, this.#stream, this.#missing),
      ),
      section(
        'title-nodes',
        'Nodes',
        table('Nodes', ['Node', 'State', 'Agent', 'Events lost', 'Last flow'], this.#nodes),
        this.#more,
      ),
      section('title-alerts', 'Alert delivery', this.#delivery, this.#managerTable),
      section(
        'title-settings',
        'Configuration in force',
        el('p', { class: 'soft' }, 'Secrets are masked.'),
        table('Settings', ['Setting', 'Value', 'From'], this.#settings),
      ),
    );
    this.node.querySelector('h2')?.setAttribute('tabindex', '-1');
  }

  show(): void {
    void this.#feed.readStatus();
  }

  showAll(): void {
    this.#limit = Infinity;
  }

  draw(now: number, frame: number = LAST_FRAME): void {
    const { status } = this.#store;
    if (status === undefined) return;
    facts(this.#stream, streamFacts(status, now));
    facts(this.#missing, missingFacts(status, now));
    // Those that are not watched come first, so that a cut hides only what is well.
    const nodes = [...status.nodes].sort(
      (a, b) => Number(isWatched(a)) - Number(isWatched(b)) || (a.name < b.name ? -1 : 1),
    );
    this.#nodeRows.draw(nodes.slice(0, this.#limit), now);
    hide(this.#more, nodes.length <= this.#limit);
    say(this.#more, `Show more (${counted(nodes.length - this.#limit, 'node')})`);
    const { active, dropped, alertmanagers } = status.alerts;
    const pushed =
      alertmanagers.length === 0
        ? 'No Alertmanager is pushed to; the rules in Prometheus alert all the same.'
        : `${counted(dropped, 'alert')} dropped.`;
    say(this.#delivery, `${counted(active, 'violation')} held. ${pushed}`);
    hide(this.#managerTable, alertmanagers.length === 0);
    this.#managerRows.draw(alertmanagers, now);
    if (frame > 0) this.#settingRows.draw(status.config.settings, now);
  }
}

interface Fact {
  readonly term: string;
  readonly said: string;
  readonly isBad?: boolean;
}

function streamFacts(
  { stream, ready, notReady, config, startedAt, version, revision, nodeVersion }: StatusReport,
  now: number,
): Fact[] {
  const { lastError, provenSince } = stream;
  const since = provenSince === undefined ? '' : `, proven for ${duration(now - Date.parse(provenSince))}`;
  return [
    { term: 'Server', said: stream.server },
    { term: 'Stream', said: `${stream.state}${since}`, isBad: !ready },
    { term: 'Ready', said: ready ? 'yes' : `no: ${notReady.join(' ')}`, isBad: !ready },
    { term: 'Streams ended', said: number(stream.streamsEnded) },
    {
      term: 'Last end',
      said: lastError === undefined ? 'none' : `${lastError.reason}: ${lastError.message}. ${lastError.hint}`,
    },
    {
      term: 'Field mask',
      said:
        stream.fieldMask === 'full' ? 'full' : `${stream.fieldMask}: the server sends more than is asked for`,
    },
    { term: 'Filter', said: stream.filter },
    { term: 'Running for', said: duration(now - Date.parse(startedAt)) },
    {
      term: 'Configuration',
      said: `${config.file ?? 'no file'}${config.lastReloadSuccessful ? '' : ', its last reload failed: the one before is in force'}`,
      isBad: !config.lastReloadSuccessful,
    },
    { term: 'Version', said: `${version} (${revision}), Node.js ${nodeVersion}` },
  ];
}

function missingFacts({ coverage, lag, series }: StatusReport, now: number): Fact[] {
  const { nodes, lostEvents, blindSeconds, lastFlow, flows, duplicates, unidentified } = coverage;
  const states = Object.entries(nodes).filter(([state, count]) => count > 0 || state === 'connected');
  const lost = Object.entries(lostEvents).filter(([, count]) => count > 0);
  const seconds = (value: number | undefined): string => (value === undefined ? '–' : `${value} s`);
  return [
    {
      term: 'Nodes',
      said: states.map(([state, count]) => `${number(count)} ${state}`).join(', '),
      isBad: states.length > 1 || (nodes['connected'] ?? 0) === 0,
    },
    {
      term: 'Flows',
      said: `${number(flows)}${lastFlow === undefined ? '' : `, last ${ago(lastFlow, now)}`}`,
    },
    { term: 'Read twice', said: `${number(duplicates)}, counted once` },
    {
      term: 'Events lost',
      said:
        lost.length === 0
          ? '0'
          : lost.map(([source, count]) => `${number(count)} in ${source.replaceAll('_', ' ')}`).join(', '),
      isBad: lost.length > 0,
    },
    {
      term: 'Blind time',
      said: blindSeconds === 0 ? '0 seconds' : duration(blindSeconds * 1_000),
      isBad: blindSeconds > 0,
    },
    {
      term: 'Unidentified',
      said: `${counted(unidentified, 'flow')} with a side whose tenant could not be told`,
      isBad: unidentified > 0,
    },
    {
      term: 'Lag',
      said:
        flows === 0
          ? 'no flow yet'
          : `half within ${seconds(lag.median)}, 99 of 100 within ${seconds(lag.p99)}`,
    },
    {
      term: 'Series',
      said: `${number(series.pairs)} of ${counted(series.limit, 'pair')}, ${number(series.overflowed)} updates overflowed`,
      isBad: series.overflowed > 0,
    },
  ];
}

export function facts(on: HTMLElement, told: readonly Fact[]): void {
  if (on.children.length !== told.length)
    on.replaceChildren(...told.map(() => el('div', {}, el('dt'), el('dd', {}, bdi()))));
  told.forEach(({ term, said, isBad = false }, at) => {
    const row = on.children[at];
    const [dt, dd] = row?.children ?? [];
    const text = dd?.firstElementChild;
    if (row === undefined || dt === undefined || !text) return;
    say(dt, term);
    say(text, said);
    attribute(row, 'class', isBad && 'bad');
  });
}

export function section(id: string, title: string, ...children: readonly HTMLElement[]): HTMLElement {
  return el('section', { 'aria-labelledby': id }, el('h2', { id }, title), ...children);
}

export function table(name: string, heads: readonly string[], body: HTMLElement): HTMLElement {
  const cells = heads.map((head) => el('th', { scope: 'col' }, head));
  return el(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Table: ${name}` },
    el('table', { class: 'list' }, el('thead', {}, el('tr', {}, ...cells)), body),
  );
}

function isWatched({ state }: NodeStatusReport): boolean {
  return state === 'connected';
}

function managerCells({ url, posts }: Manager): string[] {
  return [
    url,
    Object.entries(posts)
      .map(([result, count]) => `${number(count)} ${result}`)
      .join(', '),
  ];
}

class NodeRow implements Row<NodeStatusReport> {
  readonly #cells = ['th', 'td', 'td', 'td', 'td'].map((tag, at) =>
    el(tag as 'th' | 'td', at === 0 ? { scope: 'row' } : {}, bdi()),
  );
  readonly node = el('tr', {}, ...this.#cells);

  show(node: NodeStatusReport, now: number): void {
    const { name, state, version, lostEvents, lastFlow } = node;
    attribute(this.node, 'class', !isWatched(node) && 'bad');
    const texts = [
      name,
      state,
      version,
      number(lostEvents),
      lastFlow === undefined ? 'never' : ago(lastFlow, now),
    ];
    this.#cells.forEach(
      (cell, at) => cell.firstElementChild !== null && say(cell.firstElementChild, texts[at] ?? ''),
    );
  }
}

/** A row of plain texts. */
class CellsRow<T> implements Row<T> {
  readonly node = el('tr');
  readonly #texts: (item: T) => readonly string[];

  constructor(texts: (item: T) => readonly string[]) {
    this.#texts = texts;
  }

  show(item: T): void {
    const texts = this.#texts(item);
    if (this.node.children.length !== texts.length)
      this.node.replaceChildren(
        ...texts.map((_, at) => (at === 0 ? el('th', { scope: 'row' }, bdi()) : el('td', {}, bdi()))),
      );
    texts.forEach((text, at) => {
      const inside = this.node.children[at]?.firstElementChild;
      if (inside) say(inside, text);
    });
  }
}

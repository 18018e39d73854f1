/** Every tenant, those that matter first; and one of them where the link says so. */
import type { MatrixPair, TenantReport } from '../../api.js';
import { ago, counted, number } from '../words.js';
import { bdi, el, hide, say } from './dom.js';
import { table } from './health.js';
import { marksOf, ORDER, talliesOf, type Tally } from './marking.js';
import { ranked } from './matrix.js';
import { linkTo, type Place } from './place.js';
import { Rows, type Row } from './rows.js';
import type { Store } from './store.js';
import { TenantPart } from './tenant.js';
import { FEW, type Site, type ViewOf } from './view.js';

const AT_ONCE = 25;

interface Listed {
  readonly tenant: TenantReport;
  readonly opened: readonly Tally[];
  readonly received: readonly Tally[];
  readonly lastSeen: string;
}

export class TenantsView implements ViewOf {
  title = 'Tenants';
  readonly node = el('div');
  readonly #store: Store;
  readonly #filter = el('input', {
    type: 'search',
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: '253',
    'aria-keyshortcuts': '/',
  });
  readonly #count = el('p', { class: 'soft', role: 'status' });
  readonly #body = el('tbody');
  readonly #rows = new Rows<Listed>(
    this.#body,
    ({ tenant }) => tenant.name,
    () => new TenantRow(),
  );
  readonly #table = table(
    'Tenants',
    ['Tenant', 'Host namespace', 'Endpoints', 'Opened', 'Received', 'Last crossing'],
    this.#body,
  );
  readonly #more = el('button', { type: 'button', class: 'show-more' }, 'Show more');
  readonly #list: HTMLElement;
  readonly #tenant: TenantPart;
  #place: Place | undefined;
  #limit = AT_ONCE;
  #found: readonly Listed[] = [];
  #made = '';

  constructor(store: Store, site: Site) {
    this.#store = store;
    this.#tenant = new TenantPart(store, site);
    const form = el(
      'form',
      { class: 'filters', role: 'search', 'aria-label': 'Tenants' },
      el('label', { class: 'of-text' }, el('span', {}, 'Tenant'), this.#filter),
    );
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('input', () => site.refine({ text: this.#filter.value }));
    this.#more.addEventListener('click', () => {
      this.#limit += AT_ONCE;
      site.draw();
    });
    this.#list = el(
      'section',
      { 'aria-labelledby': 'title-tenants' },
      el('h2', { id: 'title-tenants', tabindex: '-1' }, 'Tenants'),
      el(
        'p',
        { class: 'soft' },
        'Those that took part in unexpected traffic come first. Crossings are connections since the start.',
      ),
      form,
      this.#count,
      this.#table,
      this.#more,
    );
  }

  show(place: Place): void {
    if (place !== this.#place) {
      this.#limit = AT_ONCE;
      this.#made = '';
    }
    this.#place = place;
    this.title = place.tenant === '' ? 'Tenants' : place.tenant;
    if (this.#filter.value !== place.text) this.#filter.value = place.text;
    const wanted = place.tenant === '' ? this.#list : this.#tenant.node;
    if (this.node.firstElementChild !== wanted) this.node.replaceChildren(wanted);
    if (place.tenant !== '') this.#tenant.show(place.tenant);
  }

  showAll(): void {
    this.#limit = Infinity;
  }

  draw(now: number, frame: number): void {
    if (this.#place === undefined) return;
    if (this.#place.tenant !== '') {
      this.#tenant.draw(now, frame);
      return;
    }
    const made = String(this.#store.matrixVersion);
    if (made !== this.#made) this.#found = listed(this.#store, this.#place.text.toLowerCase());
    this.#made = made;
    const shown = this.#found.slice(0, this.#limit);
    this.#rows.draw(frame === 0 ? shown.slice(0, FEW) : shown, now);
    const all = this.#store.tenants.length;
    say(
      this.#count,
      this.#found.length === all
        ? counted(all, 'tenant')
        : `${counted(this.#found.length, 'tenant')} of ${number(all)}`,
    );
    hide(this.#table, shown.length === 0);
    hide(this.#more, this.#found.length <= shown.length);
    say(this.#more, `Show more (${counted(this.#found.length - shown.length, 'tenant')})`);
  }
}

function listed({ tenants, pairs }: Store, words: string): Listed[] {
  const byName = new Map(tenants.map((tenant) => [tenant.name, tenant]));
  const opened = new Map<string, MatrixPair[]>();
  const received = new Map<string, MatrixPair[]>();
  for (const pair of pairs.values()) {
    push(opened, pair.source, pair);
    push(received, pair.destination, pair);
  }
  return ranked(byName.keys(), pairs.values()).flatMap((name) => {
    const tenant = byName.get(name);
    if (tenant === undefined || !`${name}\n${tenant.hostNamespace}`.toLowerCase().includes(words)) return [];
    const [out, into] = [opened.get(name) ?? [], received.get(name) ?? []];
    const lastSeen = [...out, ...into].reduce(
      (last, pair) => (pair.lastSeen > last ? pair.lastSeen : last),
      '',
    );
    return [{ tenant, opened: summed(out), received: summed(into), lastSeen }];
  });
}

function push(into: Map<string, MatrixPair[]>, key: string, pair: MatrixPair): void {
  const known = into.get(key);
  if (known === undefined) into.set(key, [pair]);
  else known.push(pair);
}

export function summed(pairs: readonly MatrixPair[]): Tally[] {
  const sums = new Map<Tally['id'], number>();
  for (const pair of pairs)
    for (const { id, count } of talliesOf(pair)) sums.set(id, (sums.get(id) ?? 0) + count);
  return ORDER.flatMap((id) => (sums.has(id) ? [{ id, count: sums.get(id) ?? 0 }] : []));
}

export function endpointsOf({ endpoints }: TenantReport): number {
  return Object.values(endpoints).reduce((sum, count) => sum + count, 0);
}

class TenantRow implements Row<Listed> {
  readonly #name = el('a');
  readonly #namespace = bdi();
  readonly #endpoints = el('td');
  readonly #opened = el('td', { class: 'tallies' });
  readonly #received = el('td', { class: 'tallies' });
  readonly #last = el('td', { class: 'soft' });
  readonly node = el(
    'tr',
    {},
    el('th', { scope: 'row' }, el('bdi', {}, this.#name)),
    el('td', {}, this.#namespace),
    this.#endpoints,
    this.#opened,
    this.#received,
    this.#last,
  );
  #made = '';

  show({ tenant, opened, received, lastSeen }: Listed, now: number): void {
    say(this.#last, lastSeen === '' ? 'none' : ago(lastSeen, now));
    say(this.#endpoints, number(endpointsOf(tenant)));
    const made = JSON.stringify([tenant.name, opened, received]);
    if (made === this.#made) return;
    this.#made = made;
    say(this.#name, tenant.name);
    this.#name.setAttribute('href', linkTo({ view: 'tenants', tenant: tenant.name }));
    say(this.#namespace, tenant.hostNamespace);
    this.#opened.replaceChildren(...marksOf(opened, true));
    this.#received.replaceChildren(...marksOf(received, true));
  }
}

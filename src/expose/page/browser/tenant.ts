/** One tenant: who speaks for it, whom it meets, its last hour, and a policy that would isolate it. */
import type { Evidence } from '../../../model.js';
import type { MatrixPair, TenantReport, TrafficReport } from '../../api.js';
import { number } from '../words.js';
import { chart } from './chart.js';
import { bdi, el, hide, say } from './dom.js';
import { facts, section, table } from './health.js';
import { worstFirst } from './matrix.js';
import { PairRow } from './pair.js';
import { linkTo } from './place.js';
import { PolicyPart } from './policypart.js';
import { ask } from './read.js';
import { Rows } from './rows.js';
import type { Store } from './store.js';
import { FEW, type Site } from './view.js';

const EVIDENCE_NAMES: Readonly<Record<Evidence, string>> = {
  config: 'By configuration',
  namespace_labels: 'By namespace labels',
  managed_by: 'By managed-by label',
  service_account: 'By service account',
  control_plane: 'Control plane',
  pod_name: 'By pod name',
  namespace: 'By namespace',
  none: 'Unidentified',
};

const AT_ONCE = 25;
/** The analyzer notes once a minute. */
const TRAFFIC_MS = 20_000;

export class TenantPart {
  readonly node: HTMLElement;
  readonly #store: Store;
  readonly #site: Site;
  readonly #name = bdi();
  readonly #facts = el('dl', { class: 'facts' });
  readonly #evidence = el('dl', { class: 'facts' });
  readonly #unknown = el(
    'p',
    { class: 'soft' },
    'No such tenant has been seen. It may have gone, or be called otherwise.',
  );
  readonly #traffic = el('div');
  readonly #peers = el('tbody');
  readonly #peerRows = new Rows<MatrixPair>(
    this.#peers,
    ({ source, destination }) => JSON.stringify([source, destination]),
    () => new PairRow(),
  );
  readonly #peerTable = table('Peers', ['From', 'To', 'Connections', 'Last'], this.#peers);
  readonly #none = el('p', { class: 'soft' }, 'No connection to or from another tenant has been seen.');
  readonly #more = el('button', { type: 'button', class: 'show-more' }, 'Show more');
  readonly #crossings = el('a', {}, 'All its crossings');
  readonly #policy = new PolicyPart();
  #tenant = '';
  #limit = AT_ONCE;
  #trafficAt = -Infinity;

  constructor(store: Store, site: Site) {
    this.#store = store;
    this.#site = site;
    this.#more.addEventListener('click', () => {
      this.#limit += AT_ONCE;
      site.draw();
    });
    this.node = el(
      'div',
      {},
      el(
        'section',
        { 'aria-labelledby': 'title-tenant' },
        el('p', { class: 'soft' }, el('a', { href: linkTo({ view: 'tenants' }) }, 'Tenants'), ' /'),
        el('h2', { id: 'title-tenant', class: 'large', tabindex: '-1' }, this.#name),
        this.#unknown,
        el('div', { class: 'columns' }, this.#facts, this.#evidence),
      ),
      section('title-traffic', 'The last hour', this.#traffic),
      section(
        'title-peers',
        'Tenants it met',
        this.#peerTable,
        this.#none,
        this.#more,
        el('p', { class: 'soft' }, this.#crossings),
      ),
      section('title-policy', 'A policy that isolates it', this.#policy.node),
    );
  }

  show(tenant: string): void {
    if (tenant === this.#tenant) return;
    this.#tenant = tenant;
    this.#limit = AT_ONCE;
    this.#trafficAt = -Infinity;
    this.#traffic.replaceChildren(el('p', { class: 'soft' }, 'Reading…'));
    say(this.#name, tenant);
    this.#crossings.setAttribute('href', linkTo({ view: 'crossings', tenant }));
    this.#policy.show(tenant);
  }

  draw(now: number, frame: number): void {
    const { tenants, pairs } = this.#store;
    const known = tenants.find(({ name }) => name === this.#tenant);
    hide(this.#unknown, known !== undefined || tenants.length === 0);
    facts(this.#facts, known === undefined ? [] : identityOf(known));
    facts(this.#evidence, known === undefined ? [] : evidenceOf(known));
    const met = worstFirst(
      [...pairs.values()].filter(
        ({ source, destination }) => source === this.#tenant || destination === this.#tenant,
      ),
    );
    const shown = met.slice(0, this.#limit);
    this.#peerRows.draw(frame === 0 ? shown.slice(0, FEW) : shown, now);
    hide(this.#peerTable, shown.length === 0);
    hide(this.#none, shown.length > 0);
    hide(this.#more, met.length <= shown.length);
    say(this.#more, `Show more (${number(met.length - shown.length)})`);
    if (performance.now() - this.#trafficAt > TRAFFIC_MS) void this.#readTraffic();
  }

  async #readTraffic(): Promise<void> {
    this.#trafficAt = performance.now();
    const tenant = this.#tenant;
    const answer = await ask('traffic', { tenant });
    if (tenant !== this.#tenant) return;
    if (answer?.ok !== true) {
      this.#traffic.replaceChildren(el('p', { class: 'soft' }, 'Its traffic could not be read.'));
      return;
    }
    const report = (await answer.json()) as TrafficReport;
    if (tenant === this.#tenant) this.#traffic.replaceChildren(chart(report));
    this.#site.draw();
  }
}

function identityOf({ cluster, hostNamespace, vcluster }: TenantReport): { term: string; said: string }[] {
  return [
    { term: 'vCluster', said: vcluster },
    { term: 'Host namespace', said: hostNamespace },
    { term: 'Cluster', said: cluster },
  ];
}

function evidenceOf({ endpoints }: TenantReport): { term: string; said: string; isBad?: boolean }[] {
  const told = Object.entries(endpoints).filter(([, count]) => count > 0);
  if (told.length === 0) return [{ term: 'Endpoints', said: 'none is remembered' }];
  return told.map(([evidence, count]) => ({
    term: EVIDENCE_NAMES[evidence as Evidence],
    said: `${number(count)} ${count === 1 ? 'endpoint' : 'endpoints'}`,
  }));
}

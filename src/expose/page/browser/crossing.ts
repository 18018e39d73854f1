/** One crossing as a row: who, where to, what became of it; unfolded, the evidence and the lines to copy. */
import type { CrossingParty, CrossingReport } from '../../api.js';
import { MARKS } from '../marks.js';
import { ago, counted } from '../words.js';
import { copyButton, line } from './copy.js';
import { attribute, bdi, el, hide, say } from './dom.js';
import { kubectlLines } from './lines.js';
import { mark, markOf, remark } from './marking.js';
import { linkTo } from './place.js';
import type { Row } from './rows.js';
import type { Entry } from './store.js';

export class CrossingRow implements Row<Entry> {
  readonly node: HTMLElement;
  readonly #mark = mark('allowed');
  readonly #agreed = el('span', { class: 'soft' });
  readonly #time = el('time');
  readonly #ago = el('span', { class: 'soft' });
  readonly #source = new Side();
  readonly #destination = new Side();
  readonly #port = el('p', { class: 'port' });
  readonly #why = el('p', { class: 'why' }, bdi());
  readonly #seen = el('p', { class: 'why soft' });
  readonly #button = el('button', { type: 'button', class: 'unfold', 'aria-expanded': 'false' }, 'Details');
  readonly #more = el('div', { class: 'more' });
  #key = '';
  #entry: Entry | undefined;

  constructor() {
    const arrow = el(
      'p',
      { class: 'arrow' },
      el('span', { 'aria-hidden': 'true' }, '→'),
      el('span', { class: 'said' }, 'to'),
    );
    this.node = el(
      'li',
      {},
      el('p', { class: 'what' }, this.#mark, this.#agreed),
      el('p', { class: 'when' }, this.#time, ' ', this.#ago),
      el('div', { class: 'who' }, this.#source.node, arrow, this.#destination.node, this.#port),
      el('div', { class: 'whys' }, this.#why, this.#seen),
      this.#button,
      this.#more,
    );
    this.#more.hidden = true;
    this.#button.addEventListener('click', () => this.#unfold(this.#more.hidden !== false));
  }

  show(entry: Entry, now: number): void {
    const { crossing } = entry;
    say(this.#ago, ago(crossing.time, now));
    say(this.#seen, seenOf(crossing, now));
    if (entry === this.#entry) return;
    if (entry.key !== this.#key) this.#unfold(false);
    this.#key = entry.key;
    this.#entry = entry;
    const id = markOf(crossing);
    attribute(this.node, 'class', id);
    remark(this.#mark, id, MARKS[crossing.verdict].word);
    say(this.#agreed, crossing.expected ? 'expected' : 'unexpected');
    attribute(this.#time, 'datetime', crossing.time);
    attribute(this.#time, 'title', crossing.time);
    say(this.#time, timeOf(crossing.time, now));
    this.#source.show(crossing.source);
    this.#destination.show(crossing.destination);
    say(this.#port, portOf(crossing));
    const why = whyOf(crossing);
    hide(this.#why, why === '');
    if (this.#why.firstElementChild !== null) say(this.#why.firstElementChild, why);
    attribute(
      this.#button,
      'aria-label',
      `Details of ${crossing.source.tenant} to ${crossing.destination.tenant}`,
    );
  }

  #unfold(isOpen: boolean): void {
    if (this.#more.hidden === !isOpen) return;
    hide(this.#more, !isOpen);
    attribute(this.#button, 'aria-expanded', String(isOpen));
    if (isOpen && this.#entry !== undefined) this.#more.replaceChildren(...detailsOf(this.#entry.crossing));
    else this.#more.replaceChildren();
  }
}

/** The pod as its tenant knows it, where that is certain; the host's pod under it in any case. */
class Side {
  readonly #tenant = el('a');
  readonly #pod = bdi();
  readonly #host = bdi();
  readonly #known = el('p', { class: 'pod' }, this.#pod);
  readonly node = el(
    'div',
    { class: 'party' },
    el('p', { class: 'tenant' }, el('bdi', {}, this.#tenant)),
    this.#known,
    el('p', { class: 'host' }, el('span', { class: 'said' }, 'host pod '), this.#host),
  );

  show({ tenant, namespace, pod, virtualNamespace, virtualPod, address }: CrossingParty): void {
    say(this.#tenant, tenant);
    attribute(this.#tenant, 'href', linkTo({ view: 'tenants', tenant }));
    attribute(this.#tenant, 'title', tenant);
    hide(this.#known, virtualPod === undefined);
    say(this.#pod, virtualPod === undefined ? '' : `${virtualNamespace ?? '?'}/${virtualPod}`);
    say(
      this.#host,
      pod === '' ? `${namespace === '' ? 'no pod' : namespace} (${address})` : `${namespace}/${pod}`,
    );
  }
}

export function portOf({ protocol, port, icmp }: CrossingReport): string {
  if (icmp !== undefined) return `icmp type ${icmp.type}`;
  return port === undefined ? protocol : `${port}/${protocol}`;
}

/** The time of day, with the date where that is another day than now. */
function timeOf(time: string, now: number): string {
  const [day = '', rest = ''] = time.split('T');
  return `${new Date(now).toISOString().startsWith(day) ? '' : `${day} `}${rest.slice(0, 8)}`;
}

function whyOf({ expected, reason, policies, verdict }: CrossingReport): string {
  if (expected) return `Agreed: ${reason ?? 'in the configuration'}`;
  if (policies.length === 0) return '';
  return `${verdict === 'denied' ? 'Stopped by' : 'Let in by'} ${policies.join(', ')}`;
}

function seenOf({ count, lastSeen, node }: CrossingReport, now: number): string {
  return count > 1
    ? `${counted(count, 'event')} on ${node}, last ${ago(lastSeen, now)}`
    : `1 event on ${node}`;
}

function detailsOf(crossing: CrossingReport): HTMLElement[] {
  const { source, destination, policies, verdict, expected, reason, node, uuid, time, lastSeen, count } =
    crossing;
  const facts: (readonly [string, string])[] = [
    ['Source', sideOf(source)],
    ['', `evidence: ${evidenceOf(source)}`],
    ['Destination', sideOf(destination)],
    ['', `evidence: ${evidenceOf(destination)}`],
    [
      verdict === 'denied' ? 'Stopped by' : 'Let in by',
      policies.length === 0 ? 'no policy is named' : policies.join(', '),
    ],
    ['Agreed on', expected ? (reason ?? 'in the configuration') : 'no'],
    ['Seen', `${counted(count, 'event')} on ${node}, ${time} to ${lastSeen}`],
    ['uuid', uuid === '' ? 'none (Cilium before 1.14)' : uuid],
  ];
  const json = JSON.stringify(crossing, undefined, 2);
  const code = el('code', {}, json);
  return [
    el(
      'dl',
      { class: 'facts' },
      ...facts.map(([term, said]) => el('div', {}, el('dt', {}, term), el('dd', {}, bdi(said)))),
    ),
    el('h3', {}, 'See it again'),
    line('the hubble command', crossing.hubbleObserve),
    ...kubectlLines(crossing).map((command) => line('the kubectl command', command)),
    el(
      'details',
      { class: 'json' },
      el('summary', {}, 'JSON'),
      el('pre', { tabindex: '0' }, code),
      copyButton('as JSON', () => json, code),
    ),
  ];
}

function sideOf({ tenant, namespace, pod, address }: CrossingParty): string {
  return `${tenant}: ${pod === '' ? namespace || 'no pod' : `${namespace}/${pod}`}, ${address}`;
}

function evidenceOf({ evidence, evidenceLabels }: CrossingParty): string {
  const labels = evidenceLabels.length === 0 ? '' : ` (${evidenceLabels.join(', ')})`;
  return `${evidence.replaceAll('_', ' ')}${labels}`;
}

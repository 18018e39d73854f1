/** The filters of the crossings, as inputs; and as the question whether a crossing is asked for. */
import { MARKS } from '../marks.js';
import { el } from './dom.js';
import { fitPort, KINDS, linkTo, type Place } from './place.js';
import type { Entry, Store } from './store.js';
import type { Site } from './view.js';

type Field = 'tenant' | 'source' | 'destination' | 'verdict' | 'port' | 'text';

const KIND_NAMES = {
  unexpected: 'unexpected',
  ...Object.fromEntries(Object.entries(MARKS).map(([id, { word }]) => [id, word])),
} as Readonly<Record<string, string>>;
/** More names than that are no help to who types. */
const MOST_NAMES = 500;

export class FilterBar {
  readonly node: HTMLElement;
  readonly #inputs: Readonly<Record<Field, HTMLInputElement | HTMLSelectElement>>;
  readonly #names = el('datalist', { id: 'tenant-names' });
  readonly #site: Site;
  #namesMade = -1;
  #asked = '';

  constructor(site: Site) {
    this.#site = site;
    const tenants = {
      type: 'search',
      list: 'tenant-names',
      autocomplete: 'off',
      spellcheck: 'false',
      maxlength: '512',
    };
    this.#inputs = {
      text: el('input', {
        type: 'search',
        autocomplete: 'off',
        spellcheck: 'false',
        maxlength: '253',
        'aria-keyshortcuts': '/',
      }),
      tenant: el('input', tenants),
      source: el('input', tenants),
      destination: el('input', tenants),
      verdict: el(
        'select',
        {},
        el('option', { value: '' }, 'any'),
        ...KINDS.map((kind) => el('option', { value: kind }, KIND_NAMES[kind])),
      ),
      port: el('input', {
        type: 'search',
        inputmode: 'numeric',
        autocomplete: 'off',
        maxlength: '5',
        size: '6',
      }),
    };
    const labels: Readonly<Record<Field, string>> = {
      text: 'Text',
      tenant: 'Either side',
      source: 'From',
      destination: 'To',
      verdict: 'Verdict',
      port: 'Port',
    };
    const fields = (Object.keys(labels) as Field[]).map((field) =>
      el('label', { class: `of-${field}` }, el('span', {}, labels[field]), this.#inputs[field]),
    );
    const clear = el('a', { href: linkTo({ view: 'crossings' }), class: 'clear' }, 'Clear');
    this.node = el(
      'form',
      { class: 'filters', role: 'search', 'aria-label': 'Crossings' },
      ...fields,
      clear,
      this.#names,
    );
    this.node.addEventListener('submit', (event) => event.preventDefault());
    this.node.addEventListener('input', () => site.refine(this.#said()));
  }

  show(place: Place, store: Store): void {
    for (const [field, input] of Object.entries(this.#inputs)) {
      const value = place[field as Field];
      // What is being typed may not be fit yet.
      if (input.value !== value && document.activeElement !== input) input.value = value;
    }
    this.#offer(store);
    this.#read(place);
  }

  /** @returns undefined where everything is */
  predicate({
    tenant,
    source,
    destination,
    verdict,
    port,
    text,
  }: Place): ((entry: Entry) => boolean) | undefined {
    if ([tenant, source, destination, verdict, port, text].every((said) => said === '')) return undefined;
    const words = text.toLowerCase();
    return ({ crossing, words: own }) =>
      (words === '' || own.includes(words)) &&
      (tenant === '' || crossing.source.tenant === tenant || crossing.destination.tenant === tenant) &&
      (source === '' || crossing.source.tenant === source) &&
      (destination === '' || crossing.destination.tenant === destination) &&
      (port === '' || String(crossing.port ?? '') === port) &&
      (verdict === '' ||
        (verdict === 'expected'
          ? crossing.expected
          : verdict === 'unexpected'
            ? !crossing.expected
            : crossing.verdict === verdict));
  }

  #said(): Partial<Place> {
    const { text, tenant, source, destination, verdict, port } = this.#inputs;
    return {
      text: text.value,
      tenant: tenant.value,
      source: source.value,
      destination: destination.value,
      verdict: KINDS.find((kind) => kind === verdict.value) ?? '',
      port: fitPort(port.value.trim()),
    };
  }

  #offer(store: Store): void {
    if (this.#namesMade === store.tenants.length) return;
    this.#namesMade = store.tenants.length;
    this.#names.replaceChildren(
      ...store.tenants.slice(0, MOST_NAMES).map(({ name }) => el('option', { value: name })),
    );
  }

  /** Older ones than the newest of all, of these tenants. */
  #read({ source, destination, verdict }: Place): void {
    const isVerdict = verdict === 'allowed' || verdict === 'audited' || verdict === 'denied';
    const filter = {
      ...(source !== '' && { source }),
      ...(destination !== '' && { destination }),
      ...(isVerdict && { verdict }),
    };
    const asked = JSON.stringify(filter);
    if (asked === this.#asked || (source === '' && destination === '')) return;
    this.#asked = asked;
    this.#site.readCrossings(filter);
  }
}

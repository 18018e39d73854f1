/** The page where scripts run: takes over from what the server rendered, and follows what changes. */
import type { Tone } from '../../api.js';
import { TITLES } from '../tones.js';
import { CrossingsView } from './crossings.js';
import { attribute, el, say } from './dom.js';
import { Feed } from './feed.js';
import { HealthView } from './health.js';
import { OverviewView } from './overview.js';
import { linkTo, placeOf, type Place, type View } from './place.js';
import { Store } from './store.js';
import { TenantsView } from './tenants.js';
import { Top } from './top.js';
import { LAST_FRAME, type Site, type ViewOf } from './view.js';

/** What changes by itself is drawn so often at most; what a person does, at once. */
const DRAW_MS = 500;
/** After the last letter: browsers refuse a new address for each. */
const REFINED_MS = 300;

const NAMES: Readonly<Record<View, string>> = {
  overview: 'Overview',
  crossings: 'Crossings',
  tenants: 'Tenants',
  health: 'Health',
};

class Page implements Site {
  readonly #store = new Store();
  readonly #feed = new Feed(this.#store, () => this.#drawLater());
  readonly #top = new Top();
  readonly #state = el('p', { class: 'soft', role: 'status' });
  readonly #links: Readonly<Record<View, HTMLAnchorElement>>;
  readonly #body = el('div', { id: 'view' });
  readonly #views = new Map<View, ViewOf>();
  #place = placeOf(location.search);
  #tone: Tone | undefined;
  #isAsked = false;
  #frame = LAST_FRAME;
  #isNew = false;
  #drawnAt = -Infinity;
  #later: ReturnType<typeof setTimeout> | undefined;
  #refined: ReturnType<typeof setTimeout> | undefined;
  #reading: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const links = Object.entries(NAMES).map(
      ([view, name]) => [view, el('a', { href: linkTo({ view: view as View }) }, name)] as const,
    );
    this.#links = Object.fromEntries(links) as unknown as Readonly<Record<View, HTMLAnchorElement>>;
  }

  start(): void {
    document.addEventListener('click', (event) => this.#follow(event));
    document.addEventListener('keydown', (event) => this.#key(event));
    window.addEventListener('popstate', () => this.#arrive(placeOf(location.search)));
    window.addEventListener('beforeprint', () => this.#printed());
    this.#feed.start();
  }

  draw(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => this.#drawNow());
  }

  refine(changes: Partial<Place>): void {
    this.#place = { ...this.#place, ...changes };
    this.#frame = 0;
    this.#view().show(this.#place);
    clearTimeout(this.#refined);
    this.#refined = setTimeout(() => history.replaceState(undefined, '', linkTo(this.#place)), REFINED_MS);
    // The letter first: what it finds comes in the frame after.
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.draw());
  }

  readCrossings(filter: Readonly<Record<string, string>>): void {
    clearTimeout(this.#reading);
    this.#reading = setTimeout(() => void this.#feed.readCrossings(filter), REFINED_MS);
  }

  #drawLater(): void {
    const wait = Math.max(0, this.#drawnAt + DRAW_MS - performance.now());
    this.#later ??= setTimeout(() => this.draw(), wait);
  }

  #drawNow(): void {
    this.#isAsked = false;
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#drawnAt = performance.now();
    const tone = this.#top.draw(this.#store, this.#feed);
    if (tone === undefined) return;
    if (this.#tone === undefined) this.#takeOver();
    const frame = this.#frame;
    this.#frame = Math.min(frame + 1, LAST_FRAME);
    this.#tone = tone;
    const view = this.#view();
    const title = `${TITLES[tone]} · ${view.title} · Crosstalk`;
    if (document.title !== title) document.title = title;
    say(
      this.#state,
      this.#feed.isOpen
        ? `Live, ${new Date(this.#store.now()).toISOString().slice(11, 19)} UTC`
        : 'Reconnecting…',
    );
    view.draw(this.#store.now(), frame);
    if (this.#isNew) this.#begin();
    if (frame < LAST_FRAME) this.draw();
  }

  /** What the server rendered stays until there is something to put into its place. */
  #takeOver(): void {
    const header = document.querySelector('header');
    const main = document.querySelector('main');
    if (header === null || main === null) return;
    const items = Object.values(this.#links).map((link) => el('li', {}, link));
    const skip = el('a', { href: '#view', class: 'skip' }, 'Skip to the view');
    header.replaceChildren(
      skip,
      el('p', { class: 'brand' }, 'Crosstalk'),
      el('nav', { 'aria-label': 'Views', class: 'views' }, el('ul', {}, ...items)),
      this.#state,
    );
    main.replaceChildren(this.#top.node, this.#body);
    this.#show();
  }

  #view(): ViewOf {
    const { view } = this.#place;
    const known = this.#views.get(view);
    if (known !== undefined) return known;
    const made = this.#make(view);
    this.#views.set(view, made);
    return made;
  }

  #make(view: View): ViewOf {
    switch (view) {
      case 'overview':
        return new OverviewView(this.#store, this);
      case 'crossings':
        return new CrossingsView(this.#store, this);
      case 'tenants':
        return new TenantsView(this.#store, this);
      case 'health':
        return new HealthView(this.#store, this.#feed);
    }
  }

  #show(): void {
    const view = this.#view();
    for (const [name, link] of Object.entries(this.#links))
      attribute(link, 'aria-current', name === this.#place.view && 'page');
    view.show(this.#place);
    if (this.#body.firstElementChild !== view.node) this.#body.replaceChildren(view.node);
  }

  #arrive(place: Place): void {
    const isElsewhere = place.view !== this.#place.view || place.tenant !== this.#place.tenant;
    clearTimeout(this.#refined);
    this.#place = place;
    this.#frame = 0;
    if (this.#tone === undefined) return;
    this.#show();
    this.draw();
    this.#isNew = isElsewhere;
  }

  /** After the first of it has been drawn: both ask where things are. */
  #begin(): void {
    this.#isNew = false;
    scrollTo(0, 0);
    // Who does not see that the page is another is told by where the focus is.
    this.#body.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
  }

  /** Links within the page need no new page; those with a key held, or to elsewhere, are the browser's. */
  #follow(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (
      link === null ||
      event.button !== 0 ||
      event.ctrlKey ||
      event.metaKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const href = link.getAttribute('href') ?? '';
    if (!href.startsWith('?') || link.hasAttribute('download')) return;
    event.preventDefault();
    history.pushState(undefined, '', href);
    this.#arrive(placeOf(location.search));
  }

  #key(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    const input = this.#body.querySelector<HTMLInputElement>('input[type="search"]');
    if (input === null) return;
    event.preventDefault();
    input.focus();
  }

  #printed(): void {
    this.#view().showAll?.();
    this.#frame = LAST_FRAME;
    this.#drawNow();
  }
}

new Page().start();

/** The crossings, newest first: live, held where somebody reads, found by filters that a link can hold. */
import { counted, number } from '../words.js';
import { CrossingRow } from './crossing.js';
import { el, hide, say } from './dom.js';
import { FilterBar } from './filterbar.js';
import type { Place } from './place.js';
import { Rows } from './rows.js';
import { MOST_CROSSINGS, type Entry, type Store } from './store.js';
import { FEW, LAST_FRAME, type Site, type ViewOf } from './view.js';

const AT_ONCE = 50;
const MORE = 25;

export class CrossingsView implements ViewOf {
  readonly title = 'Crossings';
  readonly node: HTMLElement;
  readonly #store: Store;
  readonly #site: Site;
  readonly #bar: FilterBar;
  readonly #list = el('ol', { class: 'crossings', role: 'list' });
  readonly #rows = new Rows<Entry>(
    this.#list,
    ({ key }) => key,
    () => new CrossingRow(),
  );
  readonly #count = el('p', { class: 'soft', role: 'status' });
  readonly #pause = el('button', { type: 'button', class: 'quiet-button', 'aria-pressed': 'false' }, 'Pause');
  readonly #newer = el('button', { type: 'button', class: 'newer' });
  readonly #more = el('button', { type: 'button', class: 'show-more' }, 'Show more');
  readonly #none = el('p', { class: 'none soft' });
  #place: Place | undefined;
  #isPaused = false;
  #limit = AT_ONCE;
  /** Of the crossings that are known, those that the filters leave. */
  #found: readonly Entry[] = [];
  /** What is shown while it is held. */
  #held: readonly Entry[] | undefined;
  #shown: readonly Entry[] | undefined;
  #made = '';

  constructor(store: Store, site: Site) {
    this.#store = store;
    this.#site = site;
    this.#bar = new FilterBar(site);
    this.#pause.addEventListener('click', () => this.#setPaused(!this.#isPaused));
    this.#newer.addEventListener('click', () => this.#letGo());
    this.#more.addEventListener('click', () => {
      this.#limit += MORE;
      this.draw(store.now(), LAST_FRAME);
    });
    this.node = el(
      'section',
      { 'aria-labelledby': 'title-crossings' },
      el(
        'div',
        { class: 'title' },
        el('h2', { id: 'title-crossings', tabindex: '-1' }, 'Crossings'),
        this.#pause,
      ),
      el('p', { class: 'soft' }, 'Connections between tenants, newest first. Times are UTC.'),
      this.#bar.node,
      this.#count,
      this.#newer,
      this.#list,
      this.#none,
      this.#more,
    );
  }

  show(place: Place): void {
    if (place !== this.#place) {
      this.#limit = AT_ONCE;
      this.#held = undefined;
      this.#shown = undefined;
      this.#made = '';
    }
    this.#place = place;
    this.#bar.show(place, this.#store);
  }

  /** For paper, all that is asked for; a thousand rows are fifty pages. */
  showAll(): void {
    this.#limit = Math.max(this.#limit, 1_000);
  }

  draw(now: number, frame: number): void {
    const place = this.#place;
    if (place === undefined) return;
    const made = `${this.#store.crossingsVersion}`;
    if (made !== this.#made) {
      this.#made = made;
      const wanted = this.#bar.predicate(place);
      this.#found = wanted === undefined ? this.#store.crossings : this.#store.crossings.filter(wanted);
    }
    if (this.#isPaused || (frame > 0 && this.#isRead())) this.#held ??= this.#shown ?? this.#found;
    else this.#held = undefined;
    const from = this.#held ?? this.#found;
    this.#shown = from;
    const shown = from.slice(0, this.#limit);
    this.#rows.draw(frame === 0 ? shown.slice(0, FEW) : shown, now);
    this.#tell(from, shown.length, place);
  }

  /** Nothing moves under the eyes or the hands of who reads: further down, with details open, or by wish. */
  #isRead(): boolean {
    if (this.#limit > AT_ONCE || this.#list.querySelector('[aria-expanded="true"]') !== null) return true;
    const top = this.#list.getBoundingClientRect().top;
    return top < 0 || (this.#list.contains(document.activeElement) && this.#list.matches(':focus-within'));
  }

  #tell(from: readonly Entry[], shown: number, place: Place): void {
    const all = this.#store.crossings.length;
    const isFiltered = this.#bar.predicate(place) !== undefined;
    const kept = all >= MOST_CROSSINGS ? `the newest ${number(MOST_CROSSINGS)}` : number(all);
    say(
      this.#count,
      isFiltered ? `${counted(from.length, 'crossing')} of ${kept}` : counted(from.length, 'crossing'),
    );
    const newest = from[0];
    const newer =
      this.#held === undefined
        ? 0
        : newest === undefined
          ? this.#found.length
          : this.#found.findIndex(({ key }) => key === newest.key);
    const many = newer < 0 ? 'Many newer' : `${number(newer)} newer`;
    hide(this.#newer, newer === 0);
    say(this.#newer, `${many}: show`);
    hide(this.#more, from.length <= shown);
    say(this.#more, `Show more (${number(from.length - shown)} older)`);
    hide(this.#list, from.length === 0);
    hide(this.#none, from.length > 0);
    say(
      this.#none,
      !this.#store.hasCrossings
        ? 'Reading…'
        : isFiltered && all > 0
          ? 'None of those that are kept is like this.'
          : 'None has been seen.',
    );
  }

  #setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#pause.setAttribute('aria-pressed', String(isPaused));
    say(this.#pause, isPaused ? 'Go on' : 'Pause');
    if (!isPaused) this.#held = undefined;
    this.#site.draw();
  }

  #letGo(): void {
    this.#limit = AT_ONCE;
    this.#shown = undefined;
    this.#held = this.#isPaused ? this.#found : undefined;
    for (const open of this.#list.querySelectorAll<HTMLElement>('[aria-expanded="true"]')) open.click();
    this.node.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
    if (this.#list.getBoundingClientRect().top < 0) this.node.scrollIntoView();
    this.#site.draw();
  }
}

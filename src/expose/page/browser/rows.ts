/** Lists whose rows are known by a key: a row that stays is left alone, one that is free is used again. */
import { place } from './dom.js';

export interface Row<T> {
  readonly node: HTMLElement;
  /** Shows this item, whichever it showed before. @param now milliseconds since the epoch */
  show(item: T, now: number): void;
}

const MOST_SPARE = 50;

export class Rows<T> {
  readonly #parent: Element;
  readonly #key: (item: T) => string;
  readonly #create: () => Row<T>;
  #rows = new Map<string, Row<T>>();
  /** Taken out for now. */
  #spare: Row<T>[] = [];

  constructor(parent: Element, key: (item: T) => string, create: () => Row<T>) {
    this.#parent = parent;
    this.#key = key;
    this.#create = create;
  }

  /** No key may come twice. */
  draw(items: readonly T[], now: number): void {
    const keys = items.map((item) => this.#key(item));
    const wanted = new Set(keys);
    const free = [...this.#rows].flatMap(([key, row]) => (wanted.has(key) ? [] : [row]));
    const rows = new Map<string, Row<T>>();
    items.forEach((item, at) => {
      const key = keys[at] ?? '';
      const row = this.#rows.get(key) ?? free.pop() ?? this.#spare.pop() ?? this.#create();
      row.show(item, now);
      rows.set(key, row);
    });
    this.#rows = rows;
    this.#spare = [...this.#spare, ...free].slice(0, MOST_SPARE);
    place(
      this.#parent,
      [...rows.values()].map(({ node }) => node),
    );
  }
}

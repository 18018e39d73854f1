/** Kinds of connections by the host namespace that opened them, and whichever opened most, without looking at all of them. */

interface Opener<T> {
  readonly namespace: string;
  readonly entries: Set<T>;
}

export class Openers<T> {
  readonly #byNamespace = new Map<string, Opener<T>>();
  readonly #bySize = new Map<number, Set<Opener<T>>>();
  #most = 0;

  add(namespace: string, entry: T): void {
    let opener = this.#byNamespace.get(namespace);
    if (opener === undefined) this.#byNamespace.set(namespace, (opener = { namespace, entries: new Set() }));
    const before = opener.entries.size;
    opener.entries.add(entry);
    this.#moved(opener, before);
  }

  delete(namespace: string, entry: T): void {
    const opener = this.#byNamespace.get(namespace);
    const before = opener?.entries.size ?? 0;
    if (opener?.entries.delete(entry) !== true) return;
    if (opener.entries.size === 0) this.#byNamespace.delete(namespace);
    this.#moved(opener, before);
  }

  /** Those of the namespace that opened most, the ones that were added first in front. */
  largest(): ReadonlySet<T> {
    const [opener] = this.#bySize.get(this.#most) ?? [];
    return opener?.entries ?? new Set();
  }

  /** Behind all others of its namespace. */
  putBack(namespace: string, entry: T): void {
    const entries = this.#byNamespace.get(namespace)?.entries;
    if (entries?.delete(entry) === true) entries.add(entry);
  }

  list(): T[] {
    return [...this.#byNamespace.values()].flatMap(({ entries }) => [...entries]);
  }

  get namespaces(): number {
    return this.#byNamespace.size;
  }

  /** Sizes change by one: the most is where it was, or beside it. */
  #moved(opener: Opener<T>, before: number): void {
    const { size } = opener.entries;
    const old = this.#bySize.get(before);
    old?.delete(opener);
    if (old?.size === 0) this.#bySize.delete(before);
    if (size > 0) {
      const same = this.#bySize.get(size);
      if (same === undefined) this.#bySize.set(size, new Set([opener]));
      else same.add(opener);
    }
    if (size > this.#most) this.#most = size;
    else if (!this.#bySize.has(this.#most)) this.#most -= 1;
  }
}

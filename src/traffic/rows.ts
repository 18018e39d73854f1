import { Arena } from '../tables/arena.js';
import { grown } from '../tables/grown.js';
import { hashOf } from '../tables/hash.js';
import { Places } from '../tables/places.js';
import type { Key } from './key.js';

/** No row: the end of a list, or nothing found. */
export const NO_ROW = -1;
const FIRST_ROWS = 64;

/** Rows in an order of their own, a row in one list at most: the ends, and how many. */
export interface RowList {
  first: number;
  last: number;
  size: number;
}

export function emptyList(): RowList {
  return { first: NO_ROW, last: NO_ROW, size: 0 };
}

/**
 * What is known of each connection, in columns: a row is a number, found by its
 * key. Two hundred thousand connections as objects in a `Map` with keys of text are
 * a hundred megabytes, and every one of them is looked at by each collection of
 * garbage; here they are a quarter of that, and some ten arrays.
 */
export class Rows {
  ids = new Float64Array(FIRST_ROWS);
  /** The node's clock, milliseconds. */
  flowTimes = new Float64Array(FIRST_ROWS);
  /** Ours. */
  touchedAt = new Float64Array(FIRST_ROWS);
  /** Whatever bits who uses it gives a meaning. */
  flags = new Uint8Array(FIRST_ROWS);

  private readonly places = new Places();
  private readonly keys = new Arena();
  private hashes = new Int32Array(FIRST_ROWS);
  private before = new Int32Array(FIRST_ROWS);
  private after = new Int32Array(FIRST_ROWS);
  private readonly most: number;
  /** Rows that were ever taken, and those of them that are free, linked by `after`. */
  private taken = 0;
  private free = NO_ROW;
  /** Of the key that was sought last. */
  private soughtHash = 0;

  /** @param most rows at once */
  constructor(most: number) {
    this.most = most;
  }

  /** The row of a key, or {@link NO_ROW}. */
  find({ bytes, length }: Key): number {
    const hash = hashOf(bytes, 0, length);
    this.soughtHash = hash;
    const { places, keys } = this;
    for (let row = places.first(hash); row >= 0; row = places.next(hash))
      if (keys.equals(row, bytes, 0, length)) return row;
    return NO_ROW;
  }

  /** A new row, in no list yet, for the key that {@link find} has just not found. */
  add({ bytes, length }: Key): number {
    const row = this.freeRow();
    this.keys.put(row, bytes, 0, length);
    this.hashes[row] = this.soughtHash;
    this.places.add(row, this.soughtHash);
    return row;
  }

  /** Forgets a row that is in no list any more. */
  remove(row: number): void {
    this.places.remove(row, this.hashes[row] ?? 0);
    this.keys.free(row);
    this.after[row] = this.free;
    this.free = row;
  }

  keyOf(row: number): string {
    return this.keys.text(row);
  }

  /** To the end of a list. */
  append(list: RowList, row: number): void {
    this.before[row] = list.last;
    this.after[row] = NO_ROW;
    if (list.last === NO_ROW) list.first = row;
    else this.after[list.last] = row;
    list.last = row;
    list.size += 1;
  }

  /** Out of the list that it is in. */
  unlink(list: RowList, row: number): void {
    const before = this.before[row] ?? NO_ROW;
    const after = this.after[row] ?? NO_ROW;
    if (before === NO_ROW) list.first = after;
    else this.after[before] = after;
    if (after === NO_ROW) list.last = before;
    else this.before[after] = before;
    list.size -= 1;
  }

  /** The row before this one in its list, or {@link NO_ROW}. */
  rowBefore(row: number): number {
    return this.before[row] ?? NO_ROW;
  }

  private freeRow(): number {
    if (this.free !== NO_ROW) {
      const row = this.free;
      this.free = this.after[row] ?? NO_ROW;
      return row;
    }
    if (this.taken === this.ids.length) this.makeRoom();
    this.taken += 1;
    return this.taken - 1;
  }

  private makeRoom(): void {
    const { length } = this.ids;
    const size = Math.max(length + 1, Math.min(this.most, length * 2));
    this.ids = grown(this.ids, new Float64Array(size));
    this.flowTimes = grown(this.flowTimes, new Float64Array(size));
    this.touchedAt = grown(this.touchedAt, new Float64Array(size));
    this.flags = grown(this.flags, new Uint8Array(size));
    this.hashes = grown(this.hashes, new Int32Array(size));
    this.before = grown(this.before, new Int32Array(size));
    this.after = grown(this.after, new Int32Array(size));
  }
}

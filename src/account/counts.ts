import { grown } from '../tables/grown.js';
import { mix, settle } from '../tables/hash.js';
import { Places } from '../tables/places.js';

const FIRST_ROWS = 64;
/** Two sides and a code, and one to spare, so that a row is never in two lines of the processor's caches. */
const ROW = 4;

/**
 * Counters by two sides' numbers and a small code, in columns: what each flow looks
 * for of thousands of pairs is close together, where objects of a pair, its cells and
 * their names are a megabyte.
 */
export class Counts {
  private readonly places = new Places(4 / 5);
  private rows = new Int32Array(FIRST_ROWS * ROW);
  private totals = new Float64Array(FIRST_ROWS);
  private size = 0;

  /** Hot: the counter's number; -1: there is none. */
  find(from: number, to: number, code: number): number {
    const { places, rows } = this;
    const hash = hashOf(from, to, code);
    for (let at = places.first(hash); at >= 0; at = places.next(hash)) {
      const row = at * ROW;
      if (rows[row] === from && rows[row + 1] === to && rows[row + 2] === code) return at;
    }
    return -1;
  }

  /** One that {@link find} has just not found, from 0 on. */
  add(from: number, to: number, code: number): number {
    const at = this.size;
    if (at === this.totals.length) this.makeRoom();
    this.rows.set([from, to, code], at * ROW);
    this.places.add(at, hashOf(from, to, code));
    this.size += 1;
    return at;
  }

  /** Hot. */
  increment(at: number): void {
    this.totals[at] = this.total(at) + 1;
  }

  total(at: number): number {
    return this.totals[at] ?? 0;
  }

  private makeRoom(): void {
    this.rows = grown(this.rows, new Int32Array(this.rows.length * 2));
    this.totals = grown(this.totals, new Float64Array(this.totals.length * 2));
  }
}

function hashOf(from: number, to: number, code: number): number {
  return settle(mix(mix(mix(0, from), to), code));
}

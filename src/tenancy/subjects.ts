import { hash, randomUUID } from 'node:crypto';
import { grown } from '../tables/grown.js';
import { Places } from '../tables/places.js';
import type { Standing } from './standing.js';

/** No row: nothing found, or an endpoint that is no pod. */
export const NO_ROW = -1;
const FIRST_ROWS = 64;
/** Of a digest, 32 bits each. */
const WORDS = 4;
/** Nobody outside this process can look for contents with one digest, or that stand in each other's way. */
const SALT = randomUUID();

/**
 * Pods by content, in columns: a row is a number. Found by half of a SHA-256, not by
 * the text: labels are most of an endpoint's size, and the Endpoint object holds them
 * already. Some fifty bytes each, where an object and an entry in a `Map` take 300.
 */
export class Subjects {
  /** What is concluded of each; undefined for what has just come, and where nothing stands. */
  readonly standings: (Standing | undefined)[] = [];
  /** 1: that its pieces of evidence disagree was told. */
  conflicts = new Uint8Array(FIRST_ROWS);
  private digests = new Int32Array(FIRST_ROWS * WORDS);
  /** Endpoint objects that are remembered of it; of a free row, the next free one. */
  private holders = new Int32Array(FIRST_ROWS);
  private readonly places = new Places(4 / 5);
  private readonly most: number;
  private free = NO_ROW;
  /** The digest that was sought last. */
  private readonly sought = new Int32Array(WORDS);

  /** @param most pods that are expected at once */
  constructor(most: number) {
    this.most = most;
  }

  /** The row of a content, or {@link NO_ROW}. */
  find(content: string): number {
    const digest = hash('sha256', SALT + content, 'buffer');
    for (let word = 0; word < WORDS; word += 1) this.sought[word] = digest.readInt32LE(word * 4);
    const [first = 0] = this.sought;
    let row = this.places.first(first);
    while (row >= 0 && !this.isSought(row)) row = this.places.next(first);
    return row;
  }

  /** A row that nobody holds yet, for the content that {@link find} has just not found. */
  add(): number {
    const row = this.freeRow();
    this.digests.set(this.sought, row * WORDS);
    this.holders[row] = 0;
    this.conflicts[row] = 0;
    this.places.add(row, this.digests[row * WORDS] ?? 0);
    return row;
  }

  /** One more Endpoint object is this pod. */
  hold(row: number): void {
    this.holders[row] = (this.holders[row] ?? 0) + 1;
  }

  /** An Endpoint object was forgotten. @returns what was concluded of the pod, if it was the last one: its row is gone */
  release(row: number): Standing | undefined {
    const left = (this.holders[row] ?? 0) - 1;
    this.holders[row] = left;
    if (left > 0) return undefined;
    const standing = this.standings[row];
    this.places.remove(row, this.digests[row * WORDS] ?? 0);
    this.standings[row] = undefined;
    this.holders[row] = this.free;
    this.free = row;
    return standing;
  }

  private isSought(row: number): boolean {
    return this.sought.every((word, i) => this.digests[row * WORDS + i] === word);
  }

  private freeRow(): number {
    const row = this.free;
    if (row !== NO_ROW) {
      this.free = this.holders[row] ?? NO_ROW;
      return row;
    }
    if (this.standings.length === this.holders.length) this.makeRoom();
    return this.standings.push(undefined) - 1;
  }

  private makeRoom(): void {
    const { length } = this.holders;
    const size = Math.max(length + 1, Math.min(this.most, length * 2));
    this.conflicts = grown(this.conflicts, new Uint8Array(size));
    this.digests = grown(this.digests, new Int32Array(size * WORDS));
    this.holders = grown(this.holders, new Int32Array(size));
  }
}

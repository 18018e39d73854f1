import type { Endpoint } from '../model.js';
import { grown } from '../tables/grown.js';
import { Hand } from '../tables/hand.js';
import { NO_ROW } from './subjects.js';

const FIRST_SLOTS = 64;

/** The Endpoint objects that are remembered, each with its pod's row. What was not used for long is forgotten first. */
export class Slots {
  private readonly seen: Endpoint[] = [];
  private rows = new Int32Array(FIRST_SLOTS);
  private readonly hand = new Hand();
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  /** Hot: the object in it was used. */
  touch(slot: number): void {
    this.hand.touch(slot);
  }

  /** {@link NO_ROW}: it is no pod. */
  rowOf(slot: number): number {
    return this.rows[slot] ?? NO_ROW;
  }

  /** Remembers an object. @returns the row of the one that was forgotten for it */
  enter(endpoint: Endpoint, row: number): number {
    const slot = this.seen.length < this.most ? this.seen.length : this.hand.choose(this.seen.length);
    const former = this.seen[slot];
    const left = former === undefined ? NO_ROW : this.rowOf(slot);
    // After a reload it may be remembered elsewhere.
    if (former?.slot === slot) former.standing = undefined;
    if (slot >= this.rows.length) this.makeRoom();
    this.seen[slot] = endpoint;
    this.rows[slot] = row;
    this.hand.enter(slot);
    endpoint.slot = slot;
    return left;
  }

  /** All objects, those that were used of late last. */
  lastUsedLast(): Endpoint[] {
    const { seen, hand } = this;
    const fresh = seen.filter((_, slot) => hand.isFresh(slot));
    return [...seen.filter((_, slot) => !hand.isFresh(slot)), ...fresh];
  }

  private makeRoom(): void {
    const size = Math.min(this.most, this.rows.length * 2);
    this.rows = grown(this.rows, new Int32Array(size));
  }
}

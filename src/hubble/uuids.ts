import { Places } from '../tables/places.js';
import type { Fingerprint } from './fingerprint.js';

/** Positions that a memory starts with: most nodes of a large cluster say little. */
const FIRST_LENGTH = 64;

/** How far back what is not the newest is looked for before an index is made: flows of a node are nearly in order. */
const NEARBY = 64;

/**
 * The last `capacity` fingerprints of one node, exactly: a new one pushes the
 * oldest out. Nothing is allocated once it has grown to its capacity.
 *
 * Kept as a ring of keys in the order they came. Whatever happened later than all
 * that came before is new, and not looked for: an event has the same time whenever
 * it is read. What is a little out of order is found, or not, among the last few.
 * Only a re-read needs an index over the ring, which is made for it, and dropped
 * when as many have come without a question to it as the ring holds.
 */
export class UuidMemory {
  /** Flow time of the youngest fingerprint that was pushed out. */
  forgottenUntil = -Infinity;

  private capacity: number;
  private length = 0;
  private size = 0;
  private next = 0;
  private keys = new Int32Array(0);
  /** The highest time of each fingerprint and all before it. */
  private highest = new Float64Array(0);
  private newest = -Infinity;
  /** All had a time of their own: else being the newest proves nothing. */
  private timed = true;
  private index: Places | undefined;
  /** How many were added since the index was last asked. */
  private unasked = 0;

  /** @param capacity how many fingerprints are kept, at least 1 */
  constructor(capacity: number) {
    this.capacity = Math.max(1, capacity);
    this.reallocate(Math.min(FIRST_LENGTH, this.capacity));
  }

  get count(): number {
    return this.size;
  }

  /** Bytes of the tables. */
  get bytes(): number {
    return this.keys.byteLength + this.highest.byteLength + (this.index?.bytes ?? 0);
  }

  /** @param time the event's own, milliseconds; undefined where it has none */
  has(key: Fingerprint, time: number | undefined): boolean {
    return !this.isNewest(time) && this.knows(key, time);
  }

  /**
   * Remembers; false when it was known.
   *
   * @param time the event's own, milliseconds; undefined where it has none
   * @param receivedAt stands for a time that it does not have, in {@link forgottenUntil}
   */
  add(key: Fingerprint, time: number | undefined, receivedAt: number): boolean {
    if (time === undefined) this.timed = false;
    if (this.has(key, time)) return false;
    this.append(key, time ?? receivedAt);
    return true;
  }

  private isNewest(time: number | undefined): boolean {
    return this.timed && time !== undefined && time > this.newest;
  }

  /** Changes how many are kept; what no longer fits is forgotten, oldest first. */
  resize(capacity: number): void {
    const wanted = Math.max(1, capacity);
    if (wanted === this.capacity) return;
    this.capacity = wanted;
    while (this.size > wanted) this.forgetOldest();
    if (this.length > wanted) this.reallocate(wanted);
  }

  private knows(key: Fingerprint, time: number | undefined): boolean {
    if (this.index !== undefined || !this.timed || time === undefined) return this.isIndexed(key);
    const { highest, length } = this;
    let position = this.next;
    for (let back = Math.min(NEARBY, this.size); back > 0; back -= 1) {
      position = position === 0 ? length - 1 : position - 1;
      // From here back all happened earlier, and it is none of them.
      if ((highest[position] ?? 0) < time) return false;
      if (this.isAt(key, position * 4)) return true;
    }
    return this.size > NEARBY && this.isIndexed(key);
  }

  private isIndexed(key: Fingerprint): boolean {
    this.unasked = 0;
    const index = (this.index ??= this.makeIndex());
    const hash = hashAt(key, 0);
    for (let position = index.first(hash); position >= 0; position = index.next(hash))
      if (this.isAt(key, position * 4)) return true;
    return false;
  }

  private makeIndex(): Places {
    const index = new Places();
    const first = this.oldest();
    for (let i = 0; i < this.size; i++) {
      const position = (first + i) % this.length;
      index.add(position, hashAt(this.keys, position * 4));
    }
    return index;
  }

  private append(key: Fingerprint, time: number): void {
    if (this.size === this.length) {
      if (this.length < this.capacity) this.reallocate(Math.min(this.capacity, this.length * 2));
      else this.forgetOldest();
    }
    const position = this.next;
    if (time > this.newest) this.newest = time;
    this.write(key, position * 4);
    this.highest[position] = this.newest;
    this.next = position + 1 === this.length ? 0 : position + 1;
    this.size += 1;
    if (this.index !== undefined) this.addToIndex(this.index, position);
  }

  private addToIndex(index: Places, position: number): void {
    this.unasked += 1;
    if (this.unasked > this.capacity) this.index = undefined;
    else index.add(position, hashAt(this.keys, position * 4));
  }

  private isAt(key: Fingerprint, at: number): boolean {
    const { keys } = this;
    return (
      key[0] === keys[at] && key[1] === keys[at + 1] && key[2] === keys[at + 2] && key[3] === keys[at + 3]
    );
  }

  private oldest(): number {
    const position = this.next - this.size;
    return position < 0 ? position + this.length : position;
  }

  /** Word by word: `TypedArray.set` costs more than all four. */
  private write(key: Fingerprint, at: number): void {
    this.keys[at] = key[0] ?? 0;
    this.keys[at + 1] = key[1] ?? 0;
    this.keys[at + 2] = key[2] ?? 0;
    this.keys[at + 3] = key[3] ?? 0;
  }

  private forgetOldest(): void {
    const position = this.oldest();
    this.forgottenUntil = this.highest[position] ?? -Infinity;
    this.index?.remove(position, hashAt(this.keys, position * 4));
    this.size -= 1;
  }

  private reallocate(length: number): void {
    const { keys, highest, size } = this;
    const first = this.length === 0 ? 0 : this.oldest();
    const old = this.length;
    this.keys = new Int32Array(length * 4);
    this.highest = new Float64Array(length);
    this.length = length;
    for (let i = 0; i < size; i++) {
      const from = (first + i) % old;
      this.keys.set(keys.subarray(from * 4, from * 4 + 4), i * 4);
      this.highest[i] = highest[from] ?? -Infinity;
    }
    this.next = size === length ? 0 : size;
    if (this.index !== undefined) this.index = this.makeIndex();
  }
}

/** Of all four words: some UUID versions and hashes are not random in every one. */
function hashAt(keys: Int32Array, at: number): number {
  const mixed = (keys[at] ?? 0) ^ Math.imul(keys[at + 1] ?? 0, 0x9e3779b1);
  const more = Math.imul(keys[at + 2] ?? 0, 0x85ebca6b) ^ Math.imul(keys[at + 3] ?? 0, 0xc2b2ae35);
  const sum = Math.imul(mixed ^ more, 0x27d4eb2f);
  return sum ^ (sum >>> 15);
}

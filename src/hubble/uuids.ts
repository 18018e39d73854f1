import { Places } from '../tables/places.js';
import type { Fingerprint } from './fingerprint.js';

/** Positions that a memory starts with: most nodes of a large cluster say little. */
const FIRST_LENGTH = 64;

/**
 * The last `capacity` fingerprints of one node, exactly: a new one pushes the
 * oldest out. Nothing is allocated once it has grown to its capacity.
 *
 * Kept as a ring of keys in the order they came, and an index over it: 40 bytes a
 * key, where a `Set` of strings takes about a hundred and lives in the garbage
 * collector's way. (Two generations of plain tables would be simpler, and hold
 * between half and all of what they cost.)
 */
export class UuidMemory {
  /** Flow time of the youngest fingerprint that was pushed out. */
  forgottenUntil = -Infinity;

  private capacity: number;
  private length = 0;
  private size = 0;
  private next = 0;
  private keys = new Int32Array(0);
  private times = new Float64Array(0);
  private places = new Places();

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
    return this.keys.byteLength + this.times.byteLength + this.places.bytes;
  }

  has(key: Fingerprint): boolean {
    return this.knows(key, hashAt(key, 0));
  }

  /** Remembers; false when it was known. `time` is the flow's own (milliseconds), for {@link forgottenUntil}. */
  add(key: Fingerprint, time: number): boolean {
    const hash = hashAt(key, 0);
    if (this.knows(key, hash)) return false;
    if (this.size === this.length) {
      if (this.length < this.capacity) this.reallocate(Math.min(this.capacity, this.length * 2));
      else this.forgetOldest();
    }
    const position = this.next;
    this.write(key, position * 4);
    this.times[position] = time;
    this.places.add(position, hash);
    this.next = position + 1 === this.length ? 0 : position + 1;
    this.size += 1;
    return true;
  }

  /** Changes how many are kept; what no longer fits is forgotten, oldest first. */
  resize(capacity: number): void {
    const wanted = Math.max(1, capacity);
    if (wanted === this.capacity) return;
    this.capacity = wanted;
    while (this.size > wanted) this.forgetOldest();
    if (this.length > wanted) this.reallocate(wanted);
  }

  private knows(key: Fingerprint, hash: number): boolean {
    const { places } = this;
    for (let position = places.first(hash); position >= 0; position = places.next(hash))
      if (this.isAt(key, position * 4)) return true;
    return false;
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
    const time = this.times[position] ?? -Infinity;
    if (time > this.forgottenUntil) this.forgottenUntil = time;
    this.places.remove(position, hashAt(this.keys, position * 4));
    this.size -= 1;
  }

  private reallocate(length: number): void {
    const { keys, times, size } = this;
    const first = this.length === 0 ? 0 : this.oldest();
    const old = this.length;
    this.keys = new Int32Array(length * 4);
    this.times = new Float64Array(length);
    this.places = new Places();
    this.length = length;
    for (let i = 0; i < size; i++) {
      const from = (first + i) % old;
      this.keys.set(keys.subarray(from * 4, from * 4 + 4), i * 4);
      this.times[i] = times[from] ?? -Infinity;
      this.places.add(i, hashAt(this.keys, i * 4));
    }
    this.next = size === length ? 0 : size;
  }
}

/** Of all four words: some UUID versions and hashes are not random in every one. */
function hashAt(keys: Int32Array, at: number): number {
  const mixed = (keys[at] ?? 0) ^ Math.imul(keys[at + 1] ?? 0, 0x9e3779b1);
  const more = Math.imul(keys[at + 2] ?? 0, 0x85ebca6b) ^ Math.imul(keys[at + 3] ?? 0, 0xc2b2ae35);
  const sum = Math.imul(mixed ^ more, 0x27d4eb2f);
  return sum ^ (sum >>> 15);
}

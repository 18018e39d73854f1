import type { Fingerprint } from './fingerprint.js';

/** Positions that a memory starts with: most nodes of a large cluster say little. */
const FIRST_LENGTH = 64;

/**
 * The last `capacity` fingerprints of one node, exactly: a new one pushes the
 * oldest out. Nothing is allocated once it has grown to its capacity.
 *
 * Kept as a ring of keys in the order they came, and an open-addressing index
 * of positions over it: 32 bytes a key, where a `Set` of strings takes about a
 * hundred and lives in the garbage collector's way. (Two generations of plain
 * tables would be simpler, and hold between half and all of what they cost.)
 */
export class UuidMemory {
  /** Flow time of the youngest fingerprint that was pushed out. */
  forgottenUntil = -Infinity;

  private capacity: number;
  private length = 0;
  private size = 0;
  private next = 0;
  private mask = 0;
  private keys = new Int32Array(0);
  private times = new Float64Array(0);
  /** Position + 1 of the key that hashes here or just before; 0: free. At most half full. */
  private slots = new Int32Array(0);

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
    return this.keys.byteLength + this.times.byteLength + this.slots.byteLength;
  }

  has(key: Fingerprint): boolean {
    return this.slots[this.find(key, 0)] !== 0;
  }

  /** Remembers; false when it was known. `time` is the flow's own (milliseconds), for {@link forgottenUntil}. */
  add(key: Fingerprint, time: number): boolean {
    let slot = this.find(key, 0);
    if (this.slots[slot] !== 0) return false;
    if (this.size === this.length) {
      if (this.length < this.capacity) this.reallocate(Math.min(this.capacity, this.length * 2));
      else this.forgetOldest();
      // Either may have moved what stood before the free slot.
      slot = this.find(key, 0);
    }
    const position = this.next;
    this.write(key, position * 4);
    this.times[position] = time;
    this.slots[slot] = position + 1;
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

  /** The slot of a key (in `keys` of this memory, or from outside with `at` 0), or the free slot where it belongs. */
  private find(keys: Int32Array, at: number): number {
    let slot = this.home(keys, at);
    for (;;) {
      const position = this.slots[slot] ?? 0;
      if (position === 0 || this.same(keys, at, (position - 1) * 4)) return slot;
      slot = (slot + 1) & this.mask;
    }
  }

  private home(keys: Int32Array, at: number): number {
    // All four words: some UUID versions and hashes are not random in every one.
    const mixed = (keys[at] ?? 0) ^ Math.imul(keys[at + 1] ?? 0, 0x9e3779b1);
    const more = Math.imul(keys[at + 2] ?? 0, 0x85ebca6b) ^ Math.imul(keys[at + 3] ?? 0, 0xc2b2ae35);
    const sum = Math.imul(mixed ^ more, 0x27d4eb2f);
    return (sum ^ (sum >>> 15)) & this.mask;
  }

  private same(keys: Int32Array, at: number, own: number): boolean {
    const mine = this.keys;
    return (
      keys[at] === mine[own] &&
      keys[at + 1] === mine[own + 1] &&
      keys[at + 2] === mine[own + 2] &&
      keys[at + 3] === mine[own + 3]
    );
  }

  private forgetOldest(): void {
    const position = this.oldest();
    const time = this.times[position] ?? -Infinity;
    if (time > this.forgottenUntil) this.forgottenUntil = time;
    this.free(this.find(this.keys, position * 4));
    this.size -= 1;
  }

  /** Empties a slot and moves up those behind it that it had pushed along, so that every search still ends right. */
  private free(slot: number): void {
    let hole = slot;
    for (let probe = (hole + 1) & this.mask; ; probe = (probe + 1) & this.mask) {
      const position = this.slots[probe] ?? 0;
      if (position === 0) break;
      const home = this.home(this.keys, (position - 1) * 4);
      if (((probe - home) & this.mask) < ((probe - hole) & this.mask)) continue;
      this.slots[hole] = position;
      hole = probe;
    }
    this.slots[hole] = 0;
  }

  private reallocate(length: number): void {
    const { keys, times, size } = this;
    const first = this.length === 0 ? 0 : this.oldest();
    const old = this.length;
    this.keys = new Int32Array(length * 4);
    this.times = new Float64Array(length);
    this.mask = 2 ** Math.ceil(Math.log2(length * 2)) - 1;
    this.slots = new Int32Array(this.mask + 1);
    this.length = length;
    for (let i = 0; i < size; i++) {
      const from = (first + i) % old;
      this.keys.set(keys.subarray(from * 4, from * 4 + 4), i * 4);
      this.times[i] = times[from] ?? -Infinity;
      this.slots[this.find(this.keys, i * 4)] = i + 1;
    }
    this.next = size === length ? 0 : size;
  }
}

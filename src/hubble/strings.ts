import { mix, settle, word } from '../tables/hash.js';
import { utf8 } from './slices.js';
import type { Wire } from './wire.js';

/** Slots that hold one string each: a power of two. */
const SLOTS = 4096;

/**
 * Strings that come again and again (addresses, node names, labels), made once.
 *
 * Making a short string costs as much as reading ten fields, and ten thousand
 * endpoints repeat the same few hundred labels. A table of fixed size, one slot
 * a hash: nothing to bound and nothing to clean up. A text is found by all of its
 * bytes; the hash, of some of them, only says where to look. What is longer than a
 * slot is made anew each time.
 */
export class StringTable {
  private readonly width: number;
  private readonly texts: string[];
  private readonly bytes: Uint8Array;
  private readonly lengths: Uint8Array;
  /** Texts made because another one stood in their slot. */
  private clashes = 0;

  /** @param width longest text kept, in bytes: at most 255 */
  constructor(width: number) {
    this.width = width;
    this.texts = new Array<string>(SLOTS).fill('');
    this.bytes = new Uint8Array(SLOTS * width);
    this.lengths = new Uint8Array(SLOTS);
  }

  /** The string that is next on the wire. */
  next(wire: Wire): string {
    const end = wire.stringEnd();
    const text = this.read(wire.bytes, wire.pos, end);
    wire.pos = end;
    return text;
  }

  private read(from: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length > this.width || length < 4) return utf8(from, start, end);
    const slot = hash(from, start, end) & (SLOTS - 1);
    const isSame = this.lengths[slot] === length && this.same(slot * this.width, from, start, end);
    return isSame ? (this.texts[slot] ?? '') : this.make(slot, from, start, end);
  }

  private same(base: number, from: Buffer, start: number, end: number): boolean {
    const { bytes } = this;
    const offset = base - start;
    for (let i = start; i < end; i++) if (bytes[offset + i] !== from[i]) return false;
    return true;
  }

  private make(slot: number, from: Buffer, start: number, end: number): string {
    const text = utf8(from, start, end);
    // Where far more texts come than fit, keeping each would cost more than all the hits save.
    if (this.lengths[slot] !== 0 && (++this.clashes & 7) !== 0) return text;
    this.texts[slot] = text;
    this.lengths[slot] = end - start;
    // A loop: for so few bytes, copy() takes longer to begin.
    const offset = slot * this.width - start;
    for (let i = start; i < end; i++) this.bytes[offset + i] = from[i] ?? 0;
    return text;
  }
}

/** Of the length, the last four bytes, where addresses and numbered names differ, and four in the middle. */
function hash(from: Buffer, start: number, end: number): number {
  const middle = start + ((end - start) >> 1) - 2;
  return settle(mix(mix(end - start, word(from, end - 4)), word(from, middle)));
}

/** Sets of labels that come again, kept once: the pods of a workload have all of theirs in common. One slot a hash, as above. */
export class LabelSets {
  private readonly sets = new Array<readonly string[]>(SLOTS).fill([]);

  /** The set that is equal to the given one, in the same order, if it is known; else the given one. */
  share(labels: readonly string[]): readonly string[] {
    let hash = labels.length;
    // Their ends: that is where the names of tenants, accounts and versions stand.
    for (const label of labels)
      for (let i = Math.max(0, label.length - 8); i < label.length; i++)
        hash = mix(hash, label.charCodeAt(i));
    const slot = settle(hash) & (SLOTS - 1);
    const known = this.sets[slot] ?? labels;
    if (known.length === labels.length && known.every((label, i) => label === labels[i])) return known;
    this.sets[slot] = labels;
    return labels;
  }
}

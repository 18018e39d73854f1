import type { Wire } from './wire.js';

/** Slots that hold one string each: a power of two. */
const SLOTS = 4096;

/**
 * Strings that come again and again (addresses, node names, labels), made once.
 *
 * Making a short string costs as much as reading ten fields, and ten thousand
 * endpoints repeat the same few hundred labels. A table of fixed size, one slot
 * a hash: nothing to bound and nothing to clean up. A text is
 * found by all of its bytes; the hash, of its ends only, says where to look, so
 * that texts which collide cost time and nothing else. What is longer than a slot
 * or not ASCII is made anew each time.
 */
export class StringTable {
  private readonly width: number;
  private readonly texts: string[];
  private readonly bytes: Uint8Array;

  /** Texts made because another one stood in their slot. */
  private clashes = 0;

  /** @param width longest text kept, in bytes */
  constructor(width: number) {
    this.width = width;
    this.texts = new Array<string>(SLOTS).fill('');
    this.bytes = new Uint8Array(SLOTS * width);
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
    if (length > this.width || length < 4) return from.toString('utf8', start, end);
    const slot = hash(from, start, end);
    const text = this.texts[slot] ?? '';
    if (text.length === length && this.same(slot * this.width, from, start, end)) return text;
    return this.make(slot, from, start, end);
  }

  private same(base: number, from: Buffer, start: number, end: number): boolean {
    const { bytes } = this;
    const offset = base - start;
    for (let i = start; i < end; i++) if (bytes[offset + i] !== from[i]) return false;
    return true;
  }

  private make(slot: number, from: Buffer, start: number, end: number): string {
    const text = from.toString('utf8', start, end);
    // Only of ASCII is the length in bytes the length of the text, and the text as good as its bytes.
    if (!isAscii(from, start, end)) return text;
    // Where far more texts come than fit, keeping each would cost more than all the hits save.
    if (this.texts[slot] !== '' && (++this.clashes & 7) !== 0) return text;
    this.texts[slot] = text;
    // A loop: for so few bytes, copy() takes longer to begin.
    const offset = slot * this.width - start;
    for (let i = start; i < end; i++) this.bytes[offset + i] = from[i] ?? 0;
    return text;
  }
}

function hash(from: Buffer, start: number, end: number): number {
  const ends = Math.imul(word(from, end - 4), 0x9e3779b1) ^ word(from, start + ((end - start) >> 1) - 2);
  const mixed = Math.imul(ends ^ (end - start), 0x85ebca6b);
  return (mixed >>> 16) & (SLOTS - 1);
}

function word(from: Buffer, at: number): number {
  return (
    (from[at] ?? 0) | ((from[at + 1] ?? 0) << 8) | ((from[at + 2] ?? 0) << 16) | ((from[at + 3] ?? 0) << 24)
  );
}

function isAscii(from: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((from[i] ?? 0) >= 0x80) return false;
  return true;
}

import { utf8 } from './slices.js';

/** Why reading stopped. Thrown in this folder only: `decode.ts` turns it into a value. */
export class WireError extends Error {
  readonly reason: 'truncated' | 'malformed';

  constructor(reason: 'truncated' | 'malformed') {
    super(`protobuf: ${reason}`);
    this.reason = reason;
  }
}

// One object each: a flood of bad bytes must not pay for a stack trace a message.
const TRUNCATED = new WireError('truncated');
const MALFORMED = new WireError('malformed');

/** Groups and messages nested deeper than this are refused (protobufjs' `util.recursionLimit`). */
const NESTING_LIMIT = 100;

const NOTHING = Buffer.alloc(0);

/**
 * Reads protobuf's wire format in place.
 *
 * It gives the answers of protobufjs 7.6 (`src/reader.js`, `src/decoder.js`)
 * down to where that library is lenient, because a test holds it to that
 * library byte for byte: a known field's wire type is not looked at, a string
 * said to be longer than its message ends with the message, and where 32 bits
 * are asked for, a varint of more than five bytes is taken to have ten.
 * A stricter reader would be as safe, but nothing at hand could prove it right.
 */
export class Wire {
  /** What positions refer to. Copy what is to be kept: it is a slice of a network buffer. */
  bytes: Buffer = NOTHING;
  /** Where the next byte is read. */
  pos = 0;
  /** End of the message that is being read. */
  end = 0;
  /** What {@link long} read: low and high 32 bits, unsigned. */
  low = 0;
  high = 0;

  /** Begins the message `bytes[start, end)`. */
  open(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.pos = start;
    this.end = end;
  }

  /** Lets go of the bytes, so that an idle decoder does not keep a network buffer alive. */
  close(): void {
    this.bytes = NOTHING;
  }

  /** Begins a submessage, whose length is next. Returns what {@link leave} wants back. */
  enter(): number {
    const length = this.uint32();
    const outer = this.end;
    const end = this.pos + length;
    if (end > outer) throw TRUNCATED;
    this.end = end;
    return outer;
  }

  leave(outer: number): void {
    if (this.pos !== this.end) throw TRUNCATED;
    this.end = outer;
  }

  /** A varint's low 32 bits, unsigned. */
  uint32(): number {
    const { bytes, pos, end } = this;
    if (pos >= end) throw TRUNCATED;
    const first = bytes[pos] ?? 0;
    if (first < 0x80) {
      this.pos = pos + 1;
      return first;
    }
    if (pos + 1 >= end) throw TRUNCATED;
    const second = bytes[pos + 1] ?? 0;
    if (second < 0x80) {
      this.pos = pos + 2;
      return (first & 0x7f) | (second << 7);
    }
    this.pos = pos + 2;
    return this.uint32From((first & 0x7f) | ((second & 0x7f) << 7));
  }

  private uint32From(firstTwo: number): number {
    const { bytes, end } = this;
    let pos = this.pos;
    let value = firstTwo;
    for (let shift = 14; shift <= 21; shift += 7) {
      if (pos >= end) throw TRUNCATED;
      const byte = bytes[pos++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.pos = pos;
        return value;
      }
    }
    if (pos >= end) throw TRUNCATED;
    const fifth = bytes[pos++] ?? 0;
    if (fifth >= 0x80 && (pos += 5) > end) throw TRUNCATED;
    this.pos = pos;
    return (value | ((fifth & 0x0f) << 28)) >>> 0;
  }

  /** Protobuf writes a negative int32 with ten bytes; its sign is in the low 32 bits all the same. */
  int32(): number {
    return this.uint32() | 0;
  }

  bool(): boolean {
    return this.uint32() !== 0;
  }

  /** A varint's 64 bits, into {@link low} and {@link high}. */
  long(): void {
    this.low = 0;
    this.high = 0;
    const { bytes, end } = this;
    let { pos } = this;
    if (end - pos <= 4) {
      this.longNearEnd();
      return;
    }
    let low = 0;
    let byte = 0x80;
    for (let shift = 0; shift < 28 && byte >= 0x80; shift += 7) {
      byte = bytes[pos++] ?? 0;
      low |= (byte & 0x7f) << shift;
    }
    if (byte >= 0x80) {
      byte = bytes[pos++] ?? 0;
      low = (low | ((byte & 0x7f) << 28)) >>> 0;
      this.high = (byte & 0x7f) >>> 4;
    }
    this.low = low;
    this.pos = pos;
    if (byte >= 0x80) this.longHigh();
  }

  private longHigh(): void {
    for (let shift = 3; shift <= 31; shift += 7) {
      if (this.pos >= this.end) throw TRUNCATED;
      const byte = this.bytes[this.pos++] ?? 0;
      this.high = (this.high | ((byte & 0x7f) << shift)) >>> 0;
      if (byte < 0x80) return;
    }
    throw MALFORMED;
  }

  /** With four bytes or fewer left, protobufjs takes the fourth without asking: past the end, {@link leave} refuses. */
  private longNearEnd(): void {
    for (let shift = 0; shift < 21; shift += 7) {
      if (this.pos >= this.end) throw TRUNCATED;
      const byte = this.bytes[this.pos++] ?? 0;
      this.low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return;
    }
    this.low |= ((this.bytes[this.pos++] ?? 0) & 0x7f) << 21;
  }

  /** Reads a string's length and returns where it ends; {@link pos} is then where it begins. */
  stringEnd(): number {
    const length = this.uint32();
    const end = this.pos + length;
    return end < this.end ? end : this.end;
  }

  /** A string; what is no UTF-8 becomes U+FFFD. */
  string(): string {
    const end = this.stringEnd();
    const text = utf8(this.bytes, this.pos, end);
    this.pos = end;
    return text;
  }

  skipString(): void {
    this.pos = this.stringEnd();
  }

  /** Steps over a field that is not known. `depth`: how many messages and groups it stands in. */
  skip(wireType: number, depth: number): void {
    if (depth > NESTING_LIMIT) throw MALFORMED;
    if (wireType === 2) this.advance(this.uint32());
    else if (wireType === 0) this.skipVarint();
    else if (wireType === 5) this.advance(4);
    else if (wireType === 1) this.advance(8);
    else if (wireType === 3) this.skipGroup(depth);
    else throw MALFORMED;
  }

  private advance(length: number): void {
    const pos = this.pos + length;
    if (pos > this.end) throw TRUNCATED;
    this.pos = pos;
  }

  private skipVarint(): void {
    do {
      if (this.pos >= this.end) throw TRUNCATED;
    } while ((this.bytes[this.pos++] ?? 0) >= 0x80);
  }

  private skipGroup(depth: number): void {
    for (let type = this.uint32() & 7; type !== 4; type = this.uint32() & 7) this.skip(type, depth + 1);
  }
}

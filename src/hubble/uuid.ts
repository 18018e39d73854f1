import type { Text } from '../model.js';
import type { Wire } from './wire.js';

/** Value of a hexadecimal digit by its character code; -1 for any other, and for capitals, which the text would not give back. */
const DIGITS = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value++) DIGITS[value.toString(16).charCodeAt(0)] = value;
const DASH = 0x2d;
const LENGTH = 36;

/** A UUID (RFC 9562) as four words; a text is made of it only for whoever reads one. */
export class Uuid {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;

  constructor(a: number, b: number, c: number, d: number) {
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  /** In its canonical form: 8-4-4-4-12, small letters. */
  toString(): string {
    const [a, b, c, d] = [this.a, this.b, this.c, this.d].map(hex);
    return `${a}-${b?.slice(0, 4)}-${b?.slice(4)}-${c?.slice(0, 4)}-${c?.slice(4)}${d}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

/** The string that is next on the wire: as a UUID if it is one in its canonical form, else as it is. */
export function readUuid(wire: Wire): Text {
  const { bytes, pos } = wire;
  const start = pos + 1;
  const isAsLong = bytes[pos] === LENGTH && start + LENGTH <= wire.end;
  const uuid = isAsLong ? uuidAt(bytes, start) : undefined;
  if (uuid === undefined) return wire.string();
  wire.pos = start + LENGTH;
  return uuid;
}

/** A text as the UUID that it is, in either case; undefined: it is none. */
export function uuidOf(text: string): Uuid | undefined {
  const bytes = Buffer.from(text.toLowerCase());
  return bytes.length === LENGTH ? uuidAt(bytes, 0) : undefined;
}

function uuidAt(bytes: Buffer, start: number): Uuid | undefined {
  const a = word(bytes, start, start + 4);
  const b = word(bytes, start + 9, start + 14);
  const c = word(bytes, start + 19, start + 24);
  const d = word(bytes, start + 28, start + 32);
  const dashes =
    bytes[start + 8] === DASH &&
    bytes[start + 13] === DASH &&
    bytes[start + 18] === DASH &&
    bytes[start + 23] === DASH;
  if (!dashes || a === NONE || b === NONE || c === NONE || d === NONE) return undefined;
  return new Uuid(a, b, c, d);
}

/** No word: none of 32 bits is this. */
const NONE = 2 ** 32;

/** Eight digits, four at each place. */
function word(bytes: Buffer, first: number, second: number): number {
  const high = fourDigits(bytes, first);
  const low = fourDigits(bytes, second);
  return (high | low) < 0 ? NONE : (high << 16) | low;
}

/** Negative where one of them is no digit. */
function fourDigits(bytes: Buffer, at: number): number {
  const a = DIGITS[bytes[at] ?? 0] ?? -1;
  const b = DIGITS[bytes[at + 1] ?? 0] ?? -1;
  const c = DIGITS[bytes[at + 2] ?? 0] ?? -1;
  const d = DIGITS[bytes[at + 3] ?? 0] ?? -1;
  return (a << 12) | (b << 8) | (c << 4) | d;
}

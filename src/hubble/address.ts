import type { Text } from '../model.js';
import type { StringTable } from './strings.js';
import type { Wire } from './wire.js';

const DOT = 0x2e;
const ZERO = 0x30;
/** `0.0.0.0` to `255.255.255.255` */
const SHORTEST = 7;
const LONGEST = 15;
/** No address: none of 32 bits is this. */
const NONE = 2 ** 32;

/**
 * An IPv4 address as its number. Only of what crosses, or comes from outside, is it
 * ever read as text; and a cluster has more addresses than a table of texts could hold.
 */
export class Ipv4 {
  private readonly number: number;
  private text: string | undefined = undefined;

  constructor(number: number) {
    this.number = number;
  }

  toString(): string {
    const { number } = this;
    this.text ??= `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
    return this.text;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** The address that is next on the wire; what is not IPv4 as it is usually written is a text of `others`. */
export function readAddress(wire: Wire, others: StringTable): Text {
  const { pos } = wire;
  const end = wire.stringEnd();
  const number = ipv4(wire.bytes, wire.pos, end);
  if (number === NONE) {
    wire.pos = pos;
    return others.next(wire);
  }
  wire.pos = end;
  return new Ipv4(number);
}

/** Four numbers up to 255, without zeros in front: what the number gives back as the same text. */
function ipv4(bytes: Buffer, start: number, end: number): number {
  if (end - start < SHORTEST || end - start > LONGEST) return NONE;
  let number = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let at = start; at < end; at += 1) {
    const code = bytes[at] ?? 0;
    if (code === DOT) {
      if (digits === 0) return NONE;
      number = (number << 8) | part;
      part = 0;
      digits = 0;
      dots += 1;
    } else {
      if (code < ZERO || code > ZERO + 9 || (digits > 0 && part === 0)) return NONE;
      part = part * 10 + code - ZERO;
      digits += 1;
      if (part > 255) return NONE;
    }
  }
  return dots === 3 && digits > 0 ? (number << 8) | part : NONE;
}

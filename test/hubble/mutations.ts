/**
 * Damage to protobuf messages, reproducible by its seed.
 *
 * Half of it is blind (bits, bytes, cuts, splices). The other half knows the
 * wire format, and so gets past the outermost length: fields are repeated,
 * moved, renumbered, given another wire type, swapped for another message's,
 * and lengths, varints and groups are written as no sane encoder would.
 */

import { field as lengthDelimited, varint } from './fields.js';

/** A field as it stands on the wire. */
interface Field {
  readonly number: number;
  readonly type: number;
  /** A varint's or a fixed number's bytes, a string's, or the fields of a message. */
  readonly value: Buffer | readonly Field[];
}

/** Which fields hold messages, by message: enough to walk a GetFlowsResponse. */
type Schema = ReadonlyMap<number, Schema>;
const LEAF: Schema = new Map();
const PORTS: Schema = new Map([[3, LEAF]]);
const ENDPOINT: Schema = new Map([[6, LEAF]]);
const FLOW: Schema = new Map([
  [1, LEAF],
  [5, LEAF],
  [6, new Map([1, 2, 3, 4, 5].map((number) => [number, PORTS]))],
  [8, ENDPOINT],
  [9, ENDPOINT],
  [19, LEAF],
  [21, LEAF],
  [26, LEAF],
  [28, LEAF],
  ...[21_001, 21_002, 21_004, 21_005].map((number): [number, Schema] => [number, LEAF]),
]);
const RESPONSE: Schema = new Map([
  [1, FLOW],
  [2, LEAF],
  [3, new Map([3, 4, 5].map((number) => [number, LEAF]))],
  [1001, LEAF],
]);
const NUMBERS = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 19, 21, 22, 25, 26, 28, 34, 36, 37, 1000, 1001, 21_001, 100_000,
];

/** An endless source of damaged messages made from sound ones. */
export function mutations(seed: number, messages: readonly Buffer[]): () => Buffer {
  return new Mutator(seed, messages).next;
}

class Mutator {
  private state: number;
  private readonly messages: readonly Buffer[];
  private readonly trees: readonly (readonly Field[])[];
  private readonly fields: readonly Field[];

  constructor(seed: number, messages: readonly Buffer[]) {
    this.state = seed >>> 0;
    this.messages = messages;
    this.trees = messages.map((message) => parse(message, RESPONSE));
    this.fields = this.trees.flat().flatMap(withInner);
  }

  readonly next = (): Buffer => {
    if (this.below(2) === 0) return this.blind(this.pick(this.messages), 1 + this.below(3));
    let tree = this.pick(this.trees);
    for (let times = 1 + this.below(3); times > 0; times--) tree = this.change(tree);
    const bytes = Buffer.concat(write(tree));
    return this.below(4) === 0 ? this.blind(bytes, 1) : bytes;
  };

  /** mulberry32 */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  private pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  private bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  private blind(message: Buffer, times: number): Buffer {
    let bytes: Buffer = Buffer.from(message);
    for (let i = 0; i < times; i++) bytes = this.blindOnce(bytes);
    return bytes;
  }

  private blindOnce(bytes: Buffer): Buffer {
    const at = this.below(bytes.length + 1);
    const until = Math.min(bytes.length, at + this.below(20));
    switch (this.below(7)) {
      case 0:
        if (at < bytes.length) bytes[at] = bytes[at]! ^ (1 << this.below(8));
        return bytes;
      case 1:
        if (at < bytes.length) bytes[at] = this.pick([0, 1, 0x7f, 0x80, 0xff, this.below(256)]);
        return bytes;
      case 2:
        return bytes.subarray(0, at);
      case 3:
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(until)]);
      case 4:
        return Buffer.concat([bytes.subarray(0, at), this.bytes(this.below(12)), bytes.subarray(at)]);
      case 5:
        return Buffer.concat([bytes.subarray(0, until), bytes.subarray(at)]);
      default: {
        const other = this.pick(this.messages);
        return Buffer.concat([bytes.subarray(0, at), other.subarray(this.below(other.length))]);
      }
    }
  }

  private change(fields: readonly Field[]): readonly Field[] {
    const at = this.below(fields.length + 1);
    const field = fields[at];
    const inside = field && !Buffer.isBuffer(field.value) ? field.value : undefined;
    if (field && inside && this.below(4) !== 0)
      return with_(fields, at, { ...field, value: this.change(inside) });
    if (field === undefined) return [...fields, this.strange()];
    switch (this.below(7)) {
      case 0:
        return [...fields, field];
      case 1:
        return [field, ...fields.toSpliced(at, 1)];
      case 2:
        return with_(fields, at, { ...field, number: this.pick(NUMBERS) });
      case 3:
        return with_(fields, at, { ...field, type: this.below(8) });
      case 4:
        return with_(fields, at, this.pick(this.fields));
      case 5:
        return with_(fields, at, { ...field, value: this.payload(field.type) });
      default:
        return fields.toSpliced(at, 0, this.strange());
    }
  }

  /** A field that no message of ours has, or one that has it with odd contents. */
  private strange(): Field {
    const number = this.below(3) === 0 ? 1 + this.below(2 ** 20) : this.pick(NUMBERS);
    const type = this.pick([0, 0, 1, 2, 2, 3, 5]);
    return { number, type, value: this.payload(type) };
  }

  private payload(type: number): Buffer {
    if (type === 3) return nestedGroups(this.pick([0, 1, 2, 96, 97, 98, 99, 100, 101, 102]));
    if (type !== 0) return this.bytes(type === 1 ? 8 : type === 5 ? 4 : this.below(40));
    const length = 1 + this.below(12);
    const bytes = this.bytes(length).map((byte) => byte | 0x80);
    bytes[length - 1] = this.below(128);
    return Buffer.from(bytes);
  }
}

function nestedGroups(depth: number): Buffer {
  const begin = varint((500 << 3) | 3);
  const end = varint((500 << 3) | 4);
  return Buffer.concat([...new Array<Buffer>(depth).fill(begin), ...new Array<Buffer>(depth + 1).fill(end)]);
}

function with_(fields: readonly Field[], at: number, field: Field): readonly Field[] {
  return fields.with(at, field);
}

function withInner(field: Field): readonly Field[] {
  return Buffer.isBuffer(field.value) ? [field] : [field, ...field.value.flatMap(withInner)];
}

function write(fields: readonly Field[]): Buffer[] {
  return fields.flatMap(({ number, type, value }) => {
    const body = Buffer.isBuffer(value) ? value : Buffer.concat(write(value));
    return type === 2 ? [lengthDelimited(number, body)] : [varint(number * 8 + type), body];
  });
}

/** Reads a sound message: every field a varint or length-delimited, as all of Hubble's that are read here are. */
function parse(bytes: Buffer, schema: Schema): readonly Field[] {
  const fields: Field[] = [];
  let pos = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[pos++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (pos < bytes.length) {
    const tag = next();
    const start = pos;
    const length = next();
    const body = tag % 8 === 2 ? bytes.subarray(pos, (pos += length)) : bytes.subarray(start, pos);
    const inner = tag % 8 === 2 ? schema.get(tag >>> 3) : undefined;
    fields.push({ number: tag >>> 3, type: tag % 8, value: inner ? parse(body, inner) : body });
  }
  return fields;
}

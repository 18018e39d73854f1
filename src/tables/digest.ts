/**
 * What stands for some bytes: 192 bits, different for different bytes.
 *
 * A universal hash (nh.wat) with a key of this process's own: whoever writes the
 * bytes, and does not know the key, makes two of them the same with one chance in
 * 2^96, whatever they try. Comparing all the bytes of an endpoint with those seen
 * before costs as much, keeps half a kilobyte of each, and looks at them where the
 * processor no longer has them (docs/performance.md).
 */
import { randomFillSync } from 'node:crypto';
import { NH } from './nh.bytes.js';

/** As much of WebAssembly as is used here: the types of Node.js have none of it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

/** What nh.wat exports. */
export interface Nh {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly digest: (start: number, end: number) => void;
}

/** Bytes that are taken at most: as many as there is key for. */
export const LONGEST = 16_384;
/** Of a digest: {@link same} compares, {@link keep} copies so many. */
export const WORDS = 6;
/** A message has at least this. */
const BLOCK = 16;

// Where things lie in its memory: the sums, the key, what was copied to be read, and what came from the network.
const KEY = 64;
const KEY_LENGTH = LONGEST + 2 * BLOCK;
const COPY = 0x8000;
const LANDING = 0x1_0000;
const LANDING_LENGTH = 0x2_0000;

const nh = newNh();
const { buffer } = nh.memory;
const sums = new Int32Array(buffer, 0, WORDS);
const copied = Buffer.from(buffer, COPY, LONGEST);
randomFillSync(new Uint8Array(buffer, KEY, KEY_LENGTH));

/**
 * Where bytes can be digested without being copied one by one: whoever is given a
 * piece of a stream puts it here first. Until the next piece comes, and no longer.
 */
export const landing: Buffer = Buffer.from(buffer, LANDING, LANDING_LENGTH);

/** The hash with a memory of its own, whose key is still to be set. */
export function newNh(): Nh {
  return new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(NH, 'base64'))).exports as Nh;
}

/**
 * Digests `bytes[start, end)`, at most {@link LONGEST} of them.
 *
 * @returns 32 bits of it, to say where in a table to look; the whole is there for {@link same} and {@link keep}
 */
export function digest(bytes: Buffer, start: number, end: number): number {
  const length = end - start;
  if (bytes === landing && length >= BLOCK) nh.digest(LANDING + start, LANDING + end);
  else digestCopy(bytes, start, length);
  return hashAt(sums, 0);
}

/** The same 32 bits, of what {@link keep} put at `at`. */
export function hashAt(kept: Int32Array, at: number): number {
  return (kept[at] ?? 0) ^ (kept[at + 2] ?? 0);
}

function digestCopy(bytes: Buffer, start: number, length: number): void {
  // What is shorter than a block is made one; its length tells it from what really ends with zeros.
  if (length < BLOCK) copied.fill(0, 0, BLOCK);
  bytes.copy(copied, 0, start, start + length);
  nh.digest(COPY, COPY + Math.max(length, BLOCK));
  if (length < BLOCK) sums[0] = (sums[0] ?? 0) + length;
}

/** Whether what was digested last is what {@link keep} put at `at`. */
export function same(kept: Int32Array, at: number): boolean {
  for (let word = 0; word < WORDS; word += 1) if (kept[at + word] !== sums[word]) return false;
  return true;
}

/** Puts what was digested last into a table of words. */
export function keep(kept: Int32Array, at: number): void {
  for (let word = 0; word < WORDS; word += 1) kept[at + word] = sums[word] ?? 0;
}

import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import wabt from 'wabt';
import { digest, hashAt, keep, landing, LONGEST, newNh, same, WORDS } from '../../src/tables/digest.js';
import { NH } from '../../src/tables/nh.bytes.js';

const KEY = 64;
const MASK64 = (1n << 64n) - 1n;

/** RFC 4418, 5.2.2, over the blocks that nh.wat describes: slow, and plain. */
function reference(message: Buffer, key: Buffer, pass: number): bigint {
  const starts: number[] = [];
  for (let at = 0; at + 16 <= message.length; at += 16) starts.push(at);
  if (message.length % 16 !== 0) starts.push(message.length - 16);
  let sum = BigInt(message.length);
  for (const [block, start] of starts.entries()) {
    const plus = (word: number): bigint => {
      const added = message.readUInt32LE(start + word * 4) + key.readUInt32LE((block + pass) * 16 + word * 4);
      return BigInt(added >>> 0);
    };
    sum += plus(0) * plus(2) + plus(1) * plus(3);
  }
  return sum & MASK64;
}

test('the bytes of nh.wat are those that stand beside it', async () => {
  const toolkit = await wabt();
  const source = readFileSync(new URL('../../src/tables/nh.wat', import.meta.url), 'utf8');
  const { buffer } = toolkit.parseWat('nh.wat', source, { simd: true }).toBinary({});
  expect(Buffer.from(buffer).toString('base64'), 'run `npm run wasm`').toBe(NH);
});

test('the hash is the one of RFC 4418, for any key and any bytes', () => {
  const nh = newNh();
  const memory = Buffer.from(nh.memory.buffer);
  const at = 0x1_0000;
  // High bits in every word: what overflows 32 bits, and 64, is where a mistake would hide.
  const bytes = (minLength: number, maxLength: number) =>
    fc.oneof(
      fc.uint8Array({ minLength, maxLength, size: 'max' }),
      fc.uint8Array({ minLength, maxLength, size: 'max', min: 250 }),
    );
  fc.assert(
    fc.property(bytes(16, 700), bytes(1000, 1000), fc.nat(15), (message, key, offset) => {
      memory.set(key, KEY);
      memory.set(message, at + offset);
      nh.digest(at + offset, at + offset + message.length);
      for (let pass = 0; pass < 3; pass += 1)
        expect(memory.readBigUInt64LE(pass * 8)).toBe(
          reference(Buffer.from(message), Buffer.from(key), pass),
        );
    }),
    { seed: 11, numRuns: 300 },
  );
});

describe('a digest', () => {
  const kept = new Int32Array(WORDS * 2);
  const keepOf = (bytes: Buffer): void => {
    digest(bytes, 0, bytes.length);
    keep(kept, WORDS);
  };
  const isSame = (bytes: Buffer, start = 0, end = bytes.length): boolean => {
    const hash = digest(bytes, start, end);
    const found = same(kept, WORDS);
    if (found) expect(hash).toBe(hashAt(kept, WORDS));
    return found;
  };

  test('is the same wherever the bytes lie', () => {
    for (const length of [1, 15, 16, 17, 31, 32, 33, 480, LONGEST]) {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 7 + length) & 255));
      keepOf(bytes);
      expect(isSame(Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')]), 6, 6 + length)).toBe(
        true,
      );
      for (const at of [0, 1, 7, landing.length - length]) {
        landing.fill(0xaa);
        landing.set(bytes, at);
        expect(isSame(landing, at, at + length)).toBe(true);
      }
    }
  });

  test('is another one when a single bit differs, wherever it is', () => {
    for (const length of [1, 5, 16, 17, 40, 47, 480]) {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 31) & 255));
      keepOf(bytes);
      for (let bit = 0; bit < length * 8; bit += 1) {
        const other = Buffer.from(bytes);
        other[bit >> 3]! ^= 1 << (bit & 7);
        expect(isSame(other)).toBe(false);
      }
      expect(isSame(bytes)).toBe(true);
    }
  });

  test('is another one when blocks change places, or words', () => {
    const block = (n: number): Buffer => Buffer.alloc(16, n);
    keepOf(Buffer.concat([block(1), block(2), block(3)]));
    expect(isSame(Buffer.concat([block(2), block(1), block(3)]))).toBe(false);
    expect(isSame(Buffer.concat([block(3), block(2), block(1)]))).toBe(false);
    const words = Buffer.from(Array.from({ length: 16 }, (_, i) => i));
    keepOf(words);
    // Both factors of a product change places.
    expect(
      isSame(
        Buffer.concat([
          words.subarray(8, 12),
          words.subarray(4, 8),
          words.subarray(0, 4),
          words.subarray(12),
        ]),
      ),
    ).toBe(false);
  });

  test('tells lengths apart where all the bytes are alike, from one byte to the longest', () => {
    const zeros = Buffer.alloc(LONGEST);
    const seen = new Set<string>();
    const lengths = [...Array.from({ length: 600 }, (_, i) => i + 1), LONGEST - 1, LONGEST];
    for (const length of lengths) {
      digest(zeros, 0, length);
      keep(kept, 0);
      seen.add(kept.subarray(0, WORDS).join());
    }
    expect(seen.size).toBe(lengths.length);
  });

  test('of a few bytes does not depend on what was digested before', () => {
    keepOf(Buffer.from('abc'));
    digest(Buffer.alloc(300, 0xff), 0, 300);
    expect(isSame(Buffer.from('abc'))).toBe(true);
  });
});

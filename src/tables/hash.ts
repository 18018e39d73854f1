/**
 * A quick hash of a few bytes, to say where in a table to look: whoever looks
 * compares all the bytes, so a collision costs time only. With a factor that is
 * this process's own, so that nobody can prepare names that collide.
 */
import { randomInt } from 'node:crypto';

/** Odd, so that no two words become one, and large, so that their bits spread. */
const FACTOR = (randomInt(0x1000_0000) * 2 + 0x9000_0001) | 0;

/** Four bytes as one number, wherever they begin. */
export function word(bytes: Buffer, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}

/** The hash with one more word in it. A difference only moves up, so {@link settle} it before use. */
export function mix(hash: number, next: number): number {
  return Math.imul(hash ^ next, FACTOR);
}

/** Brings what is in the high bits down to the low ones, which index tables. */
export function settle(hash: number): number {
  const folded = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return folded ^ (folded >>> 15);
}

/** Of all the bytes of `bytes[start, end)`, settled. */
export function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = mix(hash, word(bytes, at));
  for (; at < end; at += 1) hash = mix(hash, bytes[at] ?? 0);
  return settle(hash);
}

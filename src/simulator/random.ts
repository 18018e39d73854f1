/**
 * Chance that can be repeated: everything in the simulated cluster that looks
 * arbitrary comes from here, so one seed is one story, uuids included.
 */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number, both ends included. */
  integer(from: number, to: number): number;
  pick<T>(list: readonly T[]): T;
  /** A version 4 UUID, as the agent gives every event (RFC 9562). */
  uuid(): string;
}

/**
 * A generator with 128 bits of state (Chris Doty-Humphrey's sfc32), not the
 * shorter mulberry32: hours of events take more than 2^32 numbers, and a uuid
 * that repeats would look like a re-read.
 */
export function seededRandom(seed: number): Random {
  const state = new Uint32Array([seed, seed ^ 0x9e3779b9, 0x243f6a88, 1]);
  for (let i = 0; i < 15; i++) step(state);
  const next = (): number => step(state) / 2 ** 32;
  return {
    next,
    integer: (from, to) => from + Math.floor(next() * (to - from + 1)),
    pick: <T>(list: readonly T[]): T => {
      if (list.length === 0) throw new RangeError('pick: the list is empty');
      return list[Math.floor(next() * list.length)] as T;
    },
    uuid: () => uuidOf(step(state), step(state), step(state), step(state)),
  };
}

function step(s: Uint32Array): number {
  const [a = 0, b = 0, c = 0, counter = 0] = s;
  const result = (a + b + counter) >>> 0;
  s[0] = b ^ (b >>> 9);
  s[1] = c + (c << 3);
  s[2] = ((c << 21) | (c >>> 11)) + result;
  s[3] = counter + 1;
  return result;
}

function uuidOf(a: number, b: number, c: number, d: number): string {
  const versioned = (b & 0xffff0fff) | 0x4000;
  const variant = (c & 0x3fffffff) | 0x80000000;
  const [h1, h2, h3, h4] = [hex(a), hex(versioned), hex(variant), hex(d)];
  return `${h1}-${h2.slice(0, 4)}-${h2.slice(4)}-${h3.slice(0, 4)}-${h3.slice(4)}${h4}`;
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

import { describe, expect, test } from 'vitest';
import { SeenEvents } from '../../src/hubble/seen.js';

const key = (n: number): Int32Array => Int32Array.from([n, 0, 0, 0]);
const MINUTE = 60_000;

describe('what was delivered before', () => {
  test('is known by its fingerprint at any time', () => {
    const seen = new SeenEvents(100, undefined);
    expect(seen.admit(key(1), 1000, 1000)).toBe(true);
    expect(seen.admit(key(1), 1000, 9000)).toBe(false);
  });

  test('is not guessed by time while nothing is re-read: a clock that was set back hides nothing', () => {
    const seen = new SeenEvents(2, undefined);
    for (let n = 0; n < 10; n++) seen.admit(key(n), 1_000_000 + n, 1_000_000 + n);
    expect(seen.admit(key(99), 5, 1_000_100)).toBe(true);
    expect(seen.mark).toBe(5);
  });

  test('is told by time in a re-read only where the memory is smaller than the ring', () => {
    const small = new SeenEvents(2, undefined);
    small.fit(2, 100);
    const enough = new SeenEvents(100, undefined);
    enough.fit(100, 100);
    for (const seen of [small, enough]) {
      for (let n = 0; n < 10; n++) seen.admit(key(n), 1000 + n, 2000);
      seen.reopened();
    }
    // Never delivered, but from before what the small one can remember.
    expect(small.admit(key(50), 1001, 3000)).toBe(false);
    expect(enough.admit(key(50), 1001, 3000)).toBe(true);
    // Delivered and forgotten, and delivered and remembered.
    expect(small.admit(key(3), 1003, 3000)).toBe(false);
    expect(enough.admit(key(3), 1003, 3000)).toBe(false);
  });

  test('is told by time, too, where it was forgotten while the memory was smaller than the ring', () => {
    const seen = new SeenEvents(10, undefined);
    for (let n = 0; n < 20; n++) seen.admit(key(n), 1000 + n, 2000);
    seen.fit(100, 100);
    seen.reopened();
    expect(seen.admit(key(3), 1003, 3000)).toBe(false);
    expect(seen.admit(key(15), 1015, 3000)).toBe(false);
    // Not delivered before, and younger than all that is forgotten.
    expect(seen.admit(key(50), 1012, 3000)).toBe(true);
  });

  test('by an earlier process is told by its mark, until the re-read has passed it', () => {
    const seen = new SeenEvents(100, 1000);
    seen.reopened();
    expect(seen.admit(key(1), 990, 5000)).toBe(false);
    expect(seen.admit(key(2), 1000, 5000)).toBe(false);
    expect(seen.catchingUp).toBe(true);
    expect(seen.admit(key(3), 1001, 5000)).toBe(true);
    expect(seen.catchingUp).toBe(false);
    expect(seen.admit(key(4), 10, 5000)).toBe(true);
  });

  test('told by the mark once, is known by its fingerprint when it is re-read again', () => {
    const seen = new SeenEvents(100, 1000);
    seen.reopened();
    seen.admit(key(1), 990, 5000);
    seen.admit(key(2), 1001, 5000);
    expect(seen.admit(key(1), 990, 90_000)).toBe(false);
  });

  test('does not hide flows of a clock set back while we were away for longer than a re-read can take', () => {
    const seen = new SeenEvents(100, 1_000_000);
    seen.reopened();
    expect(seen.admit(key(1), 900_000, 0)).toBe(false);
    expect(seen.admit(key(2), 900_001, 2 * MINUTE)).toBe(false);
    expect(seen.admit(key(3), 900_002, 2 * MINUTE + 1)).toBe(true);
    expect(seen.admit(key(4), 900_003, 2 * MINUTE + 2)).toBe(true);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Arena } from '../../src/tables/arena.js';

const PAGE = 64 * 1024;

/** Different for each owner and length, and with something before and after. */
function bytesOf(owner: number, length: number): Buffer {
  return Buffer.from(Array.from({ length: length + 2 }, (_, i) => (owner * 31 + i * 7 + length) & 255));
}

test('gives back what was put, whatever came, left and was moved in between', () => {
  const step = fc.record({
    owner: fc.nat(40),
    length: fc.oneof(fc.integer({ min: 1, max: 600 }), fc.constantFrom(1, 16_000, 65_535)),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), (steps) => {
      const arena = new Arena();
      const model = new Map<number, number>();
      for (const { owner, length } of steps) {
        if (model.delete(owner)) arena.free(owner);
        else {
          arena.put(owner, bytesOf(owner, length), 1, length + 1);
          model.set(owner, length);
        }
        const owned = [...model.values()].reduce((sum, one) => sum + one, 0);
        expect(arena.owned).toBe(owned);
        // Large ones leave up to half of a page empty.
        expect(arena.bytes).toBeLessThanOrEqual(owned * 3 + 4 * PAGE);
      }
      for (let owner = 0; owner <= 40; owner++) {
        const length = model.get(owner);
        if (length === undefined) {
          expect(arena.equals(owner, Buffer.alloc(0), 0, 0)).toBe(false);
          continue;
        }
        const bytes = bytesOf(owner, length);
        expect(arena.lengthOf(owner)).toBe(length);
        expect(arena.equals(owner, bytes, 1, length + 1)).toBe(true);
        expect(arena.equals(owner, bytes, 0, length)).toBe(false);
        expect(arena.equals(owner, bytes, 1, length)).toBe(false);
        const other = Buffer.from(bytes);
        other[length] = (other[length] ?? 0) ^ 1;
        expect(arena.equals(owner, other, 1, length + 1)).toBe(false);
      }
    }),
    { seed: 5, numRuns: 150 },
  );
});

test('while one stays and the rest come and go, what is gone takes no room', () => {
  const arena = new Arena();
  const stays = bytesOf(0, 400);
  arena.put(0, stays, 1, 401);
  for (let round = 0; round < 20_000; round++) {
    const owner = 1 + (round % 100);
    if (round >= 100) arena.free(owner);
    const length = 100 + (round % 900);
    arena.put(owner, bytesOf(owner, length), 1, length + 1);
    expect(arena.bytes).toBeLessThanOrEqual(arena.owned * 1.5 + 5 * PAGE);
  }
  expect(arena.equals(0, stays, 1, 401)).toBe(true);
});

test('text is what was put as UTF-8', () => {
  const arena = new Arena();
  const bytes = Buffer.from('knöten-7 tcp');
  arena.put(3, bytes, 0, bytes.length);
  expect(arena.text(3)).toBe('knöten-7 tcp');
});

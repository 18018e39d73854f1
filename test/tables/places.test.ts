import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Places } from '../../src/tables/places.js';

/** All positions that are proposed for a hash. */
function proposed(places: Places, hash: number): number[] {
  const found: number[] = [];
  for (let position = places.first(hash); position >= 0; position = places.next(hash)) found.push(position);
  return found.sort((a, b) => a - b);
}

test('proposes what has the hash, all of it and nothing else, whatever came and left before', () => {
  // Few hashes with the same low bits: long runs, which wrap around at the end of the table.
  const hash = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(0x7fff_ffff, -0x8000_0000, 0x10_000f, 0x20_000f),
  );
  const step = fc.record({ position: fc.nat(60), hash, leaves: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const places = new Places();
      const model = new Map<number, number>();
      for (const { position, hash, leaves } of steps) {
        const known = model.get(position);
        if (known !== undefined && leaves) {
          places.remove(position, known);
          model.delete(position);
        } else if (known === undefined) {
          places.add(position, hash);
          model.set(position, hash);
        }
      }
      for (const wanted of new Set(steps.map((one) => one.hash))) {
        const expected = [...model].filter(([, hash]) => hash === wanted).map(([position]) => position);
        expect(proposed(places, wanted)).toEqual(expected.sort((a, b) => a - b));
      }
    }),
    { seed: 3, numRuns: 500 },
  );
});

test('takes at most 24 bytes a position once there are many, and stays when as many leave as come', () => {
  const places = new Places();
  const hashOf = (n: number): number => Math.imul(n, 0x9e3779b1);
  for (let n = 0; n < 50_000; n++) places.add(n, hashOf(n));
  const { bytes } = places;
  expect(bytes / 50_000).toBeLessThanOrEqual(24);
  for (let n = 0; n < 200_000; n++) {
    places.remove(n, hashOf(n));
    places.add(n + 50_000, hashOf(n + 50_000));
  }
  expect(places.bytes).toBe(bytes);
  expect(proposed(places, hashOf(200_001))).toEqual([200_001]);
  expect(proposed(places, hashOf(199_999))).toEqual([]);
});

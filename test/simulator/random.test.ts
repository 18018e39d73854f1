import { expect, test } from 'vitest';
import { seededRandom } from '../../src/simulator/random.js';

test('one seed gives one sequence, another seed another', () => {
  const draw = (seed: number): string[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 20 }, () => random.uuid());
  };
  expect(draw(5)).toEqual(draw(5));
  expect(draw(5)).not.toEqual(draw(6));
});

test('uuids are of version 4 and do not repeat in 200,000', () => {
  const random = seededRandom(1);
  const uuids = Array.from({ length: 200_000 }, () => random.uuid());
  expect(new Set(uuids).size).toBe(uuids.length);
  expect(
    uuids.every((uuid) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid)),
  ).toBe(true);
});

test('whole numbers include both ends and nothing beyond', () => {
  const random = seededRandom(2);
  const drawn = new Set(Array.from({ length: 1000 }, () => random.integer(3, 5)));
  expect([...drawn].sort()).toEqual([3, 4, 5]);
});

test('picking from nothing is an error, not undefined', () => {
  expect(() => seededRandom(1).pick([])).toThrow('the list is empty');
});

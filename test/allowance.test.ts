import { expect, test } from 'vitest';
import { createAllowance } from '../src/allowance.js';
import { T0 } from './fixtures/flows.js';

test('a burst passes, what is over it is held back and counted', () => {
  const allowance = createAllowance(3, 1);
  expect([1, 2, 3, 4, 5].map(() => allowance.take(T0))).toEqual([true, true, true, false, false]);
  expect(allowance.heldBack()).toBe(2);
  expect(allowance.heldBack()).toBe(0);
});

test('it refills with time, never beyond the burst', () => {
  const allowance = createAllowance(2, 1);
  allowance.take(T0);
  allowance.take(T0);
  expect(allowance.take(T0 + 500)).toBe(false);
  expect(allowance.take(T0 + 1_000)).toBe(true);
  const later = [1, 2, 3].map(() => allowance.take(T0 + 3_600_000));
  expect(later).toEqual([true, true, false]);
});

test('a clock that steps back takes nothing away', () => {
  const allowance = createAllowance(2, 1);
  allowance.take(T0);
  expect(allowance.take(T0 - 60_000)).toBe(true);
  expect(allowance.take(T0 - 60_000)).toBe(false);
  expect(allowance.take(T0 - 59_000)).toBe(true);
});

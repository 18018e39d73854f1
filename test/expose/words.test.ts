import { expect, test } from 'vitest';
import { compact, number } from '../../src/expose/page/words.js';

/** Around each place where a digit or a unit changes, and what rounds up into the next one. */
const values = [1, 9.94, 9.95, 9.96, 99.4, 99.5, 100, 123, 994.9, 999.4, 999.5, 999.9]
  .flatMap((value) => [0, 1, 2, 3, 6, 9, 12].map((zeros) => value * 10 ** zeros))
  .flatMap((value) => [-1, 0, 1].map((more) => Math.round(value) + more))
  .filter((value) => value >= 0 && value < 999e12);

test.each([
  ['in full', number, new Intl.NumberFormat('en-US')],
  ['compact', compact, new Intl.NumberFormat('en-US', { notation: 'compact' })],
])('numbers %s are what Intl makes of them', (_, ours, intl) => {
  for (const value of values) expect([value, ours(value)]).toEqual([value, intl.format(value)]);
});

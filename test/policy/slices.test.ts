/** Work in slices gives way to others, and comes out as if it had not. */
import { expect, test } from 'vitest';
import { inSlices } from '../../src/policy/slices.js';

function spin(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** How often others had a turn while it worked. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await work();
  isOver = true;
  return turns;
}

const HUNDRED = Array.from({ length: 100 }, (_, index) => index);

test('long work lets others have their turns, and keeps its order', async () => {
  const spun = (item: number): number => {
    spin(1);
    return item * 2;
  };
  let done: number[] = [];
  const turns = await turnsDuring(async () => (done = await inSlices(HUNDRED, spun, 1)));
  expect(turns).toBeGreaterThan(5);
  expect(done).toEqual(HUNDRED.map((item) => item * 2));
});

test('short work takes no turn for nothing', async () => {
  expect(await turnsDuring(async () => inSlices([1, 2, 3], (item) => item, 1))).toBeLessThan(2);
  expect(await inSlices([], () => 1)).toEqual([]);
});

test('what the work throws comes out', async () => {
  await expect(
    inSlices(HUNDRED, (item) => {
      if (item === 50) throw new Error('item 50');
    }),
  ).rejects.toThrow('item 50');
});

import { expect, test } from 'vitest';
import { manualTimeline, wallTimeline } from '../../src/simulator/timeline.js';

test('a manual timeline does what falls due in order of time, and of asking where the time is the same', () => {
  const timeline = manualTimeline(1000);
  const done: string[] = [];
  const note = (what: string) => () => done.push(`${what}@${timeline.now()}`);
  timeline.at(1030, note('c'));
  timeline.at(1010, note('a'));
  timeline.at(1010, note('b'));
  timeline.at(2000, note('later'));
  timeline.advance(50);
  expect(done).toEqual(['a@1010', 'b@1010', 'c@1030']);
  expect(timeline.now()).toBe(1050);
  expect(timeline.pending).toBe(1);
});

test('what is asked for while time passes still happens in its turn', () => {
  const timeline = manualTimeline(0);
  const done: number[] = [];
  const again = (): void => {
    done.push(timeline.now());
    if (done.length < 5) timeline.at(timeline.now() + 10, again);
  };
  timeline.at(10, again);
  timeline.advance(35);
  expect(done).toEqual([10, 20, 30]);
});

test('the wall clock does a thousand things with one timer, the past ones at once, and none after it is closed', async () => {
  const timeline = wallTimeline();
  const start = timeline.now();
  let done = 0;
  for (let n = 0; n < 1000; n++) timeline.at(start - 500 + n, () => done++);
  await new Promise<void>((resolve) => timeline.at(start + 501, resolve));
  expect(done).toBe(1000);
  timeline.at(timeline.now() + 1, () => done++);
  timeline.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(done).toBe(1000);
});

/** What was missed in a window, told from totals. */
import { expect, test } from 'vitest';
import { createTrail } from '../../src/expose/trail.js';
import { before, coverage, NOW, status } from '../fixtures/reports.js';

const MINUTE = 60_000;
const WINDOW = 15 * MINUTE;
const at = (lost: number, changes: { blindSeconds?: number; unidentified?: number } = {}) =>
  status({ coverage: coverage({ lostEvents: { hubble_ring_buffer: lost, unknown: 1 }, ...changes }) });

test('before anything was noted, all that was ever missed is in the window', () => {
  const trail = createTrail(WINDOW);
  expect(trail.window(at(4, { blindSeconds: 2, unidentified: 3 }), NOW, WINDOW)).toMatchObject({
    lost: 5,
    blindSeconds: 2,
    unidentified: 3,
  });
});

test('a loss is in the window for its length, and up to a note longer, never shorter', () => {
  const trail = createTrail(WINDOW);
  const lostAt = NOW + 20 * MINUTE;
  const inWindow: number[] = [];
  for (let now = NOW; now <= NOW + 60 * MINUTE; now += MINUTE / 2) {
    const report = now < lostAt ? at(0) : at(100);
    trail.note(report, now);
    if (trail.window(report, now, WINDOW).lost === 100) inWindow.push(now);
  }
  expect(inWindow[0]).toBe(lostAt);
  expect(inWindow.at(-1)! - lostAt).toBeGreaterThanOrEqual(WINDOW - MINUTE / 2);
  expect(inWindow.at(-1)! - lostAt).toBeLessThanOrEqual(WINDOW + MINUTE / 2);
});

test('watching begins when flows first come through, and the window with it', () => {
  const trail = createTrail(WINDOW);
  const waiting = status({ ready: false, stream: { ...status().stream, provenSince: undefined } });
  trail.note(waiting, NOW - 20 * MINUTE);
  expect(trail.window(waiting, NOW - 10 * MINUTE, WINDOW).since).toBeUndefined();
  const proven = status({ stream: { ...status().stream, provenSince: before(120) } });
  expect(trail.window(proven, NOW, WINDOW).since).toBe(NOW - 2 * MINUTE);
  trail.note(proven, NOW);
  // A later stream does not make it young again: what passed unseen between the two is blind time.
  const anew = status({
    stream: { ...status().stream, provenSince: new Date(NOW + 20 * MINUTE).toISOString() },
  });
  expect(trail.window(anew, NOW + 21 * MINUTE, WINDOW).since).toBe(NOW + 6 * MINUTE);
});

test('forgets what no window can reach', () => {
  const trail = createTrail(WINDOW);
  for (let now = NOW; now < NOW + 600 * MINUTE; now += MINUTE) trail.note(at(1), now);
  expect(trail.window(at(1), NOW + 600 * MINUTE, WINDOW).lost).toBe(0);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Union } from '../../src/hubble/intervals.js';
import { Pulse } from '../../src/hubble/pulse.js';

describe('blind time is wall time', () => {
  test('a second that several gaps cover counts once: as colouring seconds would', () => {
    const gap = fc.tuple(fc.nat(200), fc.nat(40)).map(([from, length]) => ({ from, to: from + length }));
    fc.assert(
      fc.property(fc.array(gap, { maxLength: 60 }), (gaps) => {
        const union = new Union();
        const coloured = new Set<number>();
        for (const { from, to } of gaps) {
          const before = coloured.size;
          for (let second = from; second < to; second++) coloured.add(second);
          expect(union.add({ from, to })).toBe(coloured.size - before);
        }
      }),
      { seed: 7, numRuns: 500 },
    );
  });
  test.each([
    ['nothing', { from: 5, to: 5 }],
    ['backwards', { from: 9, to: 5 }],
    ['no number', { from: NaN, to: 5 }],
  ])('a gap of %s counts nothing', (_name, gap) => {
    expect(new Union().add(gap)).toBe(0);
  });
});

describe("a node's pulse", () => {
  test('tells where it fell silent, though flows came again since', () => {
    const pulse = new Pulse(0);
    for (const second of [1, 2, 3, 4, 11, 12, 13])
      pulse.beat(1_000_000 + second * 1000, 1_000_000 + second * 1000, true);
    expect(pulse.silenceBegan(1_000_000, 1_014_000)).toBe(1_004_000);
    expect(pulse.lastBefore(1_010_000)).toBe(1_004_000);
    expect(pulse.lastBefore(1_000_000)).toBeUndefined();
  });
  test('has no silence where a re-read filled it', () => {
    const pulse = new Pulse(0);
    for (const second of [1, 2, 3, 4, 11, 12]) pulse.beat(second * 1000, second * 1000, true);
    for (const second of [5, 6, 7, 8, 9, 10]) pulse.beat(second * 1000, 12_500, false);
    expect(pulse.silenceBegan(4000, 12_500)).not.toBe(4000 + 7000);
    expect(pulse.lastTime).toBe(12_000);
  });
  test('knows the difference of the clocks by the quickest flow', () => {
    const pulse = new Pulse(0);
    expect(pulse.onNodeClock(50_000)).toBe(50_000);
    pulse.beat(10_000, 14_000, true);
    pulse.beat(11_000, 13_000, true);
    pulse.beat(1_000, 20_000, false);
    expect(pulse.onNodeClock(50_000)).toBe(48_000);
  });
  test('does not take the age of what is re-read for a difference of the clocks', () => {
    const pulse = new Pulse(100_000);
    pulse.beat(40_000, 101_000, true);
    expect(pulse.onNodeClock(200_000)).toBe(200_000);
    pulse.beat(102_000, 102_500, true);
    expect(pulse.onNodeClock(200_000)).toBe(199_500);
  });
  test('forgets what it knew when the clock is set back', () => {
    const pulse = new Pulse(0);
    pulse.beat(10_000_000, 10_000_000, true);
    pulse.beat(6_000_000, 10_001_000, true);
    expect(pulse.lastTime).toBe(6_000_000);
    expect(pulse.lastBefore(9_999_999)).toBe(6_000_000);
    expect(pulse.onNodeClock(10_001_000)).toBe(6_000_000);
  });
});

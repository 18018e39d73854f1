import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  attached,
  Coverage,
  coveredUntil,
  failed,
  flowInGap,
  lost,
  restarted,
} from '../../src/hubble/coverage.js';
import { Union } from '../../src/hubble/intervals.js';
import { Nodes } from '../../src/hubble/nodes.js';
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
  test('tells where it fell silent and began again, though flows came since', () => {
    const pulse = new Pulse(0);
    for (const second of [1, 2, 3, 4.2, 4.7, 11.3, 11.9, 12, 13])
      pulse.beat(1_000_000 + second * 1000, 1_000_000 + second * 1000, true);
    expect(pulse.silence(1_000_000, 1_014_000, 1_014_000)).toEqual({ from: 1_004_700, to: 1_011_300 });
  });
  test('tells of a silence that lasts, and of one before which nothing is known', () => {
    const pulse = new Pulse(0);
    expect(pulse.silence(5_000, 9_000, 9_000)).toEqual({ from: 5_000, to: undefined });
    pulse.beat(8_000, 8_000, true);
    expect(pulse.silence(5_000, 7_000, 9_000)).toEqual({ from: 5_000, to: 8_000 });
    expect(pulse.silence(8_500, 9_000, 10_000)).toEqual({ from: 8_000, to: undefined });
  });
  test('looks for the silence at the time it is asked about, not for a longer one elsewhere', () => {
    const pulse = new Pulse(0);
    for (const second of [1, 2, 10, 11, 12, 15, 16, 30, 31]) pulse.beat(second * 1000, second * 1000, true);
    expect(pulse.silence(13_000, 15_500, 60_000)).toEqual({ from: 12_000, to: 15_000 });
  });
  test('finds a silence of a tenth of a second among flows that come every millisecond', () => {
    const pulse = new Pulse(0);
    for (let time = 10_000; time < 20_000; time += 1)
      if (time <= 14_300 || time >= 14_400) pulse.beat(time, time, true);
    expect(pulse.silence(13_500, 15_500, 20_000)).toEqual({ from: 14_300, to: 14_400 });
    // All of it is read again, and what was missing comes with it; but for the last part.
    for (let time = 14_250; time < 20_000; time += 1)
      if (time <= 14_370 || time >= 14_400) pulse.beat(time, 20_000, false);
    expect(pulse.silence(13_500, 15_500, 20_000)).toEqual({ from: 14_370, to: 14_400 });
  });
  test('has no silence where a re-read filled it', () => {
    const pulse = new Pulse(0);
    for (const second of [1, 2, 3, 4, 11, 12]) pulse.beat(second * 1000, second * 1000, true);
    for (const second of [5, 6, 7, 8, 9, 10]) pulse.beat(second * 1000, 12_500, false);
    const { from, to } = pulse.silence(4_000, 12_000, 12_500);
    expect((to ?? Infinity) - from).toBe(1_000);
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
    // Live, but queued behind the re-read.
    pulse.beat(101_000, 104_000, true);
    expect(pulse.onNodeClock(200_000)).toBe(200_000);
    pulse.beat(112_000, 112_500, true);
    expect(pulse.onNodeClock(200_000)).toBe(199_500);
  });
  test('forgets what it knew when the clock is set back', () => {
    const pulse = new Pulse(0);
    pulse.beat(10_000_000, 10_000_000, true);
    pulse.beat(6_000_000, 10_001_000, true);
    expect(pulse.lastTime).toBe(6_000_000);
    expect(pulse.silence(9_000_000, 9_999_999, 10_000_000)).toEqual({ from: 6_000_000, to: undefined });
    expect(pulse.onNodeClock(10_001_000)).toBe(6_000_000);
  });
});

test('gaps of one cause are told together where their edges agree, and apart where a node missed less', () => {
  const nodes = new Nodes(1_000, 0);
  for (const [name, last, first] of [
    ['even', 100_000, 110_000],
    ['as even', 100_100, 109_900],
    ['longer', 100_000, 112_000],
  ] as const) {
    const node = nodes.get(name, 0);
    node.gap = undefined;
    node.pulse.beat(last, last, true);
    lost(node, 'stream_ended', 101_000);
    flowInGap(node, node.gap!, first, 113_000);
    node.gap!.oldest = first;
  }
  const coverage = new Coverage();
  expect(coverage.settle(nodes, 0, 114_000)).toEqual([
    { cause: 'stream_ended', from: 100_000, to: 110_000, seconds: 10, nodes: ['even', 'as even'] },
    { cause: 'stream_ended', from: 100_000, to: 112_000, seconds: 2, nodes: ['longer'] },
  ]);
  // Each second counts once, however many lines tell of it.
  expect(coverage.blindSeconds).toBe(12);
});

describe('a gap that goes on before it is settled', () => {
  /** A node with a full ring, heard live until second 100. */
  function broken() {
    const nodes = new Nodes(1_000, 0);
    const node = nodes.get('n1', 0);
    node.gap = undefined;
    node.pulse.beat(100_000, 100_000, true);
    node.state = 'connected';
    lost(node, 'stream_ended', 101_000);
    const full = {
      name: 'n1',
      address: '',
      state: 'connected',
      version: '',
      uptimeMs: 1e9,
      numFlows: 15,
      maxFlows: 15,
      seenFlows: 99,
    } as const;
    return { nodes, node, hear: (at: number) => nodes.hear(node, full, { asked: at, at }) };
  }

  test('is settled by what the ring holds in the end, not by what it held at first', () => {
    const { nodes, node, hear } = broken();
    const coverage = new Coverage();
    attached(node, 110_000);
    hear(110_000);
    flowInGap(node, node.gap!, 105_000, 110_000);
    node.gap!.oldest = 104_000;
    lost(node, 'stream_ended', 111_000);
    expect(node.gap).toMatchObject({ from: 100_000, attachedAt: undefined });
    attached(node, 160_000);
    // What was heard before the second break counts for nothing.
    expect(coverage.settle(nodes, 70_000, 160_000)).toEqual([]);
    expect(coverage.needsOldest(node)).toBe(true);
    hear(160_000);
    node.gap!.oldest = 150_000;
    expect(coverage.settle(nodes, 70_000, 160_000)).toMatchObject([
      { from: 100_000, to: 150_000, seconds: 50 },
    ]);
    expect(coverage.blindSeconds).toBe(50);
  });

  test('ends where the re-read began, though the ring had moved on when it was asked', () => {
    const { nodes, node, hear } = broken();
    attached(node, 110_000);
    flowInGap(node, node.gap!, 104_000, 110_000);
    hear(111_000);
    node.gap!.oldest = 106_000;
    expect(new Coverage().settle(nodes, 70_000, 111_000)).toMatchObject([{ from: 100_000, to: 104_000 }]);
  });

  test('ends where the re-read began, though only then a restart was found to be its cause', () => {
    const { nodes, node, hear } = broken();
    flowInGap(node, node.gap!, 108_000, 110_000);
    hear(111_000);
    restarted(node, 107_500, 111_000);
    node.gap!.oldest = 109_500;
    expect(new Coverage().settle(nodes, 70_000, 111_000)).toMatchObject([{ from: 100_000, to: 108_000 }]);
  });

  test('ends with the first flow of a node that has started anew, if the relay tells of the start too late', () => {
    const { nodes, node } = broken();
    flowInGap(node, node.gap!, 108_000, 110_000);
    const young = { uptimeMs: 1_000, numFlows: 3, maxFlows: 15, seenFlows: 3, state: 'connected' } as const;
    nodes.hear(node, { name: 'n1', address: '', version: '', ...young }, { asked: 105_000, at: 110_500 });
    expect(new Coverage().settle(nodes, 70_000, 111_000)).toMatchObject([{ from: 100_000, to: 108_000 }]);
  });

  test('is found though everything came late, and nobody can tell the delay from a difference of the clocks', () => {
    const node = new Nodes(1_000, 0).get('n1', 0);
    node.gap = undefined;
    const late = 2_000;
    for (let time = 101_000; time < 130_000; time += 10)
      if (time < 115_000 || time > 115_180) node.pulse.beat(time, time + late, true);
    failed(node, { brokeAt: 115_300, at: 126_000, asked: 0 });
    expect(node.gap).toMatchObject({ from: 114_990, firstFlow: 115_190 });
  });

  test('reaches to the start of a node that has started anew, though its flows paused once before', () => {
    const { nodes, node } = broken();
    node.gap = undefined;
    // A pause of a busy machine, and, shorter, the restart at second 105.
    for (let time = 101_000; time < 130_000; time += 10)
      if (time >= 103_000 && (time < 104_900 || time > 105_100)) node.pulse.beat(time, time, true);
    failed(node, { brokeAt: 103_900, at: 110_000, asked: 0 });
    expect(node.gap).toMatchObject({ from: 100_000, firstFlow: 103_000 });
    attached(node, 110_000);
    const young = { uptimeMs: 15_000, numFlows: 3, maxFlows: 15, seenFlows: 3, state: 'connected' } as const;
    nodes.hear(node, { name: 'n1', address: '', version: '', ...young }, { asked: 120_000, at: 120_000 });
    expect(new Coverage().settle(nodes, 70_000, 120_000)).toMatchObject([{ to: 105_500 }]);
  });

  test('of a quick restart is not explained away by a delay that may be no difference of the clocks', () => {
    const nodes = new Nodes(1_000, 0);
    const node = nodes.get('n1', 0);
    node.gap = undefined;
    const late = 1_100;
    for (let time = 101_000; time < 116_000; time += 10)
      if (time < 105_000 || time > 105_260) node.pulse.beat(time, time + late, true);
    failed(node, { brokeAt: 105_200, at: 116_000, asked: 0 });
    expect(node.gap).toMatchObject({ from: 104_990, firstFlow: 105_270 });
    node.state = 'connected';
    attached(node, 130_000);
    const young = { uptimeMs: 24_750, numFlows: 3, maxFlows: 15, seenFlows: 3, state: 'connected' } as const;
    nodes.hear(node, { name: 'n1', address: '', version: '', ...young }, { asked: 130_000, at: 130_000 });
    expect(new Coverage().settle(nodes, 70_000, 130_000)).toMatchObject([{ from: 104_990, to: 105_270 }]);
  });

  test('of a restart so quick that nothing was silent reaches into the time in which the node may not have heard yet', () => {
    const { nodes, node } = broken();
    attached(node, 110_000);
    const young = { uptimeMs: 9_950, numFlows: 3, maxFlows: 15, seenFlows: 3, state: 'connected' } as const;
    nodes.hear(node, { name: 'n1', address: '', version: '', ...young }, { asked: 110_000, at: 110_000 });
    expect(new Coverage().settle(nodes, 70_000, 110_000)).toMatchObject([{ from: 100_000, to: 100_550 }]);
  });

  test('of a restart that nobody told of ends where flows began again', () => {
    const { nodes, node, hear } = broken();
    node.gap = undefined;
    for (let time = 108_000; time < 130_000; time += 500) node.pulse.beat(time, time, true);
    hear(130_000);
    restarted(node, 107_500, 130_000);
    node.gap!.oldest = 128_000;
    expect(new Coverage().settle(nodes, 70_000, 130_000)).toMatchObject([{ from: 100_000, to: 108_000 }]);
  });

  test('that nobody can tell about is counted up to where its flows begin again, and at most to where it was attached', () => {
    for (const [firstFlow, seconds] of [
      [130_000, 30],
      [undefined, 40],
    ] as const) {
      const { nodes, node, hear } = broken();
      attached(node, 140_000);
      hear(140_000);
      if (firstFlow !== undefined) flowInGap(node, node.gap!, firstFlow, 140_500);
      node.gap!.fruitless = firstFlow === undefined ? 2 : 1;
      expect(new Coverage().settle(nodes, 70_000, 141_000)).toMatchObject([{ seconds }]);
    }
  });

  test('is closed by a flow from before it, which proves nothing yet of what follows', () => {
    const { node } = broken();
    attached(node, 200_000);
    flowInGap(node, node.gap!, 99_000, 200_500);
    expect(node.gap).toBeUndefined();
    expect(coveredUntil(node)).toBe(100_000);
  });

  test('counts what was never asked for, though the ring held it', () => {
    const { nodes, node, hear } = broken();
    attached(node, 140_000);
    hear(140_000);
    node.gap!.oldest = 90_000;
    expect(new Coverage().settle(nodes, 120_000, 141_000)).toMatchObject([{ from: 100_000, to: 120_000 }]);
  });
});

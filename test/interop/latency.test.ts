/**
 * How soon a crossing is counted, through the real relay. Short here;
 * CROSSTALK_LONG=1 makes the figures of docs/performance.md.
 */
import { expect, inject, test } from 'vitest';
import { latencies, startCluster } from './latency/measure.js';

const LONG = process.env['CROSSTALK_LONG'] === '1';
const PROMISED_MS = 3_000;

interface Case {
  readonly nodes: number;
  readonly background: string;
  /** Crossings a second, and how many of them. */
  readonly rates: readonly (readonly [number, number])[];
  /** The promise is for these. */
  readonly promised: boolean;
}

const SHORT_RATES = [
  [0.5, 5],
  [10, 50],
  [1_000, 2_000],
] as const;
const LONG_RATES = [
  [0.1, 30],
  [1, 120],
  [10, 400],
  [100, 3_000],
  [1_000, 15_000],
] as const;

const CASES: readonly Case[] = LONG
  ? [
      { nodes: 3, background: '100ms', rates: LONG_RATES, promised: true },
      { nodes: 3, background: '1s', rates: LONG_RATES, promised: false },
      { nodes: 30, background: '100ms', rates: LONG_RATES.slice(1), promised: false },
      { nodes: 100, background: '100ms', rates: LONG_RATES.slice(1), promised: false },
    ]
  : [{ nodes: 3, background: '100ms', rates: SHORT_RATES, promised: true }];

test.each(CASES)(
  'a crossing is counted within three seconds: $nodes nodes, each with an event every $background',
  { timeout: 1_800_000 },
  async ({ nodes, background, rates, promised }) => {
    for (const hubble of inject('hubbles').slice(0, 1)) {
      const cluster = await startCluster(hubble, { nodes, background, seed: 7 });
      for (const [perSecond, count] of rates) {
        const times = await latencies(cluster, perSecond, count);
        const at = (share: number): number => Math.round(times[Math.floor(share * (count - 1))] ?? 0);
        const [p50, p99, worst] = [at(0.5), at(0.99), at(1)];
        const row = { version: hubble.patch, nodes, background, perSecond, count, p50, p99, worst };
        process.stdout.write(`${JSON.stringify(row)}\n`);
        if (promised) expect(p99).toBeLessThan(PROMISED_MS);
      }
      await cluster.close();
    }
  },
);

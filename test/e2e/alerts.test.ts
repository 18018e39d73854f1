/**
 * Everything real but the cluster: two analyzers, two Alertmanagers, somebody who
 * is paged. Short here; CROSSTALK_LONG=1 makes it 50 seeded runs (docs/reliability.md
 * has the figures).
 */
import { expect, test } from 'vitest';
import { runAlerts, type AlertRun } from './alertrun.js';

const LONG = process.env['CROSSTALK_LONG'] === '1';
const FIRST = Number(process.env['CROSSTALK_SEED'] ?? '1');
const RUNS = LONG ? 50 : 3;
/** They mostly wait. */
const AT_ONCE = 3;

test(
  'whatever breaks, a violation is told, then its end, and then no more; what was agreed on is not',
  async () => {
    const seeds = Array.from({ length: RUNS }, (_, index) => FIRST + index);
    const runs: [seed: number, run: AlertRun][] = [];
    const next = async (): Promise<void> => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
        const run = await runAlerts(seed).catch((cause: unknown) => {
          throw new Error(`seed ${seed}`, { cause });
        });
        if (LONG) process.stdout.write(`${seed} ${JSON.stringify(run)}\n`);
        runs.push([seed, run]);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    const wrong = runs.filter(
      ([, { told, strangers }]) => told.join() !== 'firing,resolved' || strangers.length > 0,
    );
    expect(wrong).toEqual([]);
    expect(runs).toHaveLength(RUNS);
  },
  LONG ? 3_600_000 : 300_000,
);

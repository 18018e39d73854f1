/**
 * The real Hubble breaks in every way it can under 5,000 flows a second. What
 * must hold whatever happens: no connection is counted twice, what was not
 * counted is accounted for, and what is announced is what was missing.
 *
 * Short and seeded here; CROSSTALK_LONG=1 makes it 100 runs (docs/reliability.md
 * has the figures). CROSSTALK_SEED; CROSSTALK_RUNS=4,17 (these alone);
 * CROSSTALK_RESULTS (a file that keeps each run, and from which a set of runs goes on that was interrupted).
 */
import { appendFile, readFile } from 'node:fs/promises';
import { expect, inject, test } from 'vitest';
import { TOLERANCE_MS } from './faultruns/accounting.js';
import { faultRun, type Run } from './faultruns/run.js';
import { summary } from './faultruns/summary.js';

const LONG = process.env['CROSSTALK_LONG'] === '1';
const SEED = Number(process.env['CROSSTALK_SEED'] ?? '7');
const SOME = process.env['CROSSTALK_RUNS']?.split(',').map(Number);
const RESULTS = process.env['CROSSTALK_RESULTS'];
const WHOLE = LONG || SOME !== undefined;
/** Runs at the same time, which mostly wait. */
const ABREAST = 2;
/** How old the state file of a process that was killed may be (src/hubble/subscription.ts). */
const SAVED_EVERY_MS = 10_000;
const SHORT: readonly (readonly string[])[] = [
  ['relay killed'],
  ['node killed'],
  ['crosstalk restarted'],
  ['relay behind a black hole', 'node frozen'],
  ['node cut off'],
];

test(
  'whatever breaks, nothing is counted twice and nothing is lost without a word',
  { timeout: 7_200_000 },
  async () => {
    const runs: Run[] = [];
    const failed: string[] = [];
    const hubbles = inject('hubbles');
    const done = await resultsIn(RESULTS);
    runs.push(...done);
    const all = SOME ?? Array.from({ length: LONG ? 100 : SHORT.length }, (_, n) => n);
    const waiting = all.filter((number) => !done.some(({ run }) => run === number)).values();
    const work = async (): Promise<void> => {
      for (const number of waiting) {
        const hubble = hubbles[WHOLE ? number % hubbles.length : 0];
        if (hubble === undefined) throw new Error('no Hubble was built');
        try {
          const run = await faultRun(number, SEED, hubble, WHOLE ? undefined : SHORT[number]);
          runs.push(run);
          if (RESULTS !== undefined) await appendFile(RESULTS, `${JSON.stringify(run)}\n`);
          if (WHOLE) process.stdout.write(`${JSON.stringify(summary([run]))}\n`);
        } catch (error) {
          failed.push(`run ${number}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
        }
      }
    };
    await Promise.all(Array.from({ length: ABREAST }, work));
    const whole = summary(runs);
    process.stdout.write(`${JSON.stringify(whole, undefined, 1)}\n`);

    expect(failed).toEqual([]);
    expect(whole.connections).toBeGreaterThan(500 * runs.length);
    expect(whole.countedTwice).toBe(0);
    expect(whole.packetsCountedTwice).toBe(0);
    expect(whole.misjudged).toBe(0);
    expect(whole.unaccounted).toBe(0);
    expect(whole.announcedTooMuchMs.worst).toBeLessThan(TOLERANCE_MS);
    expect(whole.announcedBeforeAKillMs.worst).toBeLessThan(SAVED_EVERY_MS + TOLERANCE_MS);
    expect(whole.reconnectMs.p99).toBeLessThan(12_000);
  },
);

async function resultsIn(file: string | undefined): Promise<Run[]> {
  const text = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Run);
}

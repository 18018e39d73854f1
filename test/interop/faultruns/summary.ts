/** Many runs in a few figures. */
import type { Run } from './run.js';

interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

export interface Summary {
  readonly runs: readonly string[];
  readonly seconds: number;
  readonly flows: number;
  readonly connections: number;
  readonly counted: number;
  /** Without what a killed Crosstalk forgot it had counted. */
  readonly countedTwice: number;
  readonly countedAgainAfterCrosstalkWasKilled: number;
  readonly packetsCountedTwice: number;
  readonly misjudged: number;
  readonly missing: number;
  readonly unaccounted: number;
  readonly lostEvents: number;
  readonly blindSeconds: number;
  readonly announcedTooMuchMs: Spread;
  readonly announcedTooLittleMs: Spread;
  /** Before gaps that a killed Crosstalk left: it counted until it died, and its file is up to ten seconds older. */
  readonly announcedBeforeAKillMs: Spread;
  readonly reconnectMs: Spread;
  readonly misfits: readonly string[];
}

export function summary(runs: readonly Run[]): Summary {
  const sum = (of: (run: Run) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const remembered = runs.filter(({ forgot }) => !forgot);
  const gaps = runs.flatMap(({ run, account }) => account.gaps.map((gap) => ({ ...gap, run })));
  const killed = new Set(runs.filter(({ forgot }) => forgot).map(({ run }) => run));
  const isOfKilled = ({ run, causes }: { run: number; causes: readonly string[] }): boolean =>
    killed.has(run) && causes.some((cause) => cause === 'first_start' || cause === 'crosstalk_restarted');
  const edges = gaps.flatMap((gap) => (isOfKilled(gap) ? [gap.after] : [gap.before, gap.after]));
  return {
    runs: runs.map(({ run, version, ring, faults }) => `${run} ${version} ${ring} ${faults.join(' + ')}`),
    seconds: Math.round(sum(({ seconds }) => seconds)),
    flows: sum(({ flows }) => flows),
    connections: sum(({ account }) => account.connections),
    counted: sum(({ account }) => account.counted),
    countedTwice: remembered.reduce((total, { account }) => total + account.twice.length, 0),
    countedAgainAfterCrosstalkWasKilled: sum(({ forgot, account }) => (forgot ? account.twice.length : 0)),
    packetsCountedTwice: remembered.reduce((total, { account }) => total + account.repeated.length, 0),
    misjudged: sum(({ account }) => account.misjudged.length),
    missing: sum(({ account }) => account.missing.length),
    unaccounted: sum(({ account }) => account.unaccounted.length),
    lostEvents: sum(({ account }) => Object.values(account.lost).reduce((total, count) => total + count, 0)),
    blindSeconds: sum(({ blindSeconds }) => blindSeconds),
    announcedTooMuchMs: spread(edges.map((edge) => Math.max(0, edge))),
    announcedTooLittleMs: spread(edges.map((edge) => Math.max(0, -edge))),
    announcedBeforeAKillMs: spread(gaps.filter(isOfKilled).map(({ before }) => before)),
    reconnectMs: spread(runs.flatMap(({ reconnects }) => reconnects)),
    misfits: gaps
      .filter(({ before, after }) => Math.max(Math.abs(before), Math.abs(after)) > 500)
      .map(({ run, node, causes, before, after, missing, from, to }) =>
        [
          run,
          node,
          causes.join('+'),
          `${to - from} ms`,
          `before ${before}`,
          `after ${after}`,
          `missing ${missing}`,
        ].join(' '),
      ),
  };
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), worst: at(1) };
}

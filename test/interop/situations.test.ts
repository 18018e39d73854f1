/**
 * The situations of test/fixtures/situations.ts through the real Hubble: with
 * both filters each counts exactly what it must, and `hubble observe`, in the
 * same run, shows the very events that were counted.
 *
 * Real Hubble carries them all. Of two it makes something else on the way: a
 * flow without a time (25) gets the node's, as from an agent's parser; and a
 * verdict that it has no name for (24) comes through as its number, but passes
 * no filter that names verdicts.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { flowsAt, situations } from '../fixtures/situations.js';
import { until } from './cluster.mjs';
import { situationsTable } from './compatibility.mjs';
import { counted, passingFilter } from './counted.js';
import { startCrosstalk, type Crosstalk } from './crosstalk.js';
import { observe, typeOf, type ShownFlow } from './observe.js';
import { MARK_SAMPLE, isMark, play, played } from './play.js';
import { setStages, type Pool } from './pool.js';
import { keep, type SituationResult } from './results.js';
import type { HubbleVersion } from './setup.js';
import type { Stage } from './stage.js';

/** By version, then by title: tests that run side by side end in any order. */
const found = new Map<string, Map<string, SituationResult>>();

describe.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  let stages: Pool;
  beforeAll(async () => {
    stages = await setStages(hubble, 2);
    found.set(hubble.patch, new Map());
  });
  afterAll(() => stages.close());

  const titled = situations.map((situation) => [situation.title, situation] as const);
  test.concurrent.each(titled)('%s', async (_, situation) => {
    await stages.use(async (stage) => {
      const watchers = await watch(stage);
      const began = Date.now();
      const flows = flowsAt(situation, began);
      const ended = await play(stage, flows);
      const seen = await Promise.all(watchers.map((crosstalk) => result(crosstalk, stage)));
      const [all, judged] = seen;

      const marks = { [MARK_SAMPLE]: stage.nodes.length };
      expect(all?.samples).toEqual({ ...situation.counted, ...marks });
      expect(judged?.samples).toEqual({ ...passingFilter(situation.counted), ...marks });

      const shown = await shownSince(hubble, stage, began);
      expect(shown.map(({ uuid }) => uuid).sort()).toEqual(flows.map(({ uuid }) => uuid).sort());
      for (const { crossings } of seen) {
        expect(crossings).toHaveLength(connections(situation.counted));
        expect(crossings.map((crossing) => [crossing.verdict, shownAs(shown, crossing.uuid)])).toEqual(
          crossings.map(({ verdict }) => [verdict, COUNTED_AS[verdict]]),
        );
      }
      for (const { uuid, hubbleObserve } of judged?.crossings ?? [])
        expect((await rerun(hubble, stage, hubbleObserve)).map((flow) => flow.uuid)).toContain(uuid);

      found.get(hubble.patch)?.set(situation.title, {
        title: situation.title,
        shown: kinds(shown),
        counted: all?.samples ?? {},
      });
      // The stage's next test must not read this one's flows again, some of which are of the future.
      await until('the time of the last flow', () => Date.now() > ended);
    });
  });
});

test('docs/compatibility.md shows what was seen (node test/interop/compatibility.mjs)', () => {
  const results = [...found].map(([version, byTitle]): [string, SituationResult[]] => [
    version,
    situations.flatMap(({ title }) => byTitle.get(title) ?? []),
  ]);
  const byVersion = Object.fromEntries(results);
  expect(keep('situations', byVersion)).toBe(situationsTable(byVersion));
});

/** What a crossing was counted from, as `hubble observe` shows it. */
const COUNTED_AS: Readonly<Record<string, string>> = {
  allowed: 'trace:to-endpoint FORWARDED',
  audited: 'trace:to-endpoint FORWARDED',
  denied: 'drop DROPPED',
};

interface Crossing {
  readonly verdict: string;
  readonly uuid: string;
  readonly hubbleObserve: string;
}

/** One analyzer with everything and one with the default filter, both reading. */
async function watch({ relay }: Stage): Promise<Crosstalk[]> {
  const watchers = await Promise.all([
    startCrosstalk(relay.address, '--flows.filter=all'),
    startCrosstalk(relay.address),
  ]);
  await Promise.all(watchers.map((crosstalk) => crosstalk.ready()));
  return watchers;
}

async function result(
  crosstalk: Crosstalk,
  stage: Stage,
): Promise<{ samples: Record<string, number>; crossings: Crossing[] }> {
  await played(crosstalk, stage);
  const samples = counted(await crosstalk.metrics());
  const crossings = (await crosstalk.api('crossings')) as unknown as Crossing[];
  await crosstalk.stop();
  return { samples, crossings };
}

function connections(samples: Readonly<Record<string, number>>): number {
  const counted = Object.entries(samples).filter(([sample]) => sample.startsWith('cross_tenant_connections'));
  return counted.reduce((total, [, value]) => total + value, 0);
}

async function shownSince(hubble: HubbleVersion, { relay }: Stage, began: number): Promise<ShownFlow[]> {
  const shown = await observe(hubble, relay.address, '--since', new Date(began).toISOString());
  return shown.filter((flow) => !isMark(flow));
}

/** What the line shows that stands beside a crossing, pasted as it is. */
function rerun(hubble: HubbleVersion, { relay }: Stage, line: string): Promise<ShownFlow[]> {
  const [command, subcommand, ...flags] = line.split(' ');
  expect([command, subcommand]).toEqual(['hubble', 'observe']);
  return observe(hubble, relay.address, ...flags);
}

function shownAs(shown: readonly ShownFlow[], uuid: string): string {
  const flow = shown.find((each) => each.uuid === uuid);
  return flow === undefined ? 'not shown' : `${typeOf(flow)} ${flow.verdict ?? ''}`;
}

function kinds(shown: readonly ShownFlow[]): Record<string, number> {
  const lines: Record<string, number> = {};
  for (const flow of shown) {
    const kind = `${typeOf(flow)} ${flow.verdict ?? ''}`;
    lines[kind] = (lines[kind] ?? 0) + 1;
  }
  return lines;
}

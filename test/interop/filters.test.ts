/**
 * What the server leaves out for us, by filter and field mask, changes no
 * number: the same traffic counts the same with it, without it, and inside the
 * process without any Hubble.
 *
 * Both versions know every path of our mask. What happens where one does not is
 * in features.test.ts (the refusal, from node and relay) and in
 * test/hubble/subscription.test.ts (what Crosstalk does then).
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { followRequest, type FlowsFilter, type MaskLevel } from '../../src/hubble/request.js';
import type { Flow } from '../../src/model.js';
import { countedSamples, createWholePipeline } from '../fixtures/pipeline.js';
import { situations } from '../fixtures/situations.js';
import { until } from './cluster.mjs';
import { counted, passingFilter } from './counted.js';
import { startCrosstalk, type Crosstalk } from './crosstalk.js';
import { mixedTraffic } from './mixed.js';
import { follow, type AnsweredFlow } from './observer.js';
import { isMark, MARK_SAMPLE, play, played } from './play.js';
import { setStage, type Stage } from './stage.js';

type Counted = Record<string, number>;

describe.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  let stage: Stage;
  let all: Crosstalk;
  let judged: Crosstalk;
  let began: number;
  let flows: Flow[];
  let inProcess: Counted;

  beforeAll(async () => {
    stage = await setStage(hubble);
    [all, judged] = await Promise.all([
      startCrosstalk(stage.relay.address, '--flows.filter=all'),
      startCrosstalk(stage.relay.address),
    ]);
    await Promise.all([all.ready(), judged.ready()]);
    began = Date.now();
    flows = mixedTraffic(began);
    inProcess = countInProcess(flows);
    await play(stage, flows);
    await Promise.all([played(all, stage), played(judged, stage)]);
  });
  afterAll(async () => {
    await Promise.all([all.stop(), judged.stop()]);
    await stage.close();
  });

  /** What a reader gets who asks as Crosstalk does: everything of every node, up to its mark. */
  async function read(filter: FlowsFilter, mask: MaskLevel): Promise<readonly AnsweredFlow[]> {
    const stream = follow(stage.relay.address, followRequest({ filter, since: began, mask }));
    await until('the marks', () => stream.flows.filter(isMark).length === stage.nodes.length);
    stream.end();
    return stream.flows.filter((flow) => !isMark(flow)).sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
  }

  test('the traffic is worth comparing: every situation that crosses is a connection of its own', () => {
    const expected = situations.flatMap((situation) => values(situation.counted, 'cross_tenant_connections'));
    expect(expected.length).toBeGreaterThan(10);
    expect(sum(values(inProcess, 'cross_tenant_connections'))).toBe(sum(expected));
  });

  test('without a filter the traffic counts through the real Hubble as it does in process', async () => {
    expect(withoutMarks(counted(await all.metrics()))).toEqual(inProcess);
  });

  test('with the default filter it counts the same, less the events that were not sent', async () => {
    expect(withoutMarks(counted(await judged.metrics()))).toEqual(passingFilter(inProcess));
  });

  test('the default filter lets pass what is counted or explains it, and nothing else', async () => {
    const expected = sum(values(passingFilter(inProcess), 'flows_total'));
    expect(expected).toBeLessThan(flows.length);
    expect(await read('judged', 'full')).toHaveLength(expected);
  });

  test.each(['full', 'core'] as const)(
    'the %s mask is accepted, and what it names comes as it does without a mask',
    async (mask) => {
      const paths = followRequest({ filter: 'all', since: 0, mask }).field_mask?.paths ?? [];
      const whole = await read('all', 'none');
      expect(whole).toHaveLength(flows.length);
      expect((await read('all', mask)).map((flow) => only(paths, flow))).toEqual(
        whole.map((flow) => only(paths, flow)),
      );
    },
  );
});

function countInProcess(flows: readonly Flow[]): Counted {
  const whole = createWholePipeline();
  for (const flow of flows) whole.take(flow);
  return countedSamples(whole);
}

function withoutMarks({ [MARK_SAMPLE]: marks, ...rest }: Counted): Counted {
  expect(marks).toBe(3);
  return rest;
}

function values(samples: Readonly<Counted>, family: string): number[] {
  return Object.entries(samples).flatMap(([sample, value]) => (sample.startsWith(family) ? value : []));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}

function only(paths: readonly string[], flow: AnsweredFlow): Record<string, unknown> {
  return Object.fromEntries(Object.entries(flow).filter(([field]) => paths.includes(field)));
}

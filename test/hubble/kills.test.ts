/**
 * Whatever happens to relay, nodes and analyzer, in any order: no flow is
 * delivered twice, and every flow that was not delivered happened in time that
 * is declared blind for its node.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryState } from '../../src/hubble/cursor.js';
import { failure } from '../../src/hubble/failures.js';
import { watch, type Watching } from './watching.js';
import { type Emitted, START, World } from './world.js';

const LONG = process.env['CROSSTALK_LONG'] === '1';
const SEED = Number(process.env['CROSSTALK_SEED'] ?? '7');
const SECOND = 1000;
const NODES = ['n1', 'n2', 'n3'] as const;

const node = fc.constantFrom(...NODES);
type Step =
  | { readonly do: 'live'; readonly seconds: number }
  | { readonly do: 'cut' | 'freeze' | 'goaway' | 'restart' }
  | { readonly do: 'refuse'; readonly times: number }
  | { readonly do: NodeFault; readonly node: string; readonly late: number }
  | { readonly do: 'hole'; readonly node: string; readonly seconds: number; readonly late: number };
const NODE_FAULTS = ['fail', 'end', 'reboot', 'down', 'up'] as const;
type NodeFault = (typeof NODE_FAULTS)[number];

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.integer({ min: 1, max: 90 }).map((seconds): Step => ({ do: 'live', seconds })),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Step>({ do: 'cut' }, { do: 'freeze' }, { do: 'goaway' }, { do: 'restart' }),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 6 }).map((times): Step => ({ do: 'refuse', times })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...NODE_FAULTS), node, fc.nat(10))
      .map(([what, name, late]): Step => ({ do: what, node: name, late })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(node, fc.integer({ min: 1, max: 90 }), fc.nat(10))
      .map(([name, seconds, late]): Step => ({ do: 'hole', node: name, seconds, late })),
  },
);

async function live(world: World, seconds: number, emitted: Emitted[]): Promise<void> {
  for (let half = 0; half < seconds * 2; half++) {
    await world.time.advance(SECOND / 2);
    // Three nodes with different lives: busy, with pauses, almost quiet.
    emitted.push(world.emit('n1'));
    if (half % 7 === 0) emitted.push(world.emit('n2'));
    else world.emit('n2', { judged: false });
    if (half % 131 === 0) emitted.push(world.emit('n3'));
  }
}

async function take(
  one: Step,
  world: World,
  emitted: Emitted[],
  begin: () => Promise<Watching>,
): Promise<void> {
  switch (one.do) {
    case 'live':
      return live(world, one.seconds, emitted);
    case 'cut':
      world.cut();
      return;
    case 'freeze':
      world.freeze();
      return;
    case 'goaway':
      world.move(failure('goaway', 'moving'));
      return;
    case 'restart':
      await begin();
      return;
    case 'refuse':
      for (let i = 0; i < one.times; i++) world.faults.push({ connect: failure('refused', 'no') });
      world.cut();
      return;
    case 'up':
      world.node(one.node).up = true;
      return;
    case 'end':
      world.endNode(one.node);
      return;
    case 'down':
      world.node(one.node).up = false;
      world.failNode(one.node, one.late * SECOND);
      return;
    case 'reboot':
      world.restartNode(one.node);
      world.failNode(one.node, one.late * SECOND);
      return;
    case 'hole':
      world.cutOff(one.node);
      // Whoever begins in here finds a node that is connected by the relay's word, and only by that.
      if (one.late % 2 === 0) await begin();
      await live(world, one.seconds, emitted);
      world.reach(one.node);
      world.failNode(one.node, one.late * SECOND);
      // A relay that is cut off before it tells takes its word along, and nothing else tells of this hole.
      await live(world, one.late + 1, emitted);
      return;
    case 'fail':
      world.failNode(one.node, one.late * SECOND);
      return;
  }
}

test('random faults: nothing twice, and nothing missing outside of declared blind time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(31, 127, 4095),
      fc.array(step, { minLength: 4, maxLength: 25 }),
      fc.array(fc.integer({ min: -400, max: 400 }), { minLength: 3, maxLength: 3 }),
      async (capacity, steps, skews) => {
        const world = new World();
        for (const [at, name] of NODES.entries()) world.add(name, { capacity }).ahead = skews[at] ?? 0;
        const cursor = memoryState();
        const runs: Watching[] = [];
        const begin = async (): Promise<Watching> => {
          await runs.at(-1)?.subscription.close();
          // Two flows of one node never share a nanosecond; here, not a millisecond.
          await world.time.advance(1);
          const watching = watch(world, { cursor });
          runs.push(watching);
          watching.subscription.start();
          return watching;
        };
        await begin();
        const emitted: Emitted[] = [];
        await live(world, 5, emitted);
        for (const one of steps) await take(one, world, emitted, begin);
        for (const name of NODES) world.node(name).up = true;
        await live(world, 300, emitted);
        await runs.at(-1)?.subscription.close();

        const times = new Map<string, number>();
        for (const { uuids } of runs) for (const uuid of uuids) times.set(uuid, (times.get(uuid) ?? 0) + 1);
        expect([...times].filter(([, count]) => count > 1)).toEqual([]);
        const gaps = runs.flatMap((run) => run.gaps);
        const unaccounted = emitted.filter(({ uuid, time = 0, nodeName }) => {
          if (times.has(uuid) || time < START + SECOND) return false;
          return !gaps.some(
            ({ from, to, nodes }) => nodes.includes(nodeName) && time >= from - SECOND && time <= to + SECOND,
          );
        });
        expect(unaccounted.map(({ nodeName, time = 0 }) => [nodeName, (time - START) / SECOND])).toEqual([]);
        // Declaring everything blind would satisfy the above: where nothing was lost, nothing may be declared.
        const ringsHeld = capacity === 4095 && steps.every((one) => one.do !== 'reboot');
        if (ringsHeld) {
          expect(emitted.filter(({ uuid, time = 0 }) => !times.has(uuid) && time >= START + SECOND)).toEqual(
            [],
          );
          expect(gaps.filter(({ seconds }) => seconds > 1)).toEqual([]);
        }
      },
    ),
    { seed: SEED, numRuns: LONG ? 2_000 : 60 },
  );
});

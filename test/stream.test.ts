/**
 * Of the behaviours that are wrong by default, those that only a stream over real
 * gRPC can show (the others: pipeline.test.ts).
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDecoder } from '../src/hubble/decode.js';
import { createLineReader } from '../src/hubble/recorded.js';
import type { Attempt } from '../src/simulator/connections.js';
import { codecs } from '../src/simulator/messages.js';
import { countedSamples } from './fixtures/pipeline.js';
import { isProven, startWorld, type World } from './faults/world.js';

let world: World;
beforeEach(async () => {
  world = await startWorld({ speed: 10, perSecond: 0.000_1, crossShare: 0 });
});
afterEach(() => world.close());

function crossing(): Attempt {
  const [a, b] = world.simulator.population.inhabitants;
  const from = b?.clients[0];
  const to = a?.servers[0];
  if (from === undefined || to === undefined) throw new Error('the simulated cluster is empty');
  return { from, to, protocol: 'tcp', port: 8080 };
}

const CROSSING =
  'cross_tenant_connections_total{source_tenant="team-b",destination_tenant="team-a",verdict="allowed",protocol="tcp",expected="false"}';
const crossings = (): number => countedSamples(world.pipeline)[CROSSING] ?? 0;

/** Plays a crossing and waits until it is counted. */
async function cross(): Promise<void> {
  const before = crossings();
  world.simulator.play(crossing());
  await world.until('the crossing to be counted', () => {
    world.simulator.settle();
    return crossings() > before;
  });
}

async function newStream(what: string, end: () => void | Promise<void>): Promise<void> {
  const ended = world.ends.length;
  await end();
  await world.until(what, () => world.ends.length > ended && isProven(world));
}

test('18. what is read again after a reconnect counts nothing more', async () => {
  await cross();
  await newStream('a stream after the reset', () => world.simulator.relay.reset());
  await world.until('something to be read again', () => world.duplicates() > 0);
  await cross(); // all that was before it has been delivered by now
  expect(crossings()).toBe(2);
});

test('19. another relay replica brings the same uuids: they count nothing more', async () => {
  await cross();
  await newStream('a stream from the relay that replaced it', () => world.simulator.relay.restart());
  await world.until('something to be read again', () => world.duplicates() > 0);
  await cross();
  expect(crossings()).toBe(2);
});

describe('22. what Hubble says of itself changes what is known of coverage, and no count', () => {
  test('lost events are summed', async () => {
    await cross();
    const before = countedSamples(world.pipeline);
    world.simulator.nodes.find('worker-1')?.lose(42);
    await world.until('the loss to be reported', () => {
      world.simulator.settle();
      return world.lost.get('worker-1') === 42;
    });
    expect(countedSamples(world.pipeline)[CROSSING]).toBe(before[CROSSING]);
  });

  test('a node that fails is named', async () => {
    await cross();
    await world.simulator.nodes.kill('worker-2');
    await world.until('the node’s error', () =>
      world.nodeChanges.some((change) => /^worker-2 (error|unavailable)/.test(change)),
    );
    expect(crossings()).toBe(1);
  });
});

describe('23. to-endpoint is sub type 0, which is never on the wire', () => {
  test('absent in JSON', () => {
    const line = '{"flow":{"event_type":{"type":4},"verdict":"FORWARDED","is_reply":false}}';
    expect(createLineReader()(line)).toMatchObject({ kind: 'flow', flow: { eventType: 4, subType: 0 } });
  });
  test('absent in protobuf', () => {
    const bytes = codecs().getFlows.encode({ flow: { event_type: { type: 4 }, is_reply: { value: false } } });
    expect(createDecoder({ endpoints: 10 })(bytes)).toMatchObject({
      kind: 'flow',
      flow: { eventType: 4, subType: 0, isReply: false },
    });
  });
});

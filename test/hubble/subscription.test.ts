import { describe, expect, test } from 'vitest';
import { memoryState } from '../../src/hubble/cursor.js';
import { failure } from '../../src/hubble/failures.js';
import { START, World } from './world.js';
import { watch } from './watching.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A world with these nodes, watched, the stream proven. */
async function running(names: readonly string[] = ['n1'], options?: Parameters<typeof watch>[1]) {
  const world = new World();
  for (const name of names) world.add(name);
  const watching = watch(world, options);
  watching.subscription.start();
  await world.time.advance(100);
  return { world, watching, status: () => watching.subscription.status() };
}

describe('a stream', () => {
  test('is open and proven once the relay tells of its nodes', async () => {
    const { watching, status } = await running(['n1', 'n2']);
    expect(status()).toMatchObject({
      state: 'open',
      server: 'relay:80',
      since: START,
      provenSince: START + 5,
      reconnects: 0,
      lastError: undefined,
      features: { fieldMask: 'full', kind: 'relay' },
    });
    expect(status().nodes.map(({ name, state, version }) => [name, state, version])).toEqual([
      ['n1', 'connected', '1.19.4'],
      ['n2', 'connected', '1.19.4'],
    ]);
    expect(watching.told('nodesChanged').at(-1)).toEqual({
      connected: 2,
      unavailable: 0,
      error: 0,
      silent: 0,
    });
  });

  test('reads from its start on at first, and further back only where it is told to', async () => {
    const world = new World();
    world.add('n1');
    world.time.now -= 30 * MINUTE;
    const old = world.emit('n1');
    world.time.now += 30 * MINUTE;
    const without = watch(world);
    without.subscription.start();
    await world.time.advance(SECOND);
    expect(without.uuids).toEqual([]);
    await without.subscription.close();
    const withIt = watch(world, { flowsSinceMs: 60 * MINUTE });
    withIt.subscription.start();
    await world.time.advance(SECOND);
    expect(withIt.uuids).toEqual([old.uuid]);
  });

  test('delivers each flow once, with the time it was received', async () => {
    const { world, watching } = await running();
    const flows = [world.emit('n1'), world.emit('n1')];
    expect(watching.uuids).toEqual(flows.map(({ uuid }) => uuid));
    expect(watching.delivered[0]).toMatchObject({ receivedAt: world.time.now, seenAt: world.time.now });
    expect(watching.subscription.status().lastFlowTime).toBe(flows[1]?.time);
  });

  test('hands on what could not be read and what is unknown, and keeps what is about nodes to itself', async () => {
    const { world, watching } = await running();
    world.say({ kind: 'unreadable', reason: 'malformed' });
    world.say({ kind: 'unknown' });
    world.say({ kind: 'node_status', state: 'error', nodeNames: ['n1'], message: 'x', time: undefined });
    expect(watching.delivered.map(({ event }) => event.kind)).toEqual(['unreadable', 'unknown']);
  });

  test('ends with the daemon, leaving no timer behind', async () => {
    const { world, watching, status } = await running();
    await watching.subscription.close();
    expect(watching.told('streamEnded')).toMatchObject([{ reason: 'shutdown', retryInMs: undefined }]);
    expect(status().state).toBe('closed');
    world.emit('n1');
    await world.time.advance(MINUTE);
    expect(watching.uuids).toEqual([]);
    expect(world.connections).toBe(1);
    expect(world.time.pending).toBe(0);
  });
});

describe('coming back', () => {
  test('waits longer after each failure, up to ten seconds, somewhere between nothing and that', async () => {
    const world = new World();
    world.add('n1');
    for (let i = 0; i < 8; i++) world.faults.push({ connect: failure('refused', 'no') });
    const watching = watch(world);
    watching.subscription.start();
    await world.time.advance(2 * MINUTE);
    const waits = watching.told('streamEnded').map((end) => (end as { retryInMs: number }).retryInMs);
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
    expect(watching.subscription.status()).toMatchObject({
      state: 'open',
      reconnects: 8,
      lastError: { reason: 'refused' },
    });
    const eager = watch(new World(), { random: () => 0 });
    expect(eager.subscription.status().state).toBe('idle');
  });

  test('forgets how long it waited once a stream has worked for a while', async () => {
    const { world, watching } = await running();
    const wait = () => (watching.told('streamEnded').at(-1) as { retryInMs: number }).retryInMs;
    world.cut();
    await world.time.advance(5 * SECOND);
    world.cut();
    expect(wait()).toBe(1000);
    await world.time.advance(20 * SECOND);
    world.cut();
    expect(wait()).toBe(500);
  });

  test('does not wait when the server asks to move, unless it asks at every turn', async () => {
    const { world, watching } = await running();
    await world.time.advance(20 * SECOND);
    world.move(failure('goaway', 'moving'));
    await world.time.advance(0);
    world.move(failure('goaway', 'moving'));
    expect(watching.told('streamEnded')).toMatchObject([
      { reason: 'goaway', retryInMs: 0, wasProven: true },
      { reason: 'goaway', retryInMs: 500, wasProven: false },
    ]);
  });

  test('re-reads thirty seconds before the last proof, and tells nothing twice', async () => {
    const { world, watching } = await running();
    await world.time.advance(5 * MINUTE);
    const before = world.emit('n1');
    await world.time.advance(SECOND);
    world.cut();
    const during = world.emit('n1');
    await world.time.advance(SECOND);
    const after = world.emit('n1');
    expect(watching.uuids).toEqual([before, during, after].map(({ uuid }) => uuid));
    expect(watching.duplicates).toBe(1);
    expect(watching.subscription.status().since).toBe(before.time! - 30 * SECOND);
    expect(watching.subscription.status().blindSeconds).toBe(0);
  });

  test('never reads from before the first start', async () => {
    const { world, watching } = await running();
    await world.time.advance(SECOND);
    world.cut();
    await world.time.advance(5 * SECOND);
    expect(watching.subscription.status().since).toBe(START);
  });
});

describe('liveness', () => {
  test('a server that freezes is found out within thirty seconds', async () => {
    const { world, watching } = await running();
    await world.time.advance(8 * SECOND); // just answered a health check
    world.freeze();
    await world.time.advance(30 * SECOND);
    expect(watching.ends()).toEqual(['stalled']);
    expect(watching.subscription.status().state).toBe('open');
  });

  test('one health check without an answer is no reason to leave', async () => {
    const { world, watching } = await running();
    world.healthFails = true;
    await world.time.advance(9 * SECOND);
    world.healthFails = false;
    await world.time.advance(5 * MINUTE);
    expect(watching.ends()).toEqual([]);
  });

  test('flows that come are as good as a health check', async () => {
    const { world, watching } = await running();
    world.healthFails = true;
    for (let i = 0; i < 60; i++) {
      await world.time.advance(SECOND);
      world.emit('n1');
    }
    expect(watching.ends()).toEqual([]);
  });

  test('a quiet stream is left alone for ten minutes', async () => {
    const { world, watching } = await running();
    await world.time.advance(10 * MINUTE);
    expect(watching.ends()).toEqual([]);
    expect(watching.subscription.status().blindSeconds).toBe(0);
  });

  test('a relay that says nothing within ten seconds is left', async () => {
    const world = new World();
    world.add('n1');
    world.faults.push({ frozen: true });
    const watching = watch(world);
    watching.subscription.start();
    await world.time.advance(9.9 * SECOND);
    expect(watching.subscription.status().state).toBe('connecting');
    await world.time.advance(SECOND);
    expect(watching.ends()).toEqual(['first_message_timeout']);
  });

  test("a node's own Hubble may be quiet: that it answers is proof", async () => {
    const world = new World();
    world.single = true;
    world.add('n1');
    world.emit('n1', { judged: false });
    const watching = watch(world);
    watching.subscription.start();
    await world.time.advance(5 * MINUTE);
    expect(watching.subscription.status()).toMatchObject({ state: 'open', features: { kind: 'node' } });
    expect(watching.subscription.status().nodes).toMatchObject([
      { name: 'n1', state: 'connected', version: '1.19.4' },
    ]);
    expect(watching.ends()).toEqual([]);
  });

  test('a relay without nodes says so by ending the stream; it is told apart from a good end', async () => {
    const world = new World();
    const watching = watch(world);
    watching.subscription.start();
    await world.time.advance(100);
    expect(watching.ends()).toEqual(['no_nodes']);
    world.add('n1');
    await world.time.advance(10 * SECOND);
    world.cut(failure('closed_by_server', 'the server ended the stream'));
    expect(watching.ends()).toEqual(['no_nodes', 'closed_by_server']);
  });
});

describe('a mask that is refused', () => {
  test('by a node: the next request asks for less, at once, and at last for no mask', async () => {
    const world = new World();
    world.single = true;
    world.add('n1');
    world.faults.push({ maskError: 'invalid fieldmask' }, { maskError: 'invalid fieldmask' });
    const watching = watch(world);
    watching.subscription.start();
    await world.time.advance(100);
    expect(world.requests.map(({ field_mask: mask }) => mask?.paths.includes('destination_service'))).toEqual(
      [true, false, undefined],
    );
    expect(watching.told('maskRefused')).toEqual([
      { message: 'invalid fieldmask', next: 'core' },
      { message: 'invalid fieldmask', next: 'none' },
    ]);
    expect(watching.subscription.status().features.fieldMask).toBe('none');
  });

  test('by a node behind a relay, which goes on as if nothing were', async () => {
    const world = new World();
    world.add('n1');
    world.faults.push({ maskError: 'invalid fieldmask' });
    const watching = watch(world);
    watching.subscription.start();
    await world.time.advance(100);
    expect(watching.ends()).toEqual(['invalid_request']);
    expect(watching.subscription.status()).toMatchObject({ state: 'open', features: { fieldMask: 'core' } });
  });

  test('but not by a refusal of something else, and never without end', async () => {
    const world = new World();
    world.single = true;
    world.add('n1');
    const watching = watch(world);
    watching.subscription.start();
    await world.time.advance(100);
    world.cut(failure('invalid_request', 'first cannot be specified with follow'));
    await world.time.advance(SECOND);
    expect(watching.told('maskRefused')).toEqual([]);
    for (let i = 0; i < 5; i++) {
      world.cut(failure('invalid_request', 'invalid fieldmask'));
      await world.time.advance(10 * SECOND);
    }
    expect(watching.told('maskRefused')).toHaveLength(2);
  });
});

describe('blind time', () => {
  test('none at a first start, though the clock goes on while it starts', async () => {
    const world = new World();
    world.add('n1');
    let later = 0;
    const watching = watch(world, { clock: () => world.time.now + later++ });
    watching.subscription.start();
    await world.time.advance(MINUTE);
    expect(watching.gaps).toEqual([]);
  });

  test('none when the ring reaches back over the break', async () => {
    const { world, watching } = await running(['n1', 'n2']);
    await world.time.advance(5 * MINUTE);
    world.emit('n1');
    await world.time.advance(SECOND);
    world.faults.push({ connect: failure('refused', 'no') });
    world.cut();
    await world.time.advance(MINUTE);
    expect(watching.gaps).toEqual([]);
    expect(watching.subscription.status().nodes.every(({ unseenSince }) => unseenSince === undefined)).toBe(
      true,
    );
  });

  test('counts what a full ring lost, from the last proof to its oldest flow', async () => {
    const world = new World();
    world.add('n1', { capacity: 15 });
    const watching = watch(world);
    watching.subscription.start();
    const emitFor = async (seconds: number) => {
      for (let i = 0; i < seconds; i++) {
        await world.time.advance(SECOND);
        world.emit('n1');
      }
    };
    await emitFor(60);
    for (let i = 0; i < 6; i++) world.faults.push({ connect: failure('refused', 'no') });
    const last = world.time.now;
    world.cut();
    await emitFor(40);
    // 0.5 + 1 + 2 + 4 + 8 + 10 + 10 s of attempts: reopened 35.5 s after the break with 15 flows in the ring.
    expect(watching.gaps).toMatchObject([{ cause: 'stream_ended', nodes: ['n1'], from: last, seconds: 21 }]);
    expect(watching.subscription.status().blindSeconds).toBe(21);
  });

  test('a stream that breaks in the middle of a re-read owes the rest of it', async () => {
    const { world, watching } = await running();
    const flows: string[] = [];
    const emitFor = async (seconds: number) => {
      for (let i = 0; i < seconds; i++) {
        await world.time.advance(SECOND);
        flows.push(world.emit('n1').uuid);
      }
    };
    await emitFor(60);
    // Two minutes away: more than any overlap would forgive.
    for (let i = 0; i < 15; i++) world.faults.push({ connect: failure('refused', 'no') });
    world.cut();
    await emitFor(120);
    while (watching.subscription.status().state !== 'open') await world.time.advance(10);
    await world.time.advance(100);
    const before = watching.uuids.length;
    world.cut();
    await world.time.advance(MINUTE);
    expect(before).toBeLessThan(100);
    expect(watching.uuids).toEqual(flows);
    expect(watching.subscription.status().blindSeconds).toBe(0);
  });

  test('counts overlapping gaps of two nodes once', async () => {
    const world = new World();
    world.add('n1', { capacity: 15 });
    world.add('n2', { capacity: 15 });
    const watching = watch(world);
    watching.subscription.start();
    const emitFor = async (seconds: number) => {
      for (let i = 0; i < seconds; i++) {
        await world.time.advance(SECOND);
        world.emit('n1');
        world.emit('n2');
      }
    };
    await emitFor(60);
    for (let i = 0; i < 6; i++) world.faults.push({ connect: failure('refused', 'no') });
    world.cut();
    await emitFor(40);
    expect(watching.subscription.status().blindSeconds).toBe(21);
  });

  test('without an oldest flow to ask for, counts to the first flow that was re-read', async () => {
    const world = new World();
    world.add('n1', { capacity: 15 });
    const watching = watch(world);
    world.readsFail = true;
    watching.subscription.start();
    for (let i = 0; i < 60; i++) {
      await world.time.advance(SECOND);
      world.emit('n1');
    }
    for (let i = 0; i < 6; i++) world.faults.push({ connect: failure('refused', 'no') });
    world.cut();
    for (let i = 0; i < 110; i++) {
      await world.time.advance(SECOND);
      world.emit('n1');
    }
    expect(watching.gaps.filter(({ cause }) => cause === 'stream_ended')).toMatchObject([{ seconds: 21 }]);
  });

  test('counts the time in which a node was restarted, and not what it told since', async () => {
    const { world, watching } = await running(['n1']);
    for (let i = 0; i < 45; i++) {
      await world.time.advance(SECOND);
      world.emit('n1');
    }
    world.node('n1').up = false;
    world.failNode('n1', 5 * SECOND);
    await world.time.advance(10 * SECOND);
    world.restartNode('n1');
    world.node('n1').up = true;
    for (let i = 0; i < 60; i++) {
      await world.time.advance(SECOND);
      world.emit('n1');
    }
    // And half a second in which it may not have heard the datapath yet.
    expect(watching.subscription.status().blindSeconds).toBe(10.5);
    expect(watching.told('nodeChanged')).toMatchObject([
      { node: 'n1', state: 'connected' },
      { node: 'n1', state: 'error', message: 'transport is closing' },
      { node: 'n1', state: 'connected' },
    ]);
  });

  test('counts the restart of a node that had just told its first flow, though the stream broke before any look', async () => {
    const world = new World();
    world.single = true;
    world.add('n1');
    const watching = watch(world, { random: () => 0 });
    watching.subscription.start();
    await world.time.advance(2 * SECOND);
    world.emit('n1');
    await world.time.advance(SECOND / 2);
    for (let i = 0; i < 20; i++) world.faults.push({ connect: failure('refused', 'no') });
    world.cut();
    world.restartNode('n1');
    await world.time.advance(MINUTE);
    expect(watching.gaps).toHaveLength(1);
    expect(watching.gaps[0]).toMatchObject({
      cause: 'stream_ended',
      nodes: ['n1'],
      to: START + 3 * SECOND,
    });
  });

  test('none for nodes whose relay takes long to tell of them: late is not restarted', async () => {
    const { world, watching } = await running(['n1', 'n2']);
    for (let i = 0; i < 150; i++) {
      await world.time.advance(SECOND);
      world.emit('n1');
      // As when one node freezes for a while: the answer of the others waits for it.
      world.nodesTakeMs = i > 40 && i < 80 ? 8 * SECOND : 0;
    }
    expect(watching.gaps).toEqual([]);
  });

  test('none for a node that failed for a moment and was re-read, though the relay told of it late', async () => {
    const { world, watching } = await running(['n1']);
    for (let i = 0; i < 90; i++) {
      await world.time.advance(SECOND);
      world.emit('n1');
      if (i === 45) world.failNode('n1', 10 * SECOND);
    }
    expect(new Set(watching.uuids).size).toBe(90);
    expect(watching.uuids).toHaveLength(90);
    expect(watching.subscription.status().blindSeconds).toBe(0);
  });

  test('waits for a node that is away, and asks again from when it left', async () => {
    const { world, watching } = await running(['n1', 'n2']);
    await world.time.advance(MINUTE);
    const left = world.time.now;
    world.emit('n1');
    world.node('n1').up = false;
    world.failNode('n1');
    await world.time.advance(5 * MINUTE);
    world.cut();
    await world.time.advance(MINUTE);
    expect(watching.subscription.status().since).toBeLessThanOrEqual(left - 30 * SECOND);
    expect(watching.subscription.status().since).toBeGreaterThan(left - MINUTE);
    expect(watching.subscription.status().nodes).toMatchObject([
      { name: 'n1', state: 'unavailable', unseenSince: expect.any(Number) as number },
      { name: 'n2' },
    ]);
    const missed = world.emit('n1');
    world.node('n1').up = true;
    await world.time.advance(MINUTE);
    expect(watching.uuids).toContain(missed.uuid);
    expect(watching.subscription.status().blindSeconds).toBe(0);
  });

  test('counts a node that left the cluster while it was away, and not one that left in good order', async () => {
    const { world, watching } = await running(['n1', 'n2', 'n3']);
    await world.time.advance(MINUTE);
    world.nodes.delete('n2');
    world.endNode('n2');
    await world.time.advance(5 * MINUTE);
    expect(watching.subscription.status().blindSeconds).toBe(0);
    expect(watching.subscription.status().nodes.map(({ name }) => name)).toEqual(['n1', 'n3']);
    world.node('n1').up = false;
    world.failNode('n1');
    await world.time.advance(2 * MINUTE);
    world.nodes.delete('n1');
    await world.time.advance(5 * MINUTE);
    expect(watching.gaps).toMatchObject([{ cause: 'node_left', nodes: ['n1'] }]);
    expect(watching.subscription.status().blindSeconds).toBeGreaterThan(120);
  });

  test('none for a node that joins', async () => {
    const { world, watching } = await running(['n1']);
    await world.time.advance(5 * MINUTE + 7 * SECOND);
    world.add('n2', { startedAt: world.time.now, capacity: 15 });
    for (let i = 0; i < 100; i++) {
      await world.time.advance(SECOND);
      world.emit('n2');
    }
    expect(watching.uuids).toHaveLength(100);
    expect(watching.subscription.status().blindSeconds).toBe(0);
  });
});

describe('a node whose flows do not reach us though it has some', () => {
  test('is called silent, and the stream is opened anew so that nothing of it is lost', async () => {
    const { world, watching } = await running(['n1', 'n2']);
    await world.time.advance(MINUTE);
    world.emit('n1');
    world.endNode('n1');
    await world.time.advance(1);
    const missed = world.emit('n1');
    await world.time.advance(90 * SECOND);
    expect(watching.ends()).toEqual(['recycled']);
    expect(watching.told('nodeChanged')).toContainEqual({ node: 'n1', state: 'silent', message: '' });
    expect(watching.uuids).toContain(missed.uuid);
    expect(watching.subscription.status().nodes[0]).toMatchObject({ name: 'n1', state: 'connected' });
    expect(watching.subscription.status().blindSeconds).toBe(0);
  });

  test('is not one that has nothing for us', async () => {
    const { world, watching } = await running(['n1']);
    for (let i = 0; i < 300; i++) {
      await world.time.advance(SECOND);
      world.emit('n1', { judged: false });
    }
    expect(watching.ends()).toEqual([]);
    expect(watching.subscription.status().nodes).toMatchObject([{ state: 'connected' }]);
  });

  test('is not one whose last flow is from before our start', async () => {
    const world = new World();
    world.add('n1');
    world.emit('n1');
    world.time.now += MINUTE;
    const watching = watch(world);
    watching.subscription.start();
    for (let i = 0; i < 300; i++) {
      await world.time.advance(SECOND);
      world.emit('n1', { judged: false });
    }
    expect(watching.ends()).toEqual([]);
  });

  test('is one whose clock is behind, so that it keeps back what it takes for past', async () => {
    const world = new World();
    world.add('n1').ahead = -10 * MINUTE;
    const watching = watch(world);
    watching.subscription.start();
    const flows: string[] = [];
    for (let i = 0; i < 300; i++) {
      await world.time.advance(SECOND);
      flows.push(world.emit('n1').uuid);
    }
    expect(watching.ends()).toEqual(['recycled']);
    expect(watching.uuids).toEqual(flows.slice(-watching.uuids.length));
    expect(watching.uuids.length).toBeGreaterThan(200);
  });

  test('is found out however busy it is: its latest flow is always young', async () => {
    const { world, watching } = await running(['n1']);
    await world.time.advance(MINUTE);
    world.endNode('n1');
    const flows: string[] = [];
    for (let i = 0; i < 240; i++) {
      await world.time.advance(SECOND);
      flows.push(world.emit('n1').uuid);
    }
    expect(watching.ends()).toEqual(['recycled']);
    expect(watching.uuids).toEqual(flows);
    expect(watching.subscription.status().blindSeconds).toBe(0);
  });

  test('is left for longer and longer when a new stream does not help', async () => {
    const { world, watching } = await running(['n1', 'n2']);
    world.node('n1').mute = true;
    for (let i = 0; i < 60 * 12; i++) {
      await world.time.advance(5 * SECOND);
      world.emit('n1');
    }
    expect(watching.ends().length).toBeGreaterThan(3);
    expect(watching.ends().length).toBeLessThan(8);
    expect(watching.subscription.status().nodes[0]).toMatchObject({ name: 'n1', state: 'silent' });
    expect(watching.told('nodesChanged').at(-1)).toEqual({
      connected: 1,
      unavailable: 0,
      error: 0,
      silent: 1,
    });
  });

  test('is a node that moved to another address or came back under its name: the relay does not open those again', async () => {
    const { world, watching } = await running(['n1', 'n2']);
    await world.time.advance(MINUTE);
    world.endNode('n1');
    world.node('n1').address = '10.0.0.9:4244';
    const missed = world.emit('n1');
    await world.time.advance(40 * SECOND);
    expect(watching.uuids).toContain(missed.uuid);
    expect(watching.ends()).toEqual(['recycled']);
  });
});

describe('a node that freezes, so that the relay cannot tell of any', () => {
  test('is called an error within a minute, and connected again when it thaws', async () => {
    const { world, watching } = await running(['n1', 'n2', 'quiet']);
    world.emit('n1');
    world.emit('n2');
    await world.time.advance(SECOND);
    world.node('n2').frozen = true;
    await world.time.advance(MINUTE);
    expect(watching.told('nodesChanged').at(-1)).toMatchObject({ connected: 2, error: 1 });
    expect(watching.subscription.status().nodes).toMatchObject([{}, { name: 'n2', state: 'error' }, {}]);
    // One that had nothing to show before is not missed now.
    world.node('n2').frozen = false;
    world.emit('n2');
    await world.time.advance(MINUTE);
    expect(watching.told('nodesChanged').at(-1)).toMatchObject({ connected: 3, error: 0 });
    expect(watching.ends()).toEqual([]);
    expect(watching.gaps).toEqual([]);
  });

  test('is called an error though it never had a flow for us, if it said that its ring holds some', async () => {
    const { world, watching } = await running(['n1', 'n2', 'empty']);
    world.emit('n1');
    for (let i = 0; i < 3; i++) world.emit('n2', { judged: false });
    await world.time.advance(MINUTE);
    world.node('n2').frozen = true;
    world.node('empty').frozen = true;
    await world.time.advance(MINUTE);
    expect(watching.subscription.status().nodes).toMatchObject([
      { name: 'n1', state: 'connected' },
      { name: 'n2', state: 'error' },
      { name: 'empty', state: 'connected' },
    ]);
  });

  test('is connected again when it thaws, though it has nothing to tell', async () => {
    const { world, watching } = await running(['n1', 'n2']);
    world.emit('n1');
    world.emit('n2');
    await world.time.advance(SECOND);
    world.node('n2').frozen = true;
    await world.time.advance(MINUTE);
    world.node('n2').frozen = false;
    await world.time.advance(MINUTE);
    expect(watching.told('nodesChanged').at(-1)).toMatchObject({ connected: 2, error: 0 });
    expect(watching.gaps).toEqual([]);
  });

  test('is not looked for among nodes that show their flows, or when nobody shows any', async () => {
    const { world, watching } = await running(['n1', 'n2']);
    world.emit('n1');
    world.emit('n2');
    world.nodesFail = true;
    await world.time.advance(2 * MINUTE);
    world.readsFail = true;
    await world.time.advance(2 * MINUTE);
    expect(watching.told('nodesChanged').at(-1)).toMatchObject({ connected: 2, error: 0 });
  });
});

describe('a node behind a black hole, which the relay calls connected', () => {
  /** Crosstalk is restarted while nothing reaches the node, which has a flow each second. */
  async function restarted(cutOffMs: number, { others = [] as string[], capacity = 15 } = {}) {
    const cursor = memoryState();
    const world = new World();
    for (const name of ['n1', ...others]) world.add(name, { capacity });
    const first = watch(world, { cursor });
    first.subscription.start();
    await world.time.advance(SECOND);
    for (const name of others) world.emit(name);
    const last = world.emit('n1');
    await first.subscription.close();
    world.cutOff('n1');
    const watching = watch(world, { cursor });
    watching.subscription.start();
    const emitted = [];
    for (let ms = 0; ms < cutOffMs; ms += SECOND) {
      await world.time.advance(SECOND);
      emitted.push(world.emit('n1'));
    }
    world.reach('n1');
    await world.time.advance(MINUTE);
    return { world, watching, last, emitted };
  }

  const unread = ({ watching, emitted }: Awaited<ReturnType<typeof restarted>>) =>
    emitted.filter(({ uuid }) => !watching.uuids.includes(uuid)).map(({ time }) => time ?? 0);

  test('lost what its ring no longer holds when it can be reached, not only what happened until the stream began', async () => {
    // The first question about the nodes is answered when the hole is gone, and so none was needed to find it.
    const found = await restarted(8 * SECOND, { capacity: 5 });
    const missing = unread(found);
    expect(missing.length).toBeGreaterThan(0);
    expect(found.watching.gaps).toMatchObject([{ cause: 'crosstalk_restarted', from: found.last.time }]);
    const to = found.watching.gaps[0]?.to;
    expect(to).toBeGreaterThanOrEqual(Math.max(...missing));
    expect(to).toBeLessThanOrEqual(Math.max(...missing) + SECOND);
  });

  test('is waited for, though questions about the nodes are not answered again and again', async () => {
    const found = await restarted(3 * MINUTE, { others: ['n2'] });
    const missing = unread(found);
    expect(found.watching.gaps).toMatchObject([{ nodes: ['n1'], from: found.last.time }]);
    const to = found.watching.gaps[0]?.to;
    expect(to).toBeGreaterThanOrEqual(Math.max(...missing));
    expect(to).toBeLessThanOrEqual(Math.max(...missing) + SECOND);
  });

  test('though there is no other node, and so nobody shows what the one lacks', async () => {
    const found = await restarted(3 * MINUTE);
    expect(found.watching.gaps[0]?.to).toBeGreaterThanOrEqual(Math.max(...unread(found)));
  });

  test('lost nothing that its ring still holds', async () => {
    const found = await restarted(8 * SECOND, { others: ['n2'] });
    expect(unread(found)).toEqual([]);
    expect(found.watching.gaps).toEqual([]);
  });
});

describe('reports of loss', () => {
  const loss = {
    kind: 'lost_events',
    source: 'perf_event_ring_buffer',
    count: 3,
    cpu: 1,
    nodeName: 'n1',
    time: START + 1,
  } as const;
  test('are counted once, though they are re-read with their ring', async () => {
    const { world, watching } = await running();
    world.say(loss);
    world.cut();
    await world.time.advance(SECOND);
    world.say(loss);
    world.say({ ...loss, cpu: 2 });
    expect(watching.lost).toBe(6);
    expect(watching.subscription.status().nodes).toMatchObject([{ lostEvents: 6 }]);
  });
  test('of a reader that was too slow are each their own', async () => {
    const { world, watching } = await running();
    const slow = { ...loss, source: 'hubble_ring_buffer', cpu: undefined, count: 1 } as const;
    world.say(slow);
    world.say(slow);
    expect(watching.lost).toBe(2);
  });
});

describe('the clock of a node', () => {
  test('that is set back hides nothing', async () => {
    const { world, watching } = await running();
    await world.time.advance(2 * 60 * MINUTE);
    for (let i = 0; i < 5000; i++) world.emit('n1');
    world.node('n1').ahead = -60 * MINUTE;
    const after = [world.emit('n1'), world.emit('n1')];
    expect(watching.uuids.slice(-2)).toEqual(after.map(({ uuid }) => uuid));
  });
  test('that is ahead does not make us ask for the future', async () => {
    const { world, watching } = await running();
    world.node('n1').ahead = 60 * MINUTE;
    world.emit('n1');
    await world.time.advance(5 * MINUTE);
    world.emit('n1');
    world.cut();
    await world.time.advance(SECOND);
    expect(watching.subscription.status().since).toBeLessThan(world.time.now);
    expect(watching.uuids).toHaveLength(2);
  });
});

describe('a restart of the analyzer', () => {
  test('goes on where it stood: nothing twice, nothing lost', async () => {
    const cursor = memoryState();
    const { world, watching } = await running(['n1'], { cursor });
    await world.time.advance(MINUTE);
    world.emit('n1');
    await watching.subscription.close();
    await world.time.advance(1);
    const meanwhile = world.emit('n1');
    await world.time.advance(MINUTE);
    const second = watch(world, { cursor });
    second.subscription.start();
    await world.time.advance(SECOND);
    expect(second.uuids).toEqual([meanwhile.uuid]);
    expect(second.duplicates).toBe(1);
    expect(second.subscription.status().blindSeconds).toBe(0);
  });

  test('tells history by its own time, and what is live by ours', async () => {
    const cursor = memoryState();
    const { world, watching } = await running(['n1'], { cursor });
    await world.time.advance(MINUTE);
    await watching.subscription.close();
    const old = world.emit('n1');
    await world.time.advance(20 * MINUTE);
    const second = watch(world, { cursor });
    second.subscription.start();
    await world.time.advance(5 * SECOND);
    world.node('n1').ahead = -2 * SECOND;
    world.emit('n1');
    expect(second.delivered.map(({ seenAt }) => seenAt)).toEqual([old.time, world.time.now]);
  });

  test('counts as blind what the ring lost meanwhile', async () => {
    const cursor = memoryState();
    const world = new World();
    world.add('n1', { capacity: 15 });
    const first = watch(world, { cursor });
    first.subscription.start();
    await world.time.advance(SECOND);
    const last = world.emit('n1');
    await first.subscription.close();
    for (let i = 0; i < 100; i++) {
      await world.time.advance(SECOND);
      world.emit('n1');
    }
    const second = watch(world, { cursor });
    second.subscription.start();
    await world.time.advance(SECOND);
    expect(second.uuids).toHaveLength(15);
    expect(second.gaps).toMatchObject([{ cause: 'crosstalk_restarted', from: last.time, seconds: 86 }]);
  });

  test('counts as blind what nobody read after one that was killed in its first seconds', async () => {
    const cursor = memoryState();
    const world = new World();
    world.add('n1', { capacity: 15 });
    watch(world, { cursor }).subscription.start();
    await world.time.advance(SECOND);
    const killed = memoryState();
    killed.set('cursor', cursor.get('cursor'));
    for (let i = 0; i < 100; i++) {
      await world.time.advance(SECOND);
      world.emit('n1');
    }
    const second = watch(world, { cursor: killed });
    second.subscription.start();
    await world.time.advance(SECOND);
    expect(second.uuids).toHaveLength(15);
    expect(second.gaps).toMatchObject([{ from: START, seconds: 87 }]);
  });

  test('tells a node that restarted meanwhile from one that is new, though killed in its first seconds', async () => {
    const cursor = memoryState();
    const world = new World();
    world.add('n1');
    watch(world, { cursor }).subscription.start();
    await world.time.advance(SECOND);
    const killed = memoryState();
    killed.set('cursor', cursor.get('cursor'));
    await world.time.advance(MINUTE);
    world.emit('n1');
    world.restartNode('n1');
    await world.time.advance(SECOND);
    world.emit('n1');
    const second = watch(world, { cursor: killed });
    second.subscription.start();
    await world.time.advance(MINUTE);
    expect(second.gaps).toMatchObject([{ cause: 'crosstalk_restarted', from: START }]);
    expect(second.subscription.status().blindSeconds).toBeGreaterThan(60);
  });

  test('with a relay that is down at first still reads all of it', async () => {
    const cursor = memoryState();
    const { world, watching } = await running(['n1'], { cursor });
    await watching.subscription.close();
    await world.time.advance(3 * 60 * MINUTE);
    const meanwhile = world.emit('n1');
    world.faults.push({ connect: failure('refused', 'no') }, { connect: failure('refused', 'no') });
    const second = watch(world, { cursor });
    second.subscription.start();
    await world.time.advance(MINUTE);
    expect(second.uuids).toEqual([meanwhile.uuid]);
  });

  test('with a cursor that nobody understands is a first start, and said', async () => {
    const cursor = memoryState();
    cursor.set('cursor', { savedAt: 'yesterday', nodes: [] });
    const { watching } = await running(['n1'], { cursor });
    expect(watching.told('fileTrouble')).toHaveLength(1);
    expect(watching.subscription.status()).toMatchObject({ state: 'open', since: START });
  });

  test('keeps the cursor every ten seconds while something happens', async () => {
    const cursor = memoryState();
    const { world } = await running(['n1'], { cursor });
    await world.time.advance(20 * SECOND);
    expect(cursor.get('cursor')).toMatchObject({ nodes: { n1: { mark: null } } });
    const flow = world.emit('n1');
    await world.time.advance(10 * SECOND);
    expect(cursor.get('cursor')).toMatchObject({ nodes: { n1: { mark: flow.time } } });
  });
});

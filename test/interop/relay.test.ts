/** The real relay dies, stands still, is cut off, or has nobody behind it: what crossed meanwhile is counted once, from the rings. */
import { describe, expect, inject, test } from 'vitest';
import { startNode, startRelay, stop, until } from './cluster.mjs';
import { counted, countedToTheEnd, crossings, nodesInState, streamsEnded } from './crossings.js';
import { type Crosstalk, startCrosstalk } from './crosstalk.js';
import { startProxy } from './proxy.js';
import { peers, setStage, type Stage } from './stage.js';

/** Posts so many at each node. */
async function postEverywhere({ nodes }: Stage, each: number): Promise<void> {
  await Promise.all(nodes.map((node) => node.post(crossings(each))));
}

/** Everything was read again from the rings, and counted as it was: nothing twice, nothing missing, nothing blind. */
async function expectWhole(crosstalk: Crosstalk, stage: Stage, posted: number): Promise<void> {
  const end = await countedToTheEnd(crosstalk, stage.nodes, posted);
  expect(end).toMatchObject({ connections: posted + 3, flows: posted + 3, blindSeconds: 0, lost: 0 });
  expect(end.duplicates).toBeGreaterThan(0);
}

async function ended(crosstalk: Crosstalk, reason: string): Promise<number> {
  await streamsEnded(crosstalk, reason);
  const line = await until(reason, () => crosstalk.log.find((entry) => entry['reason'] === reason));
  return Date.parse(String(line['time']));
}

describe.concurrent.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'a relay that ends by %s and is back after a while costs nothing',
    async (signal) => {
      const stage = await setStage(hubble);
      const crosstalk = await startCrosstalk(stage.relay.address);
      await crosstalk.ready();
      await postEverywhere(stage, 20);
      await counted(crosstalk, 60);
      await postEverywhere(stage, 20);
      await stop(stage.relay, signal);
      await until('hubble_up 0', async () => (await crosstalk.metric('crosstalk_hubble_up')) === 0);
      await nodesInState(crosstalk, 'unavailable', 3);
      await postEverywhere(stage, 20);
      // So long that it is asked in vain, too.
      await streamsEnded(crosstalk, 'refused', 2);
      const relay = await startRelay(hubble.programs.relay, stage.nodes[0].hubble, {
        'listen-address': stage.relay.address,
      });
      await counted(crosstalk, 180);
      await nodesInState(crosstalk, 'connected', 3);
      await expectWhole(crosstalk, stage, 180);
      expect(await crosstalk.metric('crosstalk_hubble_up')).toBe(1);
      await crosstalk.stop();
      await stop(relay);
      await stage.close();
    },
  );

  test('a black hole before the relay is noticed within 30 s, and what fell into it is read again', async () => {
    const stage = await setStage(hubble);
    const proxy = await startProxy(stage.relay.address);
    const crosstalk = await startCrosstalk(proxy.address);
    await crosstalk.ready();
    await postEverywhere(stage, 20);
    await counted(crosstalk, 60);
    proxy.stall();
    const since = Date.now();
    await postEverywhere(stage, 20);
    expect((await ended(crosstalk, 'stalled')) - since).toBeLessThan(30_000);
    expect(await crosstalk.metric('crosstalk_hubble_up')).toBe(0);
    await postEverywhere(stage, 20);
    await proxy.mend();
    await counted(crosstalk, 180);
    await expectWhole(crosstalk, stage, 180);
    await crosstalk.stop();
    await proxy.close();
    await stage.close();
  });

  test('a relay that freezes is noticed within 30 s, and read again when it thaws', async () => {
    const stage = await setStage(hubble);
    const crosstalk = await startCrosstalk(stage.relay.address);
    await crosstalk.ready();
    await postEverywhere(stage, 20);
    await counted(crosstalk, 60);
    stage.relay.child.kill('SIGSTOP');
    const since = Date.now();
    await postEverywhere(stage, 20);
    expect((await ended(crosstalk, 'stalled')) - since).toBeLessThan(30_000);
    stage.relay.child.kill('SIGCONT');
    await counted(crosstalk, 120);
    await expectWhole(crosstalk, stage, 120);
    await crosstalk.stop();
    await stage.close();
  });

  test('a relay that is up but has no nodes is called that, and read as soon as it has some', async () => {
    const node = await startNode(hubble.programs.node, { name: 'node-1', background: '100ms' });
    const relay = await startRelay(hubble.programs.relay, node.hubble);
    const crosstalk = await startCrosstalk(relay.address);
    await streamsEnded(crosstalk, 'no_nodes');
    const line = await crosstalk.logged('stream_ended');
    expect(line['hint']).toMatch(/^The relay runs but reaches no node/);
    expect(line).toMatchObject({ reason: 'no_nodes' });
    const { reason, hint } = line;
    expect(await crosstalk.api('status')).toMatchObject({
      ready: false,
      stream: { lastError: { reason, hint } },
    });
    expect(await crosstalk.metric('crosstalk_hubble_up')).toBe(0);
    await node.setPeers(peers([node]));
    await crosstalk.ready();
    await node.post(crossings(3));
    await counted(crosstalk, 3);
    await crosstalk.stop();
    await stop(relay);
    await stop(node);
  });

  test('a peer service that goes away takes no node with it but its own', async () => {
    const stage = await setStage(hubble);
    const [first, second, third] = stage.nodes;
    const crosstalk = await startCrosstalk(stage.relay.address);
    await crosstalk.ready();
    await postEverywhere(stage, 1);
    await counted(crosstalk, 3);
    // node-1 is the one that the relay asks for its peers.
    await stop(first, 'SIGKILL');
    await nodesInState(crosstalk, 'error', 1);
    await second.post(crossings(2));
    await third.post(crossings(2));
    await counted(crosstalk, 7);
    await nodesInState(crosstalk, 'connected', 2);
    expect(await crosstalk.metric('crosstalk_hubble_up')).toBe(1);
    const back = await startNode(hubble.programs.node, {
      name: first.name,
      listen: first.hubble,
      background: '100ms',
    });
    await back.setPeers(peers([back, second, third]));
    await back.post(crossings(1));
    await counted(crosstalk, 8);
    await nodesInState(crosstalk, 'connected', 3);
    expect(await countedToTheEnd(crosstalk, [back, second, third], 8)).toMatchObject({
      connections: 11,
      flows: 11,
    });
    expect(crosstalk.log.filter(({ event }) => event === 'stream_ended')).toEqual([]);
    await crosstalk.stop();
    await stop(back);
    await stage.close();
  });
});

/** Nodes that join, leave and move while one stream runs: the real relay tells of none of it. */
import { describe, expect, inject, test } from 'vitest';
import { startNode, stop } from './cluster.mjs';
import { counted, countedToTheEnd, crossings, nodesInState, streamsEnded } from './crossings.js';
import { startCrosstalk } from './crosstalk.js';
import { type Node, peers, setStage } from './stage.js';

// One version is enough: only the relay's list counts, which is the same in both. First, for it takes longest.
describe.concurrent.each(inject('hubbles').slice(0, 1))('Hubble $patch', (hubble) => {
  test('a node that leaves is no longer listed, and blinds nobody', async ({ onTestFinished }) => {
    const stage = await setStage(hubble);
    onTestFinished(() => stage.close());
    const [first, second, leaver] = stage.nodes;
    const crosstalk = await startCrosstalk(stage.relay.address);
    await crosstalk.ready();
    await nodesInState(crosstalk, 'connected', 3);
    await leaver.post(crossings(2));
    await counted(crosstalk, 2);
    await first.setPeers(peers([first, second]));
    await stop(leaver);
    await nodesInState(crosstalk, 'connected', 2, 180);
    for (const state of ['unavailable', 'error', 'silent']) await nodesInState(crosstalk, state, 0, 180);
    expect(await countedToTheEnd(crosstalk, [first, second], 2)).toMatchObject({ flows: 4, blindSeconds: 0 });
    await crosstalk.stop();
  });
});

describe.concurrent.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  const node = (name: string, listen = '127.0.0.1:0'): Promise<Node> =>
    startNode(hubble.programs.node, { name, listen, background: '100ms' });

  test('a node that joins is counted from its first flow on, in the same stream', async ({
    onTestFinished,
  }) => {
    const stage = await setStage(hubble);
    onTestFinished(() => stage.close());
    const crosstalk = await startCrosstalk(stage.relay.address);
    await crosstalk.ready();
    await nodesInState(crosstalk, 'connected', 3);

    const newcomer = await node('node-4');
    onTestFinished(() => stop(newcomer));
    // Seen before the relay knew of it: `since` brings them all the same.
    await newcomer.post(crossings(5));
    await stage.nodes[0].setPeers(peers([...stage.nodes, newcomer]));
    await counted(crosstalk, 5);
    await nodesInState(crosstalk, 'connected', 4);
    expect(await countedToTheEnd(crosstalk, [...stage.nodes, newcomer], 5)).toEqual({
      connections: 9,
      flows: 9,
      duplicates: 0,
      blindSeconds: 0,
      lost: 0,
    });
    expect(crosstalk.log.filter(({ event }) => event === 'stream_ended')).toEqual([]);
    await crosstalk.stop();
  });

  test.each([
    { to: 'another port', listen: '127.0.0.1:0' },
    { to: 'another IP address', listen: '127.0.0.2:0' },
  ])('a node that moves to $to is noticed, and read again from where it was left', async ({ listen }) => {
    const stage = await setStage(hubble);
    const [first, second, mover] = stage.nodes;
    const crosstalk = await startCrosstalk(stage.relay.address);
    await crosstalk.ready();
    await nodesInState(crosstalk, 'connected', 3);
    await mover.post(crossings(2));
    await counted(crosstalk, 2);

    const moved = await node(mover.name, listen);
    await first.setPeers(peers([first, second, moved]));
    await stop(mover);
    await moved.post(crossings(7));
    await counted(crosstalk, 9, 120);
    await nodesInState(crosstalk, 'connected', 3);
    expect(await countedToTheEnd(crosstalk, [first, second, moved], 9)).toMatchObject({
      connections: 12,
      flows: 12,
    });
    await streamsEnded(crosstalk, 'recycled');
    await crosstalk.stop();
    await stop(moved);
    await stage.close();
  });
});

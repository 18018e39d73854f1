/** Nodes that fail and come back behind the real relay: what crossed is counted once, and what nobody saw is told. */
import { describe, expect, inject, test } from 'vitest';
import { startNode, stop, until } from './cluster.mjs';
import { counted, countedToTheEnd, crossings, nodesInState, tally } from './crossings.js';
import { startCrosstalk } from './crosstalk.js';
import { startProxy } from './proxy.js';
import { peers, setStage } from './stage.js';

describe.concurrent.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  test('a node that was killed is shown, and the time until it saw again is blind, to the second', async ({
    onTestFinished,
  }) => {
    const stage = await setStage(hubble);
    onTestFinished(() => stage.close());
    const crosstalk = await startCrosstalk(stage.relay.address);
    await crosstalk.ready();
    const [first, victim, third] = stage.nodes;
    await nodesInState(crosstalk, 'connected', 3);
    // Up to its end it has something to tell, so that it is known when it ended.
    for (let i = 0; i < 40; i++) await victim.post(crossings(1));
    await counted(crosstalk, 30);
    for (let i = 0; i < 40; i++) await victim.post(crossings(1));
    const killedAt = Date.now();
    await stop(victim, 'SIGKILL');
    await nodesInState(crosstalk, 'error', 1);
    // What the relay had read of it, it passes on; what was only in its ring is gone.
    const before = (await tally(crosstalk)).connections;
    expect(before).toBeLessThanOrEqual(80);
    await third.post(crossings(1));
    await counted(crosstalk, before + 1);

    const back = await startNode(hubble.programs.node, {
      name: victim.name,
      listen: victim.hubble,
      background: '100ms',
    });
    onTestFinished(() => stop(back));
    const blind = (Date.now() - killedAt) / 1000;
    // Before the relay has found it again: only `since` brings these.
    await back.post(crossings(3));
    await counted(crosstalk, before + 4);
    await nodesInState(crosstalk, 'connected', 3);
    const { blindSeconds } = await until('blind time', async () => {
      const now = await tally(crosstalk);
      return now.blindSeconds > 0 && now;
    });
    expect(Math.abs(blindSeconds - blind)).toBeLessThan(1);
    expect(await crosstalk.logged('flows_unseen')).toMatchObject({ nodes: [victim.name] });
    expect(await countedToTheEnd(crosstalk, [first, back, third], before + 4)).toMatchObject({
      connections: before + 7,
      flows: before + 7,
      lost: 0,
    });
    await crosstalk.stop();
  });

  test('a node that the relay lost sight of is re-read: nothing twice, nothing missing, nothing blind', async ({
    onTestFinished,
  }) => {
    const stage = await setStage(hubble);
    onTestFinished(() => stage.close());
    const [first, second, third] = stage.nodes;
    const proxy = await startProxy(second.hubble);
    onTestFinished(() => proxy.close());
    await first.setPeers([
      ...peers([first, third]),
      { name: second.name, cluster: 'default', address: proxy.address },
    ]);
    const crosstalk = await startCrosstalk(stage.relay.address);
    await crosstalk.ready();
    await nodesInState(crosstalk, 'connected', 3);
    await second.post(crossings(20));
    await counted(crosstalk, 20);

    proxy.cut();
    await second.post(crossings(30));
    await nodesInState(crosstalk, 'error', 1);
    await second.post(crossings(10));
    await proxy.mend();
    await counted(crosstalk, 60);
    await nodesInState(crosstalk, 'connected', 3);
    const end = await countedToTheEnd(crosstalk, stage.nodes, 60);
    expect(end).toMatchObject({ connections: 63, flows: 63, blindSeconds: 0, lost: 0 });
    expect(end.duplicates).toBeGreaterThanOrEqual(20);
    await crosstalk.stop();
  });

  test('a frozen node holds up no other, and tells the rest when it thaws', async ({ onTestFinished }) => {
    const stage = await setStage(hubble);
    onTestFinished(() => stage.close());
    const [first, second, third] = stage.nodes;
    const crosstalk = await startCrosstalk(stage.relay.address);
    await crosstalk.ready();
    await nodesInState(crosstalk, 'connected', 3);
    await second.post(crossings(1));
    await counted(crosstalk, 1);
    second.child.kill('SIGSTOP');
    onTestFinished(() => void second.child.kill('SIGCONT'));
    await first.post(crossings(2));
    await third.post(crossings(2));
    await counted(crosstalk, 5);
    await nodesInState(crosstalk, 'error', 1, 90);
    await nodesInState(crosstalk, 'connected', 2);
    second.child.kill('SIGCONT');
    expect(await countedToTheEnd(crosstalk, stage.nodes, 5)).toMatchObject({
      connections: 8,
      flows: 8,
      blindSeconds: 0,
      lost: 0,
    });
    await nodesInState(crosstalk, 'connected', 3);
    await crosstalk.stop();
  });
});

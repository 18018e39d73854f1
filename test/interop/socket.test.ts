/**
 * One node's Hubble over its unix socket, as an analyzer on each node reads it,
 * and the state file that carries it over its own restarts.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { startNode, stop, until } from './cluster.mjs';
import { counted, countedToTheEnd, crossings, nodesInState, streamsEnded, tally } from './crossings.js';
import { startCrosstalk } from './crosstalk.js';
import type { Node } from './stage.js';

describe.concurrent.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  const node = (socket: string): Promise<Node> =>
    startNode(hubble.programs.node, { name: 'node-1', socket, listen: '', background: '100ms' });
  const directory = (): string => mkdtempSync(join(tmpdir(), 'interop-'));

  test('a node is read over its socket, and found again when it restarts behind it', async () => {
    const socket = join(directory(), 'hubble.sock');
    const first = await node(socket);
    const crosstalk = await startCrosstalk(`unix://${socket}`);
    await crosstalk.ready();
    await first.post(crossings(5));
    await counted(crosstalk, 5);
    await nodesInState(crosstalk, 'connected', 1);
    expect(await crosstalk.metric('crosstalk_hubble_up')).toBe(1);
    expect((await tally(crosstalk)).blindSeconds).toBe(0);

    const killedAt = Date.now();
    await stop(first, 'SIGKILL');
    await until('hubble_up 0', async () => (await crosstalk.metric('crosstalk_hubble_up')) === 0);
    await streamsEnded(crosstalk, 'refused');
    const second = await node(socket);
    const blind = (Date.now() - killedAt) / 1000;
    await second.post(crossings(3));
    await counted(crosstalk, 8);
    await nodesInState(crosstalk, 'connected', 1);
    const end = await countedToTheEnd(crosstalk, [second], 8);
    expect(end).toMatchObject({ connections: 9, flows: 9, lost: 0 });
    // Its ring was lost with it, and nobody saw what happened meanwhile.
    const blindSeconds = await until('blind time', async () => {
      const seconds = (await tally(crosstalk)).blindSeconds;
      return seconds > 0 && seconds;
    });
    expect(blindSeconds).toBeGreaterThan(blind - 1);
    expect(await crosstalk.logged('flows_unseen')).toMatchObject({ nodes: ['node-1'] });
    await crosstalk.stop();
    await stop(second);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'with a state file, what crossed while crosstalk was away (%s) is counted when it is back, and only that',
    async (signal) => {
      const place = directory();
      const running = await node(join(place, 'hubble.sock'));
      const state = join(place, 'state.json');
      const start = () => startCrosstalk(`unix://${running.socket}`, `--state.file=${state}`);
      const before = await start();
      await before.ready();
      await running.post(crossings(10));
      await counted(before, 10);
      if (signal === 'SIGTERM') await before.stop();
      else {
        // The file is written every ten seconds. What came after the last time would be told again: its first counts
        // are gone with the process.
        await until('the state file', () => saved(state));
        before.kill('SIGKILL');
      }
      await running.post(crossings(20));

      const after = await start();
      await after.ready();
      await counted(after, 20);
      const end = await countedToTheEnd(after, [running], 20);
      expect(end).toMatchObject({ connections: 21, flows: 21, blindSeconds: 0, lost: 0 });
      expect(end.duplicates).toBe(10);
      await after.stop();
      await stop(running);
    },
  );

  test('without a state file it starts at its start: no history counts as new', async () => {
    const place = directory();
    const running = await node(join(place, 'hubble.sock'));
    await running.post(crossings(10));
    const crosstalk = await startCrosstalk(`unix://${running.socket}`);
    await crosstalk.ready();
    expect(await countedToTheEnd(crosstalk, [running], 0)).toMatchObject({ connections: 1, flows: 1 });
    await crosstalk.stop();
    await stop(running);
  });
});

/** Whether the cursor on disk knows of a flow. */
function saved(path: string): boolean {
  try {
    return /"mark":\d/.test(readFileSync(path, 'utf8'));
  } catch {
    return false;
  }
}

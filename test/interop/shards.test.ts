/**
 * An analyzer on each node, as a DaemonSet runs them, or one on the relay: the
 * same numbers. Two read their node's unix socket, the third its TCP port. The
 * tape is that of test/e2e/shards.test.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { AUDITED_AT_END, AUDITED_AT_START, AUDITED_ON_ONE_NODE, Tape } from '../fixtures/threenodes.js';
import { playThrough, Watchers, type ThreeNodes } from '../e2e/sums.js';
import { startNode, startRelay, stop } from './cluster.mjs';
import { flowBytes } from './observer.js';
import type { HubbleVersion } from './setup.js';
import { peers, type Node } from './stage.js';

describe.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  test('analyzers of one node each, one of them restarted, sum to what one on the relay counts, pair by pair', async () => {
    const tape = new Tape(3);
    const { stage, nodes } = await setStage(hubble, tape);
    ends.push(stage.close);
    const watchers = new Watchers(nodes);
    ends.push(() => watchers.close());
    await watchers.start();
    await playThrough(watchers, tape);

    const [relay, shards] = [await watchers.relayTotals(), await watchers.nodeTotals()];
    for (const { connections, flows } of [relay, shards]) {
      expect(tape.titled(connections)).toEqual(tape.titled(tape.connections));
      expect(tape.titled(flows)).toEqual(tape.titled(tape.flows));
    }
    const audited = Object.keys(tape.titled(shards.audited)).join('\n');
    expect(audited).toContain(AUDITED_AT_END);
    expect(audited).toContain(AUDITED_ON_ONE_NODE);
    expect(audited).not.toContain(AUDITED_AT_START);
  });
});

/** Nodes with the names that the tape's flows say they are from. */
async function setStage(
  { programs }: HubbleVersion,
  { cluster }: Tape,
): Promise<{ stage: { close: () => Promise<void> }; nodes: ThreeNodes }> {
  const place = mkdtempSync(join(tmpdir(), 'interop-'));
  const start = ({ name }: { name: string }): Promise<Node> =>
    startNode(programs.node, { name, socket: join(place, `${name}.sock`), background: '100ms' });
  const nodes = await Promise.all(cluster.nodes.map(start));
  const [first] = nodes;
  if (first === undefined) throw new Error('the tape has no nodes');
  await first.setPeers(peers(nodes));
  const relay = await startRelay(programs.relay, first.hubble);
  return {
    stage: {
      async close() {
        await stop(relay);
        await Promise.all(nodes.map((node) => stop(node)));
        rmSync(place, { recursive: true, force: true });
      },
    },
    nodes: {
      relay: relay.address,
      nodes: new Map(
        nodes.map(({ name, socket, hubble }, at) => [name, at < 2 ? `unix://${socket}` : hubble]),
      ),
      async observe(name, flows) {
        const node = nodes.find((each) => each.name === name);
        await node?.postBinary(Buffer.concat(flows.map(flowBytes)));
      },
    },
  };
}

/**
 * From a flow being written at its node to the counter that speaks of it, with
 * everything in between as users run it. Each node's crossings are between a
 * pair of tenants of its own: a relay keeps the order of one node's flows, so
 * the count of a pair says which of its flows has come.
 */
import { seededRandom, type Random } from '../../../src/simulator/random.js';
import { startNode, startRelay, stop, until } from '../cluster.mjs';
import { startCrosstalk, type Crosstalk } from '../crosstalk.js';
import { Feed } from '../faultruns/feed.js';
import { opening } from '../load.js';
import type { HubbleVersion } from '../setup.js';
import { peers, type Node, type Relay } from '../stage.js';

/** A latency is seen this much later than it was, and the time that the answer takes. */
export const POLL_MS = 25;
/** What is written at once at high rates. */
const TICK_MS = 5;

export interface Cluster {
  readonly nodes: readonly Node[];
  readonly feeds: readonly Feed[];
  readonly relay: Relay;
  readonly crosstalk: Crosstalk;
  /** Flows written, by node. */
  readonly written: number[];
  readonly random: Random;
  close(): Promise<void>;
}

/** @param background how often something happens at each node that is no flow, such as 100ms */
export async function startCluster(
  { programs }: HubbleVersion,
  { nodes: count, background, seed }: { nodes: number; background: string; seed: number },
): Promise<Cluster> {
  const nodes: Node[] = [];
  for (let number = 1; number <= count; number += 1)
    nodes.push(await startNode(programs.node, { name: `node-${number}`, background }));
  await nodes[0]?.setPeers(peers(nodes));
  const relay = await startRelay(programs.relay, nodes[0]?.hubble ?? '');
  const crosstalk = await startCrosstalk(relay.address);
  await until(
    'a stream with all nodes',
    async () => (await crosstalk.metric('crosstalk_nodes{state="connected"}')) === count,
    120,
  );
  const feeds = nodes.map((node) => new Feed(node));
  return {
    nodes,
    feeds,
    relay,
    crosstalk,
    written: nodes.map(() => 0),
    random: seededRandom(seed),
    async close() {
      await crosstalk.stop();
      for (const feed of feeds) feed.detach();
      await stop(relay);
      await Promise.all(nodes.map((node) => stop(node)));
    },
  };
}

/** Milliseconds that each of the crossings took, sorted; `perSecond` of them, at any node, without a rhythm. */
export async function latencies(cluster: Cluster, perSecond: number, count: number): Promise<number[]> {
  const { crosstalk, written } = cluster;
  const pending: number[][] = written.map(() => []);
  const base = written.slice();
  const counted = base.slice();
  const found: number[] = [];
  const writing = write(cluster, { perSecond, count, wrote: (node, at) => pending[node]?.push(at) });
  await until(
    `${count} crossings at ${perSecond} a second`,
    async () => {
      const counts = await countsOf(crosstalk);
      const now = performance.now();
      for (const [node, waiting] of pending.entries()) {
        const fresh = (counts.get(`from-${node}`) ?? 0) - (counted[node] ?? 0);
        counted[node] = (counted[node] ?? 0) + fresh;
        for (const at of waiting.splice(0, fresh)) found.push(now - at);
      }
      await new Promise((done) => setTimeout(done, POLL_MS));
      return found.length >= count;
    },
    count / perSecond + 180,
  );
  await writing;
  return found.sort((a, b) => a - b);
}

async function write(
  { feeds, written, random }: Cluster,
  how: { perSecond: number; count: number; wrote: (node: number, at: number) => void },
): Promise<void> {
  let due = performance.now();
  for (let sent = 0; sent < how.count;) {
    const now = performance.now();
    for (; due <= now && sent < how.count; sent += 1) {
      const node = random.integer(0, feeds.length - 1);
      const port = (written[node] = (written[node] ?? 0) + 1);
      const bytes = opening({
        time: Date.now(),
        uuid: random.uuid(),
        source: `from-${node}`,
        destination: `to-${node}`,
        port,
      });
      how.wrote(node, now);
      feeds[node]?.give({ bytes: [bytes], count: 1 });
      due -= (Math.log(1 - random.next()) * 1000) / how.perSecond;
    }
    await new Promise((done) => setTimeout(done, Math.max(TICK_MS, due - performance.now())));
  }
}

/** Connections counted, by source: what /metrics shows of the same pairs, in less text. */
async function countsOf(crosstalk: Crosstalk): Promise<ReadonlyMap<string, number>> {
  const { pairs } = (await crosstalk.api('matrix')) as {
    pairs: readonly { source: string; connections: { allowed: number } }[];
  };
  return new Map(pairs.map(({ source, connections }) => [source, connections.allowed]));
}

/** A relay with its nodes, all of one version of the real Hubble. */
import { startNode, startRelay, stop } from './cluster.mjs';
import type { HubbleVersion } from './setup.js';

export type Node = Awaited<ReturnType<typeof startNode>>;
export type Relay = Awaited<ReturnType<typeof startRelay>>;

export interface Stage {
  readonly nodes: readonly [Node, Node, Node];
  readonly relay: Relay;
  close(): Promise<void>;
}

export interface StageOptions {
  /** The node's own, for each of the three (`node -help`). */
  readonly node?: Readonly<Record<string, string | number>>;
  /** hubble-relay's own, without the dashes. */
  readonly relay?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Three nodes and a relay. Each node has something happen every 100 ms that is no
 * flow, because a ring's newest event cannot be read until the next is written.
 */
export async function setStage({ programs }: HubbleVersion, options: StageOptions = {}): Promise<Stage> {
  const node = (name: string): Promise<Node> =>
    startNode(programs.node, { name, background: '100ms', ...options.node });
  const nodes = await Promise.all([node('node-1'), node('node-2'), node('node-3')] as const);
  await nodes[0].setPeers(peers(nodes));
  const relay = await startRelay(programs.relay, nodes[0].hubble, options.relay);
  return {
    nodes,
    relay,
    async close() {
      await stop(relay);
      await Promise.all(nodes.map((running) => stop(running)));
    },
  };
}

/** What the peer service says of nodes. */
export function peers(nodes: readonly Node[]): { name: string; cluster: string; address: string }[] {
  return nodes.map(({ name, hubble }) => ({ name, cluster: 'default', address: hubble }));
}

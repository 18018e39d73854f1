import type { Status } from './call.js';
import { HubbleNode, StreamEnd } from './node.js';
import { SimulatedNode } from './nodeserver.js';
import type { NodeSite } from './peers.js';
import { PeerService } from './peerservice.js';
import type { Relay } from './relay.js';

export interface FleetOptions {
  readonly relay: Relay;
  readonly now: () => number;
  readonly ringCapacity?: number;
  readonly version?: string;
  /** Whether nodes listen by themselves. */
  readonly listen: boolean;
  /** Called for each agent that has just started. */
  readonly boot: (node: HubbleNode) => void;
}

/** The address under which GetNodes shows a node that does not listen. */
const HUBBLE_PORT = 4244;

/** The nodes' agents, and everything that happens to them. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #peers = new PeerService();
  readonly #nodes = new Map<string, SimulatedNode>();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  get names(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  /** Of the nodes that listen. */
  get addresses(): ReadonlyMap<string, string> {
    const listening = [...this.#nodes].flatMap(([name, { address }]) =>
      address === undefined ? [] : [[name, address] as const],
    );
    return new Map(listening);
  }

  /** @returns undefined for a name that no node has */
  find(name: string): HubbleNode | undefined {
    return this.#nodes.get(name)?.hubble;
  }

  /** A node joins the cluster: relays find it within two seconds, and say nothing of it. */
  async add(site: NodeSite): Promise<void> {
    const { relay, now, ringCapacity, version, listen, boot } = this.#options;
    const hubble = new HubbleNode({
      site,
      now,
      ...(ringCapacity === undefined ? {} : { ringCapacity }),
      ...(version === undefined ? {} : { version }),
    });
    const node = new SimulatedNode(hubble, this.#peers);
    this.#nodes.set(hubble.name, node);
    boot(hubble);
    const address = listen ? await node.listen('127.0.0.1:0') : `${site.ip}:${HUBBLE_PORT}`;
    relay.add(hubble, address);
    this.#peers.add(hubble.name, address);
  }

  /** A node leaves the cluster. Relays hang up on it, and say nothing of it either. */
  async remove(name: string): Promise<void> {
    const node = this.#node(name);
    this.#nodes.delete(name);
    this.#options.relay.remove(name);
    this.#peers.remove(name);
    await node.kill(StreamEnd.cancelled);
  }

  /** The node's agent dies, and what it remembered is lost. */
  async kill(name: string, end: Status = StreamEnd.broken): Promise<void> {
    await this.#node(name).kill(end);
    this.#options.relay.checkHealth();
  }

  /** The node's agent starts again, knowing nothing, its uptime and its counts at zero. */
  async start(name: string): Promise<void> {
    const node = this.#node(name);
    await node.start();
    this.#options.boot(node.hubble);
    this.#options.relay.checkHealth();
  }

  /** @param end what those who read from the agent get to see of it */
  async restart(name: string, end: Status = StreamEnd.broken): Promise<void> {
    await this.kill(name, end);
    await this.start(name);
  }

  /** The node's agent stops answering, without a sign. */
  freeze(name: string): void {
    this.#node(name).freeze();
  }

  thaw(name: string): void {
    this.#node(name).thaw();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.close()));
  }

  #node(name: string): SimulatedNode {
    const node = this.#nodes.get(name);
    if (node !== undefined) return node;
    throw new Error(`simulator: no node "${name}"; there are ${this.names.join(', ')}`);
  }
}

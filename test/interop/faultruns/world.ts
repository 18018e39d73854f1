/**
 * Three real nodes with a proxy before each, a real relay with a proxy before
 * it, Crosstalk behind that, and traffic through all of it. The relay learns its
 * peers from a fourth process, so that every node may die.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, type Random } from '../../../src/simulator/random.js';
import { startNode, startRelay, stop } from '../cluster.mjs';
import { Load } from '../load.js';
import { startProxy, type Proxy } from '../proxy.js';
import type { HubbleVersion } from '../setup.js';
import type { Node, Relay } from '../stage.js';
import { Feed } from './feed.js';
import { Watched } from './watched.js';

const TICK_MS = 10;

/** A node, what feeds it, and the way to it. */
export interface Place {
  readonly name: string;
  node: Node;
  readonly way: Proxy;
  readonly feed: Feed;
}

export interface WorldOptions {
  readonly hubble: HubbleVersion;
  readonly seed: number;
  /** Of each node: 2^n-1. */
  readonly ring: number;
  /** Flows a second, all nodes together. */
  readonly perSecond: number;
}

interface Parts {
  readonly options: WorldOptions;
  readonly places: readonly Place[];
  readonly peerService: Node;
  readonly relay: Relay;
  readonly front: Proxy;
  readonly watched: Watched;
  readonly directory: string;
}

export class World {
  readonly random: Random;
  readonly load: Load;
  relay: Relay;
  private readonly parts: Parts;
  private ticking: NodeJS.Timeout | undefined;
  private reached = 0;

  private constructor(parts: Parts) {
    const { options, places } = parts;
    this.parts = parts;
    this.relay = parts.relay;
    this.random = seededRandom(options.seed);
    this.load = new Load(this.random, options.perSecond / places.length);
  }

  get places(): readonly Place[] {
    return this.parts.places;
  }

  /** The way from Crosstalk to the relay. */
  get front(): Proxy {
    return this.parts.front;
  }

  get watched(): Watched {
    return this.parts.watched;
  }

  static async start(options: WorldOptions): Promise<World> {
    const { programs } = options.hubble;
    const directory = await mkdtemp(join(tmpdir(), 'crosstalk-faultrun-'));
    const peerService = await startNode(programs.node, { name: 'peer-service' });
    const names = ['node-1', 'node-2', 'node-3'];
    const places = await Promise.all(
      names.map(async (name) => {
        const node = await startNode(programs.node, { name, ring: options.ring, background: '100ms' });
        return { name, node, way: await startProxy(node.hubble), feed: new Feed(node) };
      }),
    );
    await peerService.setPeers(peersOf(places));
    const relay = await startRelay(programs.relay, peerService.hubble);
    const front = await startProxy(relay.address);
    const watched = await Watched.start(front.address, directory);
    return new World({ options, places, peerService, relay, front, watched, directory });
  }

  /** From now on flows happen. */
  begin(): void {
    this.reached = now();
    this.ticking = setInterval(() => this.tick(), TICK_MS);
  }

  /** No more flows; what else happens at a node goes on. Answers when every node has taken all of them. */
  async endTraffic(): Promise<void> {
    clearInterval(this.ticking);
    await Promise.all(this.places.map(({ feed }) => feed.end()));
  }

  /**
   * One at each node. A node of 1.19 says what a reader lost when it has the next
   * flow for it, a second later at the earliest (observer/local_observer.go, GetFlows).
   */
  async oneMoreFlow(): Promise<void> {
    for (const { node } of this.places) await node.postBinary(this.load.ordinary(now()));
  }

  async startRelayAgain(): Promise<void> {
    const { options, peerService } = this.parts;
    this.relay = await startRelay(options.hubble.programs.relay, peerService.hubble, {
      'listen-address': this.relay.address,
    });
  }

  async startNodeAgain(place: Place): Promise<void> {
    const { hubble, ring } = this.parts.options;
    place.node = await startNode(hubble.programs.node, {
      name: place.name,
      ring,
      background: '100ms',
      listen: place.node.hubble,
    });
    place.feed.attach(place.node);
  }

  async setPeers(places: readonly Place[]): Promise<void> {
    await this.parts.peerService.setPeers(peersOf(places));
  }

  async close(): Promise<void> {
    const { places, front, watched, peerService, directory } = this.parts;
    clearInterval(this.ticking);
    await watched.close();
    for (const { feed } of places) feed.detach();
    const programs = [this.relay, peerService, ...places.map(({ node }) => node)];
    await Promise.all(programs.map((program) => stop(program)));
    await Promise.all([front, ...places.map(({ way }) => way)].map((proxy) => proxy.close()));
    await rm(directory, { recursive: true });
  }

  private tick(): void {
    const from = this.reached;
    this.reached = now();
    for (const { name, feed } of this.places) feed.give(this.load.between(name, from, this.reached));
  }
}

function peersOf(places: readonly Place[]): { name: string; cluster: string; address: string }[] {
  return places.map(({ name, way }) => ({ name, cluster: 'default', address: way.address }));
}

/** With a fraction, as agents' times have. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

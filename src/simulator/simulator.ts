import { Cluster } from './cluster.js';
import { eventsOf, type Attempt, type ConnectionEvent } from './connections.js';
import { RelayFaults } from './faults.js';
import { Fleet } from './fleet.js';
import { Ledger, type LedgerConnection } from './ledger.js';
import type { HubbleNode } from './node.js';
import { healthEndpoint, host } from './peers.js';
import { populate, type Population, type PopulationOptions } from './population.js';
import { seededRandom, type Random } from './random.js';
import { Relay } from './relay.js';
import { RELAY_TIMINGS, type RelayTimings } from './relaystream.js';
import { GrpcServer, type ServerTls } from './server.js';
import { wallTimeline, type ManualTimeline, type Timeline } from './timeline.js';
import { crossingAttempt, keepUp, ordinaryAttempt } from './traffic.js';
import { wireTime } from './wire.js';

export interface SimulatorOptions {
  /** One seed, one story: the same events with the same uuids. 1 by default. */
  readonly seed?: number;
  /** Three workers of the cluster `default` by default. */
  readonly cluster?: Cluster;
  /** Two tenants, team-a and team-b, by default. */
  readonly population?: PopulationOptions;
  /** The wall clock by default. */
  readonly timeline?: Timeline;
  /** Events each node remembers, 2^n - 1; 4095 by default. */
  readonly ringCapacity?: number;
  /** Cilium's; '1.19.4' by default. */
  readonly version?: string;
  /** Where the relay listens: `host:port` or `unix:/path`; a free port of 127.0.0.1 by default. */
  readonly listen?: string;
  readonly tls?: ServerTls;
  /** Shorter waits for tests; a real relay's by default. */
  readonly relay?: Partial<RelayTimings>;
  /** Nodes listen by themselves too, so that a real relay can be put in front of them. */
  readonly nodeListeners?: boolean;
  /** Connections a second of ordinary life; none by default. */
  readonly background?: number;
  /** Of these, the share (0 to 1) that crosses from one tenant to another. */
  readonly crossShare?: number;
  /** `counts` for a simulator that runs for hours. */
  readonly ledger?: 'connections' | 'counts';
}

const TEAMS: PopulationOptions = {
  tenants: ['team-a', 'team-b'].map((name) => ({ vcluster: name, hostNamespace: name })),
};

/** @returns a running host cluster behind a Hubble relay */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = new Simulator(options);
  await simulator.start();
  return simulator;
}

/** A host cluster, its nodes' agents and the relay in front of them. Made by {@link startSimulator}. */
export class Simulator {
  /** What really happened. */
  readonly ledger: Ledger;
  /** Who there is. */
  readonly population: Population;
  readonly timeline: Timeline;
  readonly random: Random;
  /** The nodes' agents, and what can happen to them. */
  readonly nodes: Fleet;
  readonly #options: SimulatorOptions;
  readonly #relay: Relay;
  readonly #server: GrpcServer;
  #faults: RelayFaults | undefined;
  #address = '';
  #stopBackground: () => void = () => undefined;

  constructor(options: SimulatorOptions) {
    const { seed = 1, version = '1.19.4', ringCapacity, tls } = options;
    this.#options = options;
    this.random = seededRandom(seed);
    this.timeline = options.timeline ?? wallTimeline();
    this.ledger = new Ledger(options.ledger);
    this.population = populate(options.cluster ?? new Cluster(), options.population ?? TEAMS);
    this.#relay = new Relay({ timings: { ...RELAY_TIMINGS, ...options.relay }, version });
    this.nodes = new Fleet({
      relay: this.#relay,
      now: () => this.timeline.now(),
      listen: options.nodeListeners ?? false,
      boot: (node) => this.#boot(node),
      version,
      ...(ringCapacity === undefined ? {} : { ringCapacity }),
    });
    this.#server = new GrpcServer({
      handlers: this.#relay.handlers(),
      headers: { 'hubble-relay-version': version },
      ...(tls === undefined ? {} : { tls }),
    });
  }

  /** The relay's, as the daemon's `--server` takes it (without the scheme of TLS). */
  get address(): string {
    return this.#address;
  }

  /** What can go wrong between the relay and its clients. */
  get relay(): RelayFaults {
    if (this.#faults === undefined) throw new Error('simulator: not started');
    return this.#faults;
  }

  /** Node name, as in flows, to its `host:port`; empty without `nodeListeners`. */
  get nodeAddresses(): ReadonlyMap<string, string> {
    return this.nodes.addresses;
  }

  /** Where a real relay finds the list of nodes: any node serves it. */
  get peerAddress(): string | undefined {
    return [...this.nodes.addresses.values()][0];
  }

  async start(): Promise<void> {
    for (const site of this.population.cluster.nodes) await this.nodes.add(site);
    this.#address = await this.#server.listen(this.#options.listen ?? '127.0.0.1:0');
    this.#faults = new RelayFaults(this.#server, this.#address);
    this.#relay.start();
    this.#live();
  }

  /** Makes an attempt now: its events happen one after the other from now on. */
  play(attempt: Attempt): LedgerConnection {
    // A connect() to a Service is reported before the first packet.
    const startedAt = this.timeline.now() + 1;
    const connection = this.ledger.begin(attempt, startedAt);
    for (const event of eventsOf(attempt, this.random)) {
      const time = startedAt + event.delayMs;
      this.timeline.at(time, () => this.#happen(connection, event, time));
    }
    return connection;
  }

  /**
   * Moves a manual timeline on, in steps small enough that readers keep up with
   * the rings. Frozen and slow clients do not: their losses are real.
   */
  async advance(ms: number, stepMs = 50): Promise<void> {
    const timeline = this.timeline as ManualTimeline;
    for (let left = ms; left > 0; left -= stepMs) {
      timeline.advance(Math.min(left, stepMs));
      await this.readersCaughtUp();
    }
  }

  /** Resolves when the relay has handed its clients all that the nodes have for them, or after a second. */
  async readersCaughtUp(): Promise<void> {
    const giveUp = Date.now() + 1000;
    do await new Promise((resolve) => setImmediate(resolve));
    while (!this.#relay.idle && Date.now() < giveUp);
  }

  /**
   * One more event on each node. A ring holds its newest event back until the
   * next one comes: after this, everything before it can be read.
   */
  settle(): void {
    for (const name of this.nodes.names) {
      const node = this.nodes.find(name);
      if (node !== undefined) this.#checkHealth(node, 1);
    }
  }

  async close(): Promise<void> {
    this.#stopBackground();
    this.timeline.close();
    this.#relay.stop();
    await this.#server.close();
    await this.nodes.close();
  }

  #live(): void {
    const { background = 0, crossShare = 0 } = this.#options;
    if (background <= 0) return;
    this.#stopBackground = keepUp(this.timeline, this.random, {
      perSecond: background,
      attempt: () =>
        this.random.next() < crossShare
          ? crossingAttempt(this.population, this.random)
          : ordinaryAttempt(this.population, this.random),
      play: (attempt) => this.play(attempt),
    });
  }

  #happen(connection: LedgerConnection, event: ConnectionEvent, time: number): void {
    const node = this.nodes.find(event.node);
    // The other cluster of a mesh: nobody here sees its side.
    if (node === undefined) return;
    const uuid = this.random.uuid();
    const observed = node.observe({ ...event.flow, uuid, time: wireTime(time) });
    this.ledger.event(connection, event.proves, { uuid, time, node: event.node, observed });
  }

  /**
   * An agent that has just started has seen its own health check by the time a
   * relay finds it. Not a detail: on a ring with less than two events Hubble's
   * reader starts before the beginning, and waits until the ring is full.
   */
  #boot(node: HubbleNode): void {
    this.#checkHealth(node, Infinity);
  }

  /** The agent reaches its own health endpoint, at once; at most `events` of what that makes. */
  #checkHealth(node: HubbleNode, events: number): void {
    const attempt: Attempt = { from: host(node.site), to: healthEndpoint(node.site), protocol: 'icmp' };
    const time = this.timeline.now();
    const connection = this.ledger.begin(attempt, time);
    for (const event of eventsOf(attempt, this.random).slice(0, events))
      this.#happen(connection, event, time);
  }
}

/**
 * The whole way of a flow over real sockets, in compressed time: a simulated
 * cluster behind a simulated relay, real gRPC, the real subscription and stages.
 * Both sides live by one clock that runs `SPEED` times as fast as the wall, so
 * that an hour of faults takes minutes and every wait keeps its real proportion.
 */
import { createDecoder } from '../../src/hubble/decode.js';
import type { Blindness } from '../../src/hubble/coverage.js';
import { createConnect } from '../../src/hubble/relay.js';
import { createSubscription, DEFAULT_UUIDS, type Subscription } from '../../src/hubble/subscription.js';
import { parseServer } from '../../src/hubble/target.js';
import { systemTimers, type Timers } from '../../src/hubble/timers.js';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.js';
import type { Timeline } from '../../src/simulator/timeline.js';
import { crossingAttempt, keepUp, ordinaryAttempt } from '../../src/simulator/traffic.js';
import { RELAY_TIMINGS } from '../../src/simulator/relaystream.js';
import { createWholePipeline, type WholePipeline } from '../fixtures/pipeline.js';

export interface World {
  readonly simulator: Simulator;
  readonly subscription: Subscription;
  /** Every uuid that was delivered, with how often. */
  readonly delivered: Map<string, number>;
  /** Uuids of the events that counted a cross-tenant connection. */
  readonly counted: string[];
  readonly gaps: Blindness[];
  readonly ends: string[];
  /** By node: events that Hubble itself said were lost. */
  readonly lost: ReadonlyMap<string, number>;
  /** `worker-1 error`, in order. */
  readonly nodeChanges: readonly string[];
  readonly pipeline: WholePipeline;
  readonly duplicates: () => number;
  stopTraffic(): void;
  /** Milliseconds since the epoch, of the compressed clock. */
  now(): number;
  /** Waits that many milliseconds of the compressed clock. */
  pass(ms: number): Promise<void>;
  /** Waits until something is so; a test that hangs here has found a bug. */
  until(what: string, so: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions extends SimulatorOptions {
  /** How many times as fast as the wall. */
  readonly speed: number;
  /** Connections a second of the compressed clock, and the share of them that cross. */
  readonly perSecond: number;
  readonly crossShare: number;
}

export async function startWorld(options: WorldOptions): Promise<World> {
  const { speed, perSecond: _, crossShare: __, ...simulated } = options;
  const began = Date.now();
  const now = (): number => began + (Date.now() - began) * speed;
  const timers: Timers = { after: (ms, run) => systemTimers.after(ms / speed, run) };
  const fast = Object.fromEntries(
    Object.entries(RELAY_TIMINGS).map(([name, value]) => [name, name.endsWith('Ms') ? value / speed : value]),
  );
  const timeline = timelineOf(now, timers);
  const simulator = await startSimulator({ timeline, relay: fast, ...simulated });
  const { population, random } = simulator;
  const stopTraffic = keepUp(timeline, random, {
    perSecond: options.perSecond,
    attempt: () =>
      random.next() < options.crossShare
        ? crossingAttempt(population, random)
        : ordinaryAttempt(population, random),
    play: (attempt) => simulator.play(attempt),
  });

  const delivered = new Map<string, number>();
  const counted: string[] = [];
  const gaps: Blindness[] = [];
  const ends: string[] = [];
  const lost = new Map<string, number>();
  const nodeChanges: string[] = [];
  let duplicates = 0;
  const pipeline = createWholePipeline({
    crossed: ({ occurrence, flow }) => {
      if (occurrence.isNew) counted.push(String(flow.uuid));
    },
  });
  const connect = createConnect({
    target: parseServer(simulator.address),
    tls: undefined,
    decode: createDecoder({ endpoints: 10_000 }),
    timers,
    fileTrouble: () => undefined,
    plainReading: () => undefined,
  });
  const subscription = createSubscription({
    server: simulator.address,
    // gRPC's deadlines are of the wall clock: the one that finds a frozen server is compressed too.
    connect: async (move) => {
      const connection = await connect(move);
      const health = connection.health.bind(connection);
      connection.health = (deadlineMs) => health(deadlineMs / speed);
      return connection;
    },
    filter: 'judged',
    flowsSinceMs: 0,
    clock: now,
    random: () => simulator.random.next(),
    timers,
    uuidCapacity: DEFAULT_UUIDS,
    cursor: undefined,
    deliver(event, at) {
      if (event.kind === 'flow') {
        const uuid = String(event.flow.uuid);
        delivered.set(uuid, (delivered.get(uuid) ?? 0) + 1);
      }
      pipeline.takeEvent(event, at);
    },
    observe: {
      streamOpened: () => undefined,
      streamProven: () => undefined,
      streamEnded: ({ reason }) => ends.push(reason),
      duplicate: () => (duplicates += 1),
      lostEvents: ({ node, count }) => lost.set(node, (lost.get(node) ?? 0) + count),
      nodesChanged: () => undefined,
      nodeChanged: ({ node, state }) => nodeChanges.push(`${node} ${state}`),
      gap: (gap) => gaps.push(gap),
      maskRefused: () => undefined,
      fileTrouble: () => undefined,
    },
  });
  subscription.start();

  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const world: World = {
    simulator,
    subscription,
    delivered,
    counted,
    gaps,
    ends,
    lost,
    nodeChanges,
    pipeline,
    duplicates: () => duplicates,
    stopTraffic,
    now,
    pass: (ms) => sleep(ms / speed),
    async until(what, so) {
      const giveUp = Date.now() + 90_000;
      while (!so()) {
        if (Date.now() > giveUp) throw new Error(`waited in vain for: ${what}`);
        await sleep(5);
      }
    },
    async close() {
      await subscription.close();
      await simulator.close();
    },
  };
  await world.until('a first stream', () => isProven(world));
  return world;
}

export function isProven({ subscription }: Pick<World, 'subscription'>): boolean {
  const { state, provenSince } = subscription.status();
  return state === 'open' && provenSince !== undefined;
}

function timelineOf(now: () => number, timers: Timers): Timeline {
  const pending = new Set<() => void>();
  return {
    now,
    at(time, act) {
      const cancel = timers.after(Math.max(0, time - now()), () => {
        pending.delete(cancel);
        act();
      });
      pending.add(cancel);
    },
    get pending() {
      return pending.size;
    },
    close() {
      for (const cancel of pending) cancel();
      pending.clear();
    },
  };
}

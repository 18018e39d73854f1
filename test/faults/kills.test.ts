/**
 * The relay dies in every way it can, in the middle of traffic, over and over.
 * What must hold whatever happens: no connection is counted twice, and what was
 * not seen lies in time that is declared blind.
 *
 * Short and seeded here; CROSSTALK_LONG=1 makes it 100 kills (docs/reliability.md
 * has the figures).
 */
import { expect, test } from 'vitest';
import { seededRandom, type Random } from '../../src/simulator/random.js';
import type { LedgerConnection, ProvingEvent } from '../../src/simulator/ledger.js';
import { isProven, startWorld, type World } from './world.js';

const LONG = process.env['CROSSTALK_LONG'] === '1';
const SEED = Number(process.env['CROSSTALK_SEED'] ?? '7');
const SPEED = 10;
/** Clocks are read at different moments on both sides; and a compressed clock makes a turn of the event loop long. */
const SLACK_MS = 1_000;

const KILLS: Record<string, (world: World, random: Random) => void | Promise<void>> = {
  'TCP reset': ({ simulator }) => simulator.relay.reset(),
  'TCP FIN': ({ simulator }) => simulator.relay.disconnect(),
  'clean end of the stream': ({ simulator }) => simulator.relay.endStreams(),
  RST_STREAM: ({ simulator }) => simulator.relay.resetStreams(),
  GOAWAY: ({ simulator }) => simulator.relay.goaway(),
  'GOAWAY too_many_pings': ({ simulator }) => simulator.relay.tooManyPings(),
  'restart on the same port': ({ simulator }) => simulator.relay.restart(),
  async 'frozen, then back'(world, random) {
    const ended = world.ends.length;
    world.simulator.relay.freeze();
    await world.until('the frozen relay to be noticed', () => world.ends.length > ended);
    await world.pass(random.next() * 20_000);
    world.simulator.relay.thaw();
  },
  async 'gone for a while'(world, random) {
    await world.simulator.relay.stop();
    await world.pass(random.next() * 20_000);
    await world.simulator.relay.start();
  },
};

test.each([
  { rings: 'rings that reach back far enough', ringCapacity: 65_535, blindAllowed: false },
  { rings: 'rings too small for the outages', ringCapacity: 255, blindAllowed: true },
])(
  'kills of the relay, $rings',
  async ({ ringCapacity, blindAllowed }) => {
    const random = seededRandom(SEED);
    const world = await startWorld({
      seed: SEED,
      speed: SPEED,
      ringCapacity,
      perSecond: 40,
      crossShare: 0.2,
    });
    const began = world.now();
    const kills = Object.entries(KILLS);
    const rounds = LONG ? 100 : kills.length;
    for (let round = 0; round < rounds; round += 1) {
      const [name, kill] = kills[round % kills.length] ?? ['', () => undefined];
      await world.pass(1_000 + random.next() * 3_000);
      const killed = world.now();
      const ended = world.ends.length;
      await kill(world, random);
      await world.until(
        `a new stream after: ${name}`,
        () =>
          world.ends.length > ended &&
          isProven(world) &&
          (world.subscription.status().provenSince ?? 0) > killed,
      );
      // Kills in the middle of a re-read are wanted; that what is owed outgrows the rings, because
      // the machine re-reads more slowly than it kills, is not.
      if (!blindAllowed && round % 10 === 9) {
        for (let waits = 0; judgedBy(world, began, killed).missing.length > 0; waits += 1) {
          if (waits === 200) throw new Error(`after ${round + 1} kills what was owed never arrived`);
          await world.pass(5_000);
        }
      }
    }
    const truth = judgedBy(world, began, await drain(world, began));
    const summary = {
      kills: rounds,
      connections: truth.crossing.length,
      counted: world.counted.length,
      duplicatesDropped: world.duplicates(),
      countedTwice: truth.countedTwice,
      missing: truth.missing.length,
      reportedLost: Object.fromEntries(world.lost),
      missingOutsideBlindTime: truth.unaccounted,
      blindSeconds: Math.round(world.subscription.status().blindSeconds),
      ends: tally(world.ends),
    };
    if (LONG) process.stdout.write(`${JSON.stringify(summary)}\n`);
    await world.close();

    expect(truth.crossing.length).toBeGreaterThan(rounds);
    expect(truth.deliveredTwice).toEqual([]);
    expect(truth.countedTwice).toEqual([]);
    expect(truth.unaccounted).toEqual([]);
    if (!blindAllowed) {
      expect(truth.missing).toEqual([]);
      expect(summary.blindSeconds).toBe(0);
    }
  },
  600_000,
);

/**
 * Traffic ends, and everything on its way arrives: a ring holds its newest event
 * back until the next one comes, the relay's sort buffer its last few, and a slow
 * machine may have much to re-read. Over when nothing of it has come for half a
 * minute of a stream that is alive.
 *
 * @returns up to when everything must have arrived
 */
async function drain(world: World, began: number): Promise<number> {
  world.stopTraffic();
  await world.pass(60_000); // long connections end
  const until = world.now();
  let missing = Infinity;
  for (let still = 0; still < 60; still += 1) {
    world.simulator.settle();
    await world.pass(500);
    const left = judgedBy(world, began, until).missing.length;
    if (left < missing || !isProven(world)) still = 0;
    missing = left;
  }
  return until;
}

/** Holds what was counted to what was really attempted. */
function judgedBy(
  { simulator, delivered, counted, gaps, lost }: World,
  from: number,
  until: number,
): {
  crossing: LedgerConnection[];
  deliveredTwice: string[];
  countedTwice: string[];
  missing: ProvingEvent[];
  unaccounted: ProvingEvent[];
} {
  const crossing = simulator.ledger.connections.filter(
    ({ source, destination, startedAt }) =>
      startedAt > from && source !== destination && !source.startsWith('__') && !destination.startsWith('__'),
  );
  const proofs = ({ verdict, arrivals, denials }: LedgerConnection): ProvingEvent[] =>
    verdict === 'denied' ? denials : arrivals;
  const countedUuids = new Set(counted);
  const isBlind = ({ time, node }: ProvingEvent): boolean =>
    gaps.some(
      ({ from, to, nodes }) => time >= from - SLACK_MS && time <= to + SLACK_MS && nodes.includes(node),
    );
  const countedTimes = crossing.map(
    (connection) => proofs(connection).filter(({ uuid }) => countedUuids.has(uuid)).length,
  );
  const all = simulator.ledger.connections
    .flatMap(proofs)
    .filter(({ observed, time }) => observed && time > from && time < until);
  const missing = all.filter(({ uuid }) => !delivered.has(uuid));
  return {
    crossing,
    deliveredTwice: [...delivered].filter(([, times]) => times > 1).map(([uuid]) => uuid),
    countedTwice: crossing
      .filter((_, at) => (countedTimes[at] ?? 0) > 1)
      .map((connection) => JSON.stringify(connection)),
    missing,
    unaccounted: [
      ...unexplained(
        missing.filter((event) => !isBlind(event)),
        lost,
      ),
      // A connection of which something was delivered is a connection that was counted.
      ...crossing
        .filter(
          (connection, at) =>
            countedTimes[at] === 0 && proofs(connection).some(({ uuid }) => delivered.has(uuid)),
        )
        .flatMap(proofs),
    ],
  };
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** Of what is missing outside blind time, that of nodes whose Hubble did not report as many events lost. */
function unexplained(events: ProvingEvent[], lost: ReadonlyMap<string, number>): ProvingEvent[] {
  const byNode = new Map<string, ProvingEvent[]>();
  for (const event of events) byNode.set(event.node, [...(byNode.get(event.node) ?? []), event]);
  return [...byNode].flatMap(([node, missing]) => (missing.length <= (lost.get(node) ?? 0) ? [] : missing));
}

/** What breaks in a run, each for as long as chance says. */
import type { Random } from '../../../src/simulator/random.js';
import { stop, until } from '../cluster.mjs';
import type { Place, World } from './world.js';

/** What a fault was, for the summary and the accounting. */
export interface Happened {
  /** When the relay could be reached again; undefined: it always could. */
  readonly reachableAt?: number;
  /** Crosstalk was killed, and its successor could not know what was counted since the cursor was saved. */
  readonly forgot?: boolean;
  /** Flows that happened at this place in this time reached no ring that lived to be read. */
  readonly place?: string;
}

export type Fault = (world: World) => Promise<Happened>;

const sleep = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, seconds * 1000));
const between = ({ random }: World, least: number, most: number): number =>
  least + random.next() * (most - least);
const somewhere = ({ random, places }: World): Place => random.pick(places);

/** Short as a hiccup; now and then as long as it takes to be taken for dead. */
const pause = (world: World): number =>
  world.random.next() < 0.15 ? between(world, 24, 30) : between(world, 0.5, 8);

export const FAULTS: Readonly<Record<string, Fault>> = {
  async 'relay killed'(world) {
    await stop(world.relay, 'SIGKILL');
    await sleep(between(world, 0, 8));
    await world.startRelayAgain();
    return { reachableAt: Date.now() };
  },
  async 'relay restarted'(world) {
    await stop(world.relay, 'SIGTERM');
    await world.startRelayAgain();
    return { reachableAt: Date.now() };
  },
  async 'relay frozen'(world) {
    world.relay.child.kill('SIGSTOP');
    await sleep(pause(world));
    world.relay.child.kill('SIGCONT');
    return { reachableAt: Date.now() };
  },
  async 'relay cut off'(world) {
    world.front.cut();
    await sleep(between(world, 0, 8));
    await world.front.mend();
    return { reachableAt: Date.now() };
  },
  async 'relay behind a black hole'(world) {
    world.front.stall();
    await sleep(pause(world));
    await world.front.mend();
    return { reachableAt: Date.now() };
  },
  async 'node killed'(world) {
    const place = somewhere(world);
    place.feed.detach();
    await stop(place.node, 'SIGKILL');
    await sleep(between(world, 0.5, 6));
    await world.startNodeAgain(place);
    return { place: place.name };
  },
  async 'node restarted'(world) {
    const place = somewhere(world);
    place.feed.detach();
    await stop(place.node, 'SIGTERM', 5);
    await world.startNodeAgain(place);
    return { place: place.name };
  },
  async 'node frozen'(world) {
    const place = somewhere(world);
    place.feed.freeze();
    place.node.child.kill('SIGSTOP');
    await sleep(between(world, 0.5, 8));
    place.node.child.kill('SIGCONT');
    await place.feed.thaw();
    return { place: place.name };
  },
  async 'node cut off'(world) {
    const { way } = somewhere(world);
    way.cut();
    await sleep(between(world, 0, 8));
    await way.mend();
    return {};
  },
  async 'node behind a black hole'(world) {
    const { way } = somewhere(world);
    way.stall();
    await sleep(between(world, 0.5, 8));
    await way.mend();
    return {};
  },
  async 'node left and came back'(world) {
    const place = somewhere(world);
    await world.setPeers(world.places.filter((other) => other !== place));
    await sleep(between(world, 1, 8));
    await world.setPeers(world.places);
    return {};
  },
  'crosstalk restarted': (world) => replace(world, 'SIGTERM'),
  'crosstalk killed': (world) => replace(world, 'SIGKILL'),
};

/** Its counters are read when nothing reaches it any more: after a scrape, nobody knows what a process counted. */
async function replace(world: World, signal: 'SIGTERM' | 'SIGKILL'): Promise<Happened> {
  const { front, watched } = world;
  front.stall();
  let before = -1;
  await until('crosstalk to have counted what it has', async () => {
    const flows = await watched.present.metric('crosstalk_flows_total{event="arrival"}');
    const still = flows === before;
    before = flows;
    await sleep(0.2);
    return still;
  });
  let reachableAt = 0;
  await watched.restart(signal, async () => {
    front.cut();
    await sleep(between(world, 0, 4));
    await front.mend();
    reachableAt = Date.now();
  });
  return { reachableAt, forgot: signal === 'SIGKILL' };
}

/** As often as each is to be in a whole set of runs. */
const OFTEN: readonly string[] = Object.keys(FAULTS).flatMap((name) =>
  name === 'node left and came back' ? [name] : [name, name],
);

/** The faults of a run: mostly one, sometimes two at once. Each kind comes in its turn, so that no set of runs lacks one. */
export function plan(run: number, random: Random): readonly string[] {
  const first = OFTEN[run % OFTEN.length] ?? '';
  if (random.next() >= 0.25) return [first];
  const ofNodes = first.startsWith('node');
  const others = Object.keys(FAULTS).filter((name) => name.startsWith('node') !== ofNodes);
  return [first, random.pick(others)];
}

/** One run: traffic, faults, traffic again; then the account of it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../../src/simulator/random.js';
import { until } from '../cluster.mjs';
import type { HubbleVersion } from '../setup.js';
import { account, type Account } from './accounting.js';
import { FAULTS, type Happened, plan } from './faults.js';
import type { Status } from './watched.js';
import { World } from './world.js';

/** 39 s, 2.4 s and 0.6 s of a node's flows at 5,000 a second on three nodes. */
const RINGS = [65_535, 4_095, 1_023];

export interface Run {
  readonly run: number;
  readonly version: string;
  readonly faults: readonly string[];
  readonly ring: number;
  readonly account: Account;
  readonly forgot: boolean;
  readonly flows: number;
  /** From the relay being reachable again to the stream being proven, in ms; one for each time that the stream had ended. */
  readonly reconnects: readonly number[];
  readonly blindSeconds: number;
  readonly seconds: number;
}

const sleep = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, seconds * 1000));

export async function faultRun(
  run: number,
  seed: number,
  hubble: HubbleVersion,
  named?: readonly string[],
): Promise<Run> {
  const random = seededRandom(seed * 1_000 + run);
  const faults = named ?? plan(run, random);
  const ring = random.pick(RINGS);
  const began = Date.now();
  const world = await World.start({ hubble, seed: seed * 1_000 + run, ring, perSecond: 5_000 });
  try {
    await settled(world, -Infinity);
    world.begin();
    await sleep(2 + random.next() * 2);
    const happened = await Promise.all(faults.map((name) => happen(name, world)));
    await settled(world, Date.now());
    await sleep(3);
    const result = await finish(world);
    const blind = await world.watched.present.metric('crosstalk_blind_seconds_total');
    return {
      run,
      version: hubble.patch,
      faults,
      ring,
      account: result,
      forgot: happened.some(({ forgot }) => forgot === true),
      flows: world.load.flows,
      reconnects: happened.flatMap((one) => reconnect(world, one)),
      blindSeconds: blind,
      seconds: (Date.now() - began) / 1000,
    };
  } finally {
    await keepLog(run, world);
    await world.close();
  }
}

async function happen(name: string, world: World): Promise<Happened> {
  const fault = FAULTS[name];
  if (fault === undefined) throw new Error(`no fault is called ${name}`);
  return fault(world);
}

/** CROSSTALK_LOGS: a directory for what Crosstalk logged in each run. */
async function keepLog(run: number, { watched }: World): Promise<void> {
  const directory = process.env['CROSSTALK_LOGS'];
  if (directory === undefined) return;
  const lines = watched.log().filter(({ event }) => event !== 'cross_tenant_connection');
  await writeFile(join(directory, `${run}.log`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** A stream stands, and brings what happened at all nodes since then. */
async function settled({ watched, places }: World, flowsSince: number): Promise<void> {
  const isFresh = ({ lastFlow }: Status['nodes'][number]): boolean => Date.parse(lastFlow ?? '') > flowsSince;
  await until(
    'a stream with all nodes',
    async () => {
      await sleep(0.1);
      const { stream, coverage, nodes } = await watched.status();
      const isUp = stream.state === 'open' && coverage.nodes['connected'] === places.length;
      return isUp && (flowsSince === -Infinity || nodes.every(isFresh));
    },
    180,
  );
}

/** How long nothing may happen until all has been counted, or until what is not accounted for never will be. */
const QUIET_S = { done: 3, hopeless: 90 };

/** Traffic ends, and everything on its way arrives. A scrape of thousands of pairs is work: most of the wait goes without. */
async function finish(world: World): Promise<Account> {
  const { load, watched } = world;
  await world.endTraffic();
  const progress = async (): Promise<string> => JSON.stringify((await watched.status()).coverage);
  const ask = async (): Promise<Account> => account(load.connections, await watched.told());
  let before = '';
  let nudged = false;
  let result: Account | undefined;
  for (let quiet = 0; quiet < QUIET_S.hopeless; quiet += 1) {
    const now = await progress();
    if (now !== before) [before, result, quiet] = [now, undefined, 0];
    if (quiet === QUIET_S.done && !nudged) {
      nudged = true;
      await world.oneMoreFlow();
    } else if (quiet >= QUIET_S.done) result ??= await ask();
    if (result?.unaccounted.length === 0) return result;
    await sleep(1);
  }
  return result ?? (await ask());
}

const DOWN: ReadonlySet<string> = new Set(['stream_ended', 'started']);

/** Nothing where the stream outlived the fault. */
function reconnect({ watched }: World, { reachableAt }: Happened): readonly number[] {
  if (reachableAt === undefined) return [];
  const turns = watched
    .log()
    .filter(({ event }) => event === 'stream_proven' || DOWN.has(event))
    .map(({ event, ...line }) => ({ event, at: Date.parse(String(line['time'])) }));
  const wasDown = DOWN.has(turns.findLast(({ at }) => at <= reachableAt)?.event ?? '');
  const back = turns.find(({ event, at }) => event === 'stream_proven' && at >= reachableAt);
  return wasDown && back !== undefined ? [back.at - reachableAt] : [];
}

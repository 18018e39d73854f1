/**
 * Four analyzers of one traffic: one on each of three nodes, as a DaemonSet runs
 * them, and one on the relay. Their sums must agree.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timed, type Counted, type Tape } from '../fixtures/threenodes.js';
import { until } from '../interop/cluster.mjs';
import { startCrosstalk, type Crosstalk, type Samples } from '../interop/crosstalk.js';
import { wireTime, type WireFlow } from '../../src/simulator/wire.js';

/** Where the three nodes and their relay are reached, and how something happens there. */
export interface ThreeNodes {
  readonly relay: string;
  /** By node: what `--server` takes. */
  readonly nodes: ReadonlyMap<string, string>;
  /** Resolves when the node has all of them, in this order. */
  observe(node: string, flows: readonly WireFlow[]): Promise<void>;
}

/** By pair `source > destination`. */
export type Sums = Readonly<Record<string, Counted>>;

export interface Totals {
  readonly connections: Sums;
  /** Of {@link connections}, those that were audited. */
  readonly audited: Readonly<Record<string, number>>;
  /** Arrivals and denials in which a tenant takes part. */
  readonly flows: Sums;
}

/** INVALID_PACKET_DROPPED: passes the default filter and is no policy's decision. Nothing on the tape has one. */
const MARK = { event_type: { type: 1, sub_type: 134 }, verdict: 2, drop_reason: 134, drop_reason_desc: 134 };

/** One analyzer, over its restarts. */
class Analyzer {
  readonly #flags: readonly string[];
  readonly #server: string;
  #process: Crosstalk | undefined;
  /** What each life before the present one had counted at its end. */
  readonly #lives: Samples[] = [];

  constructor(server: string, ...flags: string[]) {
    this.#server = server;
    this.#flags = flags;
  }

  get process(): Crosstalk {
    if (this.#process === undefined) throw new Error('the analyzer is away');
    return this.#process;
  }

  async start(): Promise<void> {
    this.#process = await startCrosstalk(this.#server, ...this.#flags);
    await this.#process.ready();
  }

  async stop(): Promise<void> {
    if (this.#process === undefined) return;
    const { process } = this;
    this.#process = undefined;
    this.#lives.push(await process.metrics());
    await process.stop();
  }

  /** A counter begins at 0 in each life: what Prometheus' increase() adds up. */
  async lives(): Promise<readonly Samples[]> {
    return [...this.#lives, await this.process.metrics()];
  }
}

export class Watchers {
  readonly byNode: ReadonlyMap<string, Analyzer>;
  /** Replicas of one another. */
  readonly onRelay: readonly [Analyzer, ...Analyzer[]];
  readonly #stage: ThreeNodes;
  readonly #directory = mkdtempSync(join(tmpdir(), 'crosstalk-sums-'));
  #marks = 0;

  constructor(stage: ThreeNodes, replicas = 1) {
    this.#stage = stage;
    const others = Array.from({ length: replicas - 1 }, () => new Analyzer(stage.relay));
    this.onRelay = [new Analyzer(stage.relay), ...others];
    this.byNode = new Map(
      [...stage.nodes].map(([node, server]) => [
        node,
        new Analyzer(server, `--state.file=${join(this.#directory, node)}`),
      ]),
    );
  }

  get all(): readonly Analyzer[] {
    return [...this.onRelay, ...this.byNode.values()];
  }

  async start(): Promise<void> {
    await Promise.all(this.all.map((analyzer) => analyzer.start()));
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((analyzer) => analyzer.stop()));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Lets a part of the tape happen on the nodes, and behind it a mark on each. */
  async play(part: Tape['parts'][number]): Promise<void> {
    const flows = timed(part, Date.now());
    const [sample] = flows;
    if (sample === undefined) throw new Error('the part is empty');
    const end = Date.now() + part.length / 10 + 1;
    for (const node of this.#stage.nodes.keys()) {
      const own = flows.flatMap((each) => (each.node === node ? [each.flow] : []));
      // Two, since a ring keeps its newest event back until the next one comes.
      const marks = [end, end + 1].map((time) => markAt(sample.flow, node, time));
      await this.#stage.observe(node, [...own, ...marks]);
    }
    this.#marks += 1;
    await until('the time of the last flow', () => Date.now() > end + 1);
  }

  /** Waits until everything played has come through everywhere. */
  async caughtUp(): Promise<void> {
    const seen = async (analyzer: Analyzer, marks: number): Promise<void> => {
      const sample = 'crosstalk_flows_total{event="drop"}';
      const drops = async (): Promise<number> =>
        (await analyzer.lives()).reduce((sum, life) => sum + (life[sample] ?? 0), 0);
      await until(`${marks} marks`, async () => (await drops()) >= marks, 60);
    };
    // Of the last two marks of a node at least the first is out; of those before, both are.
    const least = this.#marks * 2 - 1;
    await Promise.all([
      ...[...this.byNode.values()].map((analyzer) => seen(analyzer, least)),
      ...this.onRelay.map((analyzer) => seen(analyzer, this.byNode.size * least)),
    ]);
  }

  async relayTotals(): Promise<Totals> {
    return totals(await this.onRelay[0].lives());
  }

  async nodeTotals(): Promise<Totals> {
    return totals((await Promise.all([...this.byNode.values()].map((analyzer) => analyzer.lives()))).flat());
  }
}

/** The last two groups tell marks apart; no uuid of the tape begins so. */
let marked = 0;

function markAt(like: WireFlow, node: string, time: number): WireFlow {
  marked += 1;
  const { verdict: _, is_reply: __, trace_reason: ___, trace_observation_point: ____, ...packet } = like;
  const uuid = `00000000-0000-4000-8000-${marked.toString(16).padStart(12, '0')}`;
  return { ...packet, ...MARK, uuid, time: wireTime(time), node_name: node };
}

const CONNECTIONS = 'crosstalk_cross_tenant_connections_total';
const FLOWS = 'crosstalk_tenant_flows_total';

interface Sample {
  readonly pair: string;
  readonly verdict: string;
  readonly value: number;
}

/** Everything that was counted, by pair: over protocols, agreements and lives. */
function totals(lives: readonly Samples[]): Totals {
  const connections = samplesOf(lives, CONNECTIONS);
  return {
    connections: sum(connections),
    audited: auditedOf(connections),
    flows: sum(samplesOf(lives, FLOWS)),
  };
}

function samplesOf(lives: readonly Samples[], family: string): Sample[] {
  return lives.flatMap((life) =>
    Object.entries(life).flatMap(([sample, value]) => {
      const label = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(sample)?.[1] ?? '';
      // The agents' own health checks: who hears of those from before the start is chance.
      if (!sample.startsWith(`${family}{`) || value === 0 || label('relation') === 'no_tenant') return [];
      const pair = `${label('source_tenant')} > ${label('destination_tenant')}`;
      return [{ pair, verdict: label('verdict'), value }];
    }),
  );
}

/** Allowed and audited taken together. */
function sum(samples: readonly Sample[]): Sums {
  const sums: Record<string, Counted> = {};
  for (const { pair, verdict, value } of samples) {
    const { passed, denied } = sums[pair] ?? { passed: 0, denied: 0 };
    sums[pair] =
      verdict === 'denied' ? { passed, denied: denied + value } : { passed: passed + value, denied };
  }
  return sums;
}

function auditedOf(samples: readonly Sample[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { pair, verdict, value } of samples)
    if (verdict === 'audited') sums[pair] = (sums[pair] ?? 0) + value;
  return sums;
}

/** Plays a tape of three parts; the second node's analyzer is away for the second. */
export async function playThrough(watchers: Watchers, { parts }: Tape): Promise<void> {
  const [first, second, third] = parts;
  const [, restarted] = [...watchers.byNode.values()];
  if (!first || !second || !third || !restarted) throw new Error('three parts and three nodes are needed');
  await watchers.play(first);
  await watchers.caughtUp();
  await restarted.stop();
  await watchers.play(second);
  await restarted.start();
  await watchers.play(third);
  await watchers.caughtUp();
}

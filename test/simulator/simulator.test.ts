import { afterEach, describe, expect, test } from 'vitest';
import { Cluster } from '../../src/simulator/cluster.js';
import { buildCorpus, marksOf, reissue } from '../../src/simulator/corpus.js';
import { startDemo } from '../../src/simulator/demo.js';
import { audit, denyByDefault } from '../../src/simulator/policies.js';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.js';
import { Tenant } from '../../src/simulator/tenants.js';
import { manualTimeline } from '../../src/simulator/timeline.js';
import { HubbleTestClient, until } from './client.js';
import { decodeResponse } from './decode.js';
import { msOf } from '../../src/simulator/wire.js';

const opened: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const START = Date.UTC(2026, 10, 22);

async function simulated(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ timeline: manualTimeline(START), ...options });
  opened.push(() => simulator.close());
  return simulator;
}

/** Everything the nodes remember, as the relay tells it. */
async function recorded(simulator: Simulator): Promise<string[]> {
  const client = new HubbleTestClient(simulator.address);
  opened.push(() => client.close());
  const observed = client.observe({ number: 1000 });
  await until(() => observed.ended !== undefined);
  return observed.flows.map(
    (flow) => `${flow.time?.seconds}.${flow.time?.nanos} ${flow.uuid} ${flow.Summary}`,
  );
}

describe('one seed', () => {
  const told = async (seed: number): Promise<string[]> => {
    const simulator = await simulated({ seed, background: 30, crossShare: 0.1 });
    await simulator.advance(5000);
    return recorded(simulator);
  };

  test('is one story: the same events at the same times with the same uuids', async () => {
    const first = await told(11);
    expect(first.length).toBeGreaterThan(500);
    expect(await told(11)).toEqual(first);
    expect(await told(12)).not.toEqual(first);
  });
});

describe('the ledger', () => {
  test('counts attempts by who, whom and outcome, from the script', async () => {
    const simulator = await simulated();
    const [a, b] = simulator.population.inhabitants;
    const attempt = { from: b!.clients[0]!, to: a!.servers[0]!, protocol: 'tcp', port: 80 } as const;
    simulator.play(attempt);
    simulator.play({ ...attempt, ingress: audit });
    const denied = simulator.play({ ...attempt, ingress: denyByDefault });
    simulator.play({ ...attempt, from: a!.clients[0]! });
    simulator.play({ ...attempt, from: simulator.population.ingress });
    await simulator.advance(5000);
    expect(simulator.ledger.crossings()).toEqual(
      (['allowed', 'audited', 'denied'] as const).map((verdict) => ({
        source: 'team-b',
        destination: 'team-a',
        verdict,
        connections: 1,
      })),
    );
    expect(simulator.ledger.count('__platform__', 'team-a', 'allowed')).toBe(1);
    expect(denied.denials).toHaveLength(3);
    expect(denied.arrivals).toEqual([]);
    expect(denied.denials.every((event) => event.observed && event.node.startsWith('worker-'))).toBe(true);
  });

  test('knows what nobody could see: events while an agent was dead', async () => {
    const simulator = await simulated();
    const [a, b] = simulator.population.inhabitants;
    const to = a!.servers[0]!;
    await simulator.nodes.kill(to.node!.nodeName);
    const connection = simulator.play({ from: b!.clients[0]!, to, protocol: 'tcp', port: 80 });
    await simulator.advance(1000);
    expect(connection.arrivals.map((event) => event.observed)).toEqual([false, false, false, false]);
    expect(simulator.ledger.unobserved).toBeGreaterThanOrEqual(4);
  });

  test('of a simulator that runs for hours keeps counts only', async () => {
    const simulator = await simulated({ ledger: 'counts', background: 50, crossShare: 1 });
    await simulator.advance(10_000, 1000);
    expect(simulator.ledger.connections).toEqual([]);
    expect(
      simulator.ledger.crossings().reduce((sum, { connections }) => sum + connections, 0),
    ).toBeGreaterThan(400);
  });
});

test('ordinary life crosses no border between tenants', async () => {
  const simulator = await simulated({ background: 200 });
  await simulator.advance(20_000, 1000);
  expect(simulator.ledger.crossings()).toEqual([]);
  expect(simulator.ledger.flows).toBeGreaterThan(20_000);
});

test("of a connection from another cluster of the mesh only this cluster's side is seen", async () => {
  const simulator = await simulated();
  const abroad = new Cluster({ name: 'abroad', network: 1 });
  const from = new Tenant(abroad, { vcluster: 'guest', hostNamespace: 'guest' }, 'default').pod({
    name: 'x',
  });
  const connection = simulator.play({
    from,
    to: simulator.population.inhabitants[0]!.servers[0]!,
    protocol: 'tcp',
    port: 80,
  });
  await simulator.advance(1000);
  expect(connection.source).toBe('abroad/guest/guest');
  expect(connection.arrivals).toHaveLength(4);
});

test('a node that nobody has is named, with those there are', async () => {
  const simulator = await simulated();
  expect(() => simulator.nodes.freeze('worker-7')).toThrow(
    'no node "worker-7"; there are worker-1, worker-2, worker-3',
  );
});

describe('a corpus for benchmarks', () => {
  const options = { flows: 3000, endpoints: 100, tenants: 10, crossShare: 0.05 };
  const corpus = buildCorpus(options);

  test('is as long as asked for, readable, and the same for the same seed', () => {
    expect(corpus).toHaveLength(3000);
    expect(corpus.every((message) => decodeResponse(message).flow?.uuid.length === 36)).toBe(true);
    expect(buildCorpus({ ...options, flows: 50 })).toEqual(corpus.slice(0, 50));
  });

  test('has flows of the size of real ones: 1.2 to 1.5 KB between two pods', () => {
    const sizes = corpus.map((message) => message.length).sort((a, b) => a - b);
    const median = sizes[sizes.length / 2]!;
    expect(median).toBeGreaterThan(1200);
    expect(median).toBeLessThan(1500);
  });

  test('has eight labels on a synced pod, or as many as asked for', () => {
    const labels = (messages: Buffer[]): Set<number> =>
      new Set(
        messages.flatMap((message) => {
          const { source } = decodeResponse(message).flow!;
          return source?.labels.some((label) => label.includes('managed-by')) === true
            ? [source.labels.length]
            : [];
        }),
      );
    expect([...labels(corpus)]).toEqual([8]);
    expect(labels(buildCorpus({ ...options, flows: 300, labels: 12 }))).toContain(12);
  });

  test('has the flows of a node in the order of their times', () => {
    const newest = new Map<string, number>();
    for (const message of corpus) {
      const { node_name: node, time } = decodeResponse(message);
      const at = msOf(time!);
      expect(at).toBeGreaterThanOrEqual(newest.get(node) ?? 0);
      newest.set(node, at);
    }
    expect(newest.size).toBe(5);
  });

  test('has one packet of each connection where only openings are wanted', () => {
    const openings = buildCorpus({ ...options, openings: true }).map(
      (message) => decodeResponse(message).flow!,
    );
    const connections = openings.map(({ source, destination, l4 }) =>
      JSON.stringify([source?.pod_name, destination?.pod_name, l4]),
    );
    expect(new Set(connections).size).toBeGreaterThan(2_900);
    expect(openings.filter(({ event_type }) => event_type?.type !== 4)).toEqual([]);
  });

  test('can be sent again with other uuids and later times', () => {
    const [message] = buildCorpus({ ...options, flows: 1 });
    const marks = marksOf(message!);
    const before = decodeResponse(message!);
    const uuids = [0, 1, 255, 2 ** 40].map((number) => {
      reissue(message!, marks, number, 1000);
      return decodeResponse(message!).flow!.uuid;
    });
    expect(new Set(uuids).size).toBe(4);
    expect(uuids[2]).toMatch(/-0000000000ff$/);
    const after = decodeResponse(message!);
    const later = { ...before.time!, seconds: before.time!.seconds + 1000 };
    expect(after).toEqual({ ...before, time: later, flow: { ...before.flow, uuid: uuids[3], time: later } });
  });
});

describe('the demo', () => {
  test('lets team-b through, applies a policy, and denies it within half a minute', async () => {
    const timeline = manualTimeline(START);
    const lines: [number, string][] = [];
    const demo = await startDemo({ timeline, story: (text) => lines.push([timeline.now() - START, text]) });
    opened.push(() => demo.close());
    const count = (verdict: 'allowed' | 'denied'): number =>
      demo.simulator.ledger.count('team-b', 'team-a', verdict);
    timeline.advance(24_900);
    expect([count('allowed'), count('denied')]).toEqual([10, 0]);
    timeline.advance(5100);
    expect([count('allowed'), count('denied')]).toEqual([10, 2]);
    timeline.advance(30_000);
    expect([count('allowed'), count('denied')]).toEqual([10, 14]);
    expect(lines.map(([at]) => at)).toEqual([0, 4000, 9000, 25_000, 29_000, 34_000]);
    expect(lines[3]![1]).toContain('CiliumNetworkPolicy');
    expect(demo.simulator.ledger.crossings()).toHaveLength(2);
  });

  test('goes on for hours without growing, and without a line more', async () => {
    const hours = process.env['CROSSTALK_LONG'] === '1' ? 10 : 0.1;
    const timeline = manualTimeline(START);
    let lines = 0;
    const demo = await startDemo({ timeline, story: () => lines++ });
    opened.push(() => demo.close());
    timeline.advance(60_000);
    const pending = timeline.pending;
    for (let n = 0; n < hours * 60; n++) timeline.advance(60_000);
    expect(timeline.pending).toBeLessThan(pending + 200);
    expect(lines).toBe(6);
    expect(demo.simulator.ledger.connections).toEqual([]);
  });

  test('is served by gRPC like any relay, and stops when it is told to', async () => {
    let lines = 0;
    const demo = await startDemo({ story: () => lines++ });
    const client = new HubbleTestClient(demo.address);
    opened.push(() => client.close());
    const observed = client.observe({ follow: true });
    await until(() => observed.flows.length > 50);
    await demo.close();
    await until(() => observed.ended !== undefined);
    expect(lines).toBeGreaterThan(0);
  });
});

import { afterEach, describe, expect, test } from 'vitest';
import type { Attempt } from '../../src/simulator/connections.js';
import { Cluster } from '../../src/simulator/cluster.js';
import { StreamEnd } from '../../src/simulator/node.js';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.js';
import { manualTimeline, type ManualTimeline } from '../../src/simulator/timeline.js';
import { HubbleTestClient, until, type Observed } from './client.js';

/** A real relay's numbers, ten to fifty times faster. */
const QUICK = { sortBufferDrainMs: 20, errorAggregationMs: 150, peerUpdateMs: 40, healthCheckMs: 20 };

const opened: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function simulated(options: SimulatorOptions = {}): Promise<{
  simulator: Simulator;
  client: HubbleTestClient;
  timeline: ManualTimeline;
}> {
  // In the past: a relay lets go of flows once they are older than its sorting window.
  const timeline = manualTimeline(Date.now() - 3_600_000);
  const simulator = await startSimulator({ timeline, relay: QUICK, ...options });
  const client = new HubbleTestClient(simulator.address);
  opened.push(
    () => simulator.close(),
    () => client.close(),
  );
  return { simulator, client, timeline };
}

function crossing(simulator: Simulator): Attempt {
  const [a, b] = simulator.population.inhabitants;
  return { from: b!.clients[0]!, to: a!.servers[0]!, protocol: 'tcp', port: 80 };
}

const statuses = (observed: Observed) => observed.responses.flatMap((response) => response.node_status ?? []);
const names = ['worker-1', 'worker-2', 'worker-3'];

/** Waits until the stream is established: the relay has named its nodes. */
async function established(observed: Observed): Promise<Observed> {
  await until(() => observed.responses.length > 0);
  return observed;
}

describe('the stream of a relay', () => {
  test('begins with the connected nodes, then the unavailable ones', async () => {
    const { simulator, client } = await simulated();
    await simulator.nodes.kill('worker-2');
    // A relay finds out by asking.
    const first = client.observe({ follow: true });
    await until(() => statuses(first).some((status) => status.state_change === 4));
    const second = client.observe({ follow: true });
    await until(() => second.responses.length >= 2);
    expect(statuses(second).slice(0, 2)).toMatchObject([
      { state_change: 1, node_names: ['worker-1', 'worker-3'] },
      { state_change: 2, node_names: ['worker-2'] },
    ]);
    expect(second.responses[0]?.node_name).toBe('hubble-relay');
  });

  test('brings every event of every node once, and the ledger knows which of them prove what', async () => {
    const { simulator, client } = await simulated();
    const observed = await established(client.observe({ follow: true }));
    const connection = simulator.play(crossing(simulator));
    await simulator.advance(1000);
    simulator.settle();
    await until(() => observed.flows.length >= simulator.ledger.flows - 6);
    const uuids = observed.flows.map((flow) => flow.uuid);
    expect(new Set(uuids).size).toBe(uuids.length);
    expect(connection.arrivals).toHaveLength(4);
    for (const { uuid } of connection.arrivals) expect(uuids).toContain(uuid);
  });

  test('sorts what the nodes bring in order of time', async () => {
    const { simulator, client } = await simulated({ background: 200 });
    await simulator.advance(2000);
    const observed = client.observe({ number: 30 });
    await until(() => observed.ended !== undefined);
    const times = observed.flows.map((flow) => flow.time!.seconds * 1e9 + flow.time!.nanos);
    expect(times).toHaveLength(90);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('holds flows back until a hundred are waiting or the stream has been silent', async () => {
    const { simulator, client } = await simulated({ relay: { ...QUICK, sortBufferDrainMs: 3_600_000 } });
    const observed = await established(client.observe({ follow: true }));
    for (let n = 0; n < 5; n++) simulator.play(crossing(simulator));
    await simulator.advance(100);
    await simulator.readersCaughtUp();
    // One flow of each node is from before; 5 × 14 more are not enough to push any of them out.
    expect(observed.flows).toHaveLength(0);
    for (let n = 0; n < 5; n++) simulator.play(crossing(simulator));
    await simulator.advance(100);
    await until(() => observed.flows.length > 0);
  });

  test('with `number` 1 lets a flow go as soon as each node has another', async () => {
    const { simulator, client } = await simulated({ relay: { ...QUICK, sortBufferDrainMs: 3_600_000 } });
    const observed = await established(client.observe({ follow: true, number: 1 }));
    simulator.play(crossing(simulator));
    await simulator.advance(100);
    await until(() => observed.flows.length > 10);
  });
});

describe('a node that goes away', () => {
  test('is named in NODE_ERROR once for each message, and asked again: its new flows come', async () => {
    const { simulator, client } = await simulated();
    const observed = await established(client.observe({ follow: true }));
    await simulator.nodes.restart('worker-1');
    await until(() => statuses(observed).length >= 2);
    expect(statuses(observed)[1]).toMatchObject({ state_change: 4, node_names: ['worker-1'] });
    expect(statuses(observed)[1]?.message).toContain('error reading from server: EOF');
    const before = observed.flows.filter((flow) => flow.node_name === 'worker-1').length;
    simulator.settle();
    simulator.settle();
    await until(() => observed.flows.filter((flow) => flow.node_name === 'worker-1').length > before);
    expect(statuses(observed).filter((status) => status.state_change === 1)).toHaveLength(1);
  });

  test('and stays away is refused once, then unavailable', async () => {
    const { simulator, client } = await simulated();
    const observed = await established(client.observe({ follow: true }));
    await simulator.nodes.kill('worker-1');
    await until(() => statuses(observed).length >= 3);
    expect(statuses(observed)[2]?.message).toContain('connection refused');
    const { nodes } = await client.nodes();
    expect((nodes as { name: string; state: number }[]).map(({ name, state }) => [name, state])).toEqual([
      ['worker-1', 2],
      ['worker-2', 1],
      ['worker-3', 1],
    ]);
    expect(await client.serverStatus()).toMatchObject({
      num_connected_nodes: { value: 2 },
      num_unavailable_nodes: { value: 1 },
      unavailable_nodes: ['worker-1'],
    });
  });

  test.each([StreamEnd.clean, StreamEnd.cancelled])(
    'with a clean end is never asked again in this stream, and nobody says so: %o',
    async (end) => {
      const { simulator, client } = await simulated();
      const observed = await established(client.observe({ follow: true }));
      await simulator.nodes.restart('worker-1', end);
      const asked = (): number => simulator.nodes.find('worker-1')?.readers ?? 0;
      // Longer than it takes the relay to look for nodes three times.
      await new Promise((resolve) => setTimeout(resolve, 3 * QUICK.peerUpdateMs));
      expect(asked()).toBe(0);
      expect(statuses(observed)).toHaveLength(1);
      const again = await established(client.observe({ follow: true }));
      expect(asked()).toBe(1);
      expect(statuses(again)[0]?.node_names).toEqual(names);
    },
  );

  test('replays from `since` when it is asked again: the same uuids come twice', async () => {
    const { simulator, client, timeline } = await simulated({ ringCapacity: 255 });
    const seconds = Math.floor(timeline.now() / 1000) - 10;
    const observed = await established(client.observe({ follow: true, since: { seconds } }));
    simulator.play(crossing(simulator));
    await simulator.advance(1000);
    simulator.settle();
    simulator.relay.endStreams();
    await until(() => observed.ended !== undefined);
    const again = client.observe({ follow: true, since: { seconds } });
    await until(() => again.flows.length >= observed.flows.length);
    const known = new Set(observed.flows.map((flow) => flow.uuid));
    expect(again.flows.filter((flow) => known.has(flow.uuid)).length).toBe(known.size);
  });

  test('takes the stream along when it was the last one: OK, although the client follows', async () => {
    const { simulator, client } = await simulated();
    const observed = await established(client.observe({ follow: true }));
    await Promise.all(names.map((name) => simulator.nodes.kill(name)));
    await until(() => observed.ended !== undefined);
    expect(observed.ended?.code).toBe(0);
    expect(statuses(observed)[1]).toMatchObject({ state_change: 4, node_names: names });
  });

  test('that is frozen is silent, keeps GetNodes waiting, and tells its losses when it thaws', async () => {
    const { simulator, client } = await simulated();
    const observed = await established(client.observe({ follow: true }));
    simulator.nodes.freeze('worker-1');
    let answered = false;
    const nodes = client.nodes().then(() => (answered = true));
    for (let n = 0; n < 20; n++) simulator.settle();
    await simulator.readersCaughtUp();
    expect(answered).toBe(false);
    expect(simulator.ledger.unobserved).toBe(20);
    simulator.nodes.thaw('worker-1');
    await nodes;
    simulator.settle();
    await until(() => observed.responses.some((response) => response.lost_events?.num_events_lost === 20));
  });

  test('leaves the cluster in silence', async () => {
    const { simulator, client } = await simulated();
    const observed = await established(client.observe({ follow: true }));
    await simulator.nodes.remove('worker-3');
    simulator.settle();
    await until(() => observed.flows.length > 0);
    expect(statuses(observed)).toHaveLength(1);
    expect(((await client.nodes())['nodes'] as unknown[]).length).toBe(2);
  });
});

test('a node that joins is read within the next look-round, and nobody says so', async () => {
  const { simulator, client } = await simulated();
  const observed = await established(client.observe({ follow: true }));
  const site = new Cluster({ nodes: ['worker-4'] }).nodes[0]!;
  await simulator.nodes.add(site);
  await until(() => simulator.nodes.find('worker-4')?.readers === 1);
  simulator.settle();
  await until(() => observed.flows.some((flow) => flow.node_name === 'worker-4'));
  expect(statuses(observed)).toHaveLength(1);
});

describe('a request that the nodes refuse', () => {
  test.each([
    [{ follow: true, field_mask: { paths: ['time', 'nonsense'] } }, 'invalid fieldmask'],
    [
      { follow: true, first: true },
      'rpc error: code = InvalidArgument desc = first cannot be specified with follow',
    ],
    [{ follow: true, whitelist: [{ source_pod: [''] }] }, 'invalid filter, name must not be empty'],
  ])('is no error at the relay: connected, NODE_ERROR, and OK at once: %o', async (request, message) => {
    const { client } = await simulated();
    const observed = client.observe(request);
    await until(() => observed.ended !== undefined);
    expect(observed.ended?.code).toBe(0);
    expect(statuses(observed)).toMatchObject([
      { state_change: 1, node_names: names },
      { state_change: 4, node_names: names, message },
    ]);
  });

  test('is an error at a node', async () => {
    const { simulator } = await simulated({ nodeListeners: true });
    const node = new HubbleTestClient(simulator.peerAddress!);
    opened.push(() => node.close());
    const observed = node.observe({ follow: true, field_mask: { paths: ['nonsense'] } });
    await until(() => observed.ended !== undefined);
    expect(observed.ended).toEqual({ code: 2, details: 'invalid fieldmask' });
  });
});

describe('a node asked directly', () => {
  test('sends its own flows without node statuses, and knows nothing of other nodes', async () => {
    const { simulator } = await simulated({ nodeListeners: true });
    const node = new HubbleTestClient(simulator.nodeAddresses.get('worker-2')!);
    opened.push(() => node.close());
    const observed = node.observe({ follow: true });
    await until(() => simulator.nodes.find('worker-2')?.readers === 1);
    for (let n = 0; n < 10; n++) simulator.settle();
    await until(() => observed.flows.length > 5);
    expect(new Set(observed.flows.map((flow) => flow.node_name))).toEqual(new Set(['worker-2']));
    expect(statuses(observed)).toEqual([]);
    await expect(node.nodes()).rejects.toThrow('GetNodes not implemented');
    expect(await node.serverStatus()).toMatchObject({
      num_connected_nodes: null,
      max_flows: 4095,
      version: 'cilium v1.19.4',
    });
    expect(await node.health('hubble.server.Observer')).toEqual({ status: 1 });
  });
});

describe('health', () => {
  test('is serving while any node can be reached, not serving without one, unknown for strange services', async () => {
    const { simulator, client } = await simulated();
    expect(await client.health()).toEqual({ status: 1 });
    const observed = client.observe({ follow: true });
    await established(observed);
    for (const name of names) await simulator.nodes.kill(name);
    const asked = client.observe({ follow: true });
    await until(() => asked.ended !== undefined);
    let status: unknown;
    while (status !== 2) ({ status } = await client.health());
    await simulator.nodes.start('worker-1');
    expect(await client.health()).toEqual({ status: 1 });
    await expect(client.health('strange')).rejects.toThrow('unknown service');
  });
});

test('a restarted agent begins anew: uptime and counts at zero, nothing remembered', async () => {
  const { simulator, client } = await simulated();
  for (let n = 0; n < 50; n++) simulator.settle();
  await simulator.advance(60_000);
  await simulator.nodes.restart('worker-1');
  const { nodes } = (await client.nodes()) as { nodes: { seen_flows: number; uptime_ns: number }[] };
  expect(nodes[0]!.seen_flows).toBeLessThan(nodes[1]!.seen_flows);
  expect(nodes[0]!.uptime_ns).toBeLessThan(nodes[1]!.uptime_ns);
});

test('a client that stops reading costs the ring its oldest events, and is told how many', async () => {
  const { simulator, client } = await simulated({ ringCapacity: 127 });
  const observed = await established(client.observe({ follow: true }));
  observed.pause();
  for (let n = 0; n < 3000; n++) simulator.settle();
  await new Promise((resolve) => setTimeout(resolve, 50));
  observed.resume();
  await simulator.advance(1500);
  const lost = (): number =>
    observed.responses.reduce((sum, response) => sum + (response.lost_events?.num_events_lost ?? 0), 0);
  // The loss is told with the next event after a second.
  while (lost() === 0) {
    simulator.settle();
    await simulator.advance(1100, 1100);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(observed.responses.find((response) => response.lost_events)?.lost_events?.source).toBe(3);
});

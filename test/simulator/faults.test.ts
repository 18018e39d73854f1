import { connect } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, test } from 'vitest';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.js';
import { Code, HubbleTestClient, until, type Observed } from './client.js';

const QUICK = { sortBufferDrainMs: 20, errorAggregationMs: 100, peerUpdateMs: 40, healthCheckMs: 20 };

const opened: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function simulated(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ relay: QUICK, background: 100, ...options });
  opened.push(() => simulator.close());
  return simulator;
}

function clientOf(simulator: Simulator, options: object = {}): HubbleTestClient {
  const client = new HubbleTestClient(simulator.address, undefined, options);
  opened.push(() => client.close());
  return client;
}

/** A stream that is bringing flows. */
async function flowing(simulator: Simulator): Promise<Observed> {
  const observed = clientOf(simulator).observe({ follow: true });
  await until(() => observed.flows.length > 5);
  return observed;
}

async function endOf(observed: Observed): Promise<number> {
  await until(() => observed.ended !== undefined);
  return observed.ended?.code ?? -1;
}

describe('what a client sees of (operations 2.3)', () => {
  test.each<[string, (simulator: Simulator) => void, number]>([
    ['a TCP reset', (simulator) => simulator.relay.reset(), Code.UNAVAILABLE],
    ['a TCP FIN', (simulator) => simulator.relay.disconnect(), Code.UNAVAILABLE],
    ['a clean end', (simulator) => simulator.relay.endStreams(), Code.OK],
    [
      'a status',
      (simulator) => simulator.relay.endStreams({ code: Code.PERMISSION_DENIED, message: 'no' }),
      Code.PERMISSION_DENIED,
    ],
    ['too many pings', (simulator) => simulator.relay.tooManyPings(), Code.RESOURCE_EXHAUSTED],
    ['a stream reset', (simulator) => simulator.relay.resetStreams(), Code.INTERNAL],
    ['a message that is no protobuf', (simulator) => simulator.relay.garbage(), Code.INTERNAL],
    ['a message that is cut off', (simulator) => simulator.relay.truncated(), Code.INTERNAL],
    ['a message over 4 MiB', (simulator) => simulator.relay.huge(5_000_000), Code.RESOURCE_EXHAUSTED],
  ])('%s', async (_, fault, expected) => {
    const simulator = await simulated();
    const observed = await flowing(simulator);
    fault(simulator);
    expect(await endOf(observed)).toBe(expected);
    // The relay is still there: the next call succeeds.
    await flowing(simulator);
  });
});

test('bytes that are not HTTP/2 end the stream of a client in Node, by its keepalive at the latest', async () => {
  // Its session answers GOAWAY, stops reading and stays (Node 20.20, grpc-js 1.14.7); from Node 24 it ends at once.
  const simulator = await simulated();
  const client = clientOf(simulator, { 'grpc.keepalive_time_ms': 300, 'grpc.keepalive_timeout_ms': 300 });
  const observed = client.observe({ follow: true });
  await until(() => observed.flows.length > 5);
  simulator.relay.inject();
  await until(() => simulator.relay.connections === 0);
  expect([Code.UNAVAILABLE, Code.INTERNAL]).toContain(await endOf(observed));
});

test('a client that pings a quiet relay too often is sent away, as by any Go server', async () => {
  const simulator = await simulated({ background: 0 });
  const client = clientOf(simulator, { 'grpc.keepalive_time_ms': 50 });
  const observed = client.observe({ follow: true });
  expect(await endOf(observed)).toBe(Code.RESOURCE_EXHAUSTED);
});

test('a graceful GOAWAY ends nothing: the stream goes on', async () => {
  const simulator = await simulated();
  const observed = await flowing(simulator);
  simulator.relay.goaway();
  const before = observed.flows.length;
  await until(() => observed.flows.length > before + 20);
  expect(observed.ended).toBeUndefined();
});

test('a huge message under the limit and enum numbers of the future are only messages', async () => {
  const simulator = await simulated();
  const observed = await flowing(simulator);
  simulator.relay.huge(100_000);
  simulator.relay.unknownEnums();
  await until(() => observed.responses.some((response) => response.lost_events?.source === 99));
  const strange = observed.flows.find((flow) => flow.node_name === 'worker-9');
  expect(strange).toMatchObject({ verdict: 97, event_type: { type: 99, sub_type: 99 } });
  expect(observed.responses.some((response) => response.node_status?.state_change === 99)).toBe(true);
  expect(observed.ended).toBeUndefined();
});

describe('a frozen relay', () => {
  test('says nothing and ends nothing until it thaws, and then goes on', async () => {
    const simulator = await simulated();
    const client = clientOf(simulator);
    const observed = client.observe({ follow: true });
    await until(() => observed.flows.length > 5);
    simulator.relay.freeze();
    let answered = false;
    const health = client.health().then(() => (answered = true));
    const silent = observed.flows.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    // What was in flight may have arrived; nothing more does.
    const inFlight = observed.flows.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(observed.flows.length).toBe(inFlight);
    expect(inFlight - silent).toBeLessThan(100);
    expect([answered, observed.ended]).toEqual([false, undefined]);
    simulator.relay.thaw();
    await health;
    await until(() => observed.flows.length > inFlight);
  });

  test('is noticed by keepalive only', async () => {
    const simulator = await simulated();
    const client = clientOf(simulator, { 'grpc.keepalive_time_ms': 200, 'grpc.keepalive_timeout_ms': 200 });
    const observed = client.observe({ follow: true });
    await until(() => observed.flows.length > 5);
    simulator.relay.freeze();
    expect(await endOf(observed)).toBe(Code.UNAVAILABLE);
  });

  test('accepts connections and never speaks HTTP/2', async () => {
    const simulator = await simulated();
    simulator.relay.freeze();
    const observed = clientOf(simulator).observe({ follow: true });
    await until(() => simulator.relay.connections > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(observed.responses).toEqual([]);
    simulator.relay.thaw();
    await until(() => observed.flows.length > 0);
  });
});

test('a relay that is stopped refuses; started again, it serves on the same port', async () => {
  const simulator = await simulated();
  const observed = await flowing(simulator);
  const { address } = simulator;
  await simulator.relay.stop();
  expect(await endOf(observed)).toBe(Code.UNAVAILABLE);
  const refused = clientOf(simulator).observe({ follow: true });
  expect(await endOf(refused)).toBe(Code.UNAVAILABLE);
  await simulator.relay.start();
  expect(simulator.address).toBe(address);
  await flowing(simulator);
});

test('a hundred kills in a row leave no connection and no stream behind', async () => {
  const simulator = await simulated({ background: 300 });
  const client = clientOf(simulator);
  const kinds = [
    () => simulator.relay.reset(),
    () => simulator.relay.disconnect(),
    () => simulator.relay.endStreams(),
    () => simulator.relay.resetStreams(),
  ];
  for (let n = 0; n < 100; n++) {
    const observed = client.observe({ follow: true });
    await until(() => observed.responses.length > 0 || observed.ended !== undefined);
    kinds[n % kinds.length]!();
    await until(() => observed.ended !== undefined);
  }
  client.close();
  await until(() => simulator.relay.streams === 0 && simulator.relay.connections === 0);
  await until(() =>
    ['worker-1', 'worker-2', 'worker-3'].every((name) => simulator.nodes.find(name)?.readers === 0),
  );
});

describe('other ways to listen', () => {
  test('a unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
    opened.push(() => rm(folder, { recursive: true }));
    const simulator = await simulated({ listen: `unix:${folder}/hubble.sock` });
    expect(simulator.address).toBe(`unix:${folder}/hubble.sock`);
    await flowing(simulator);
  });

  test('TLS, and mTLS that turns away clients without a certificate', async () => {
    const pem = await generate([{ name: 'commonName', value: '*.hubble-relay.cilium.io' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: '*.hubble-relay.cilium.io' }] }],
    });
    const tls = { cert: pem.cert, key: pem.private };
    const name = { 'grpc.ssl_target_name_override': 'ui.hubble-relay.cilium.io' };
    const connected = async (
      simulator: Simulator,
      mine?: { key: Buffer; cert: Buffer },
    ): Promise<Observed> => {
      const channel = credentials.createSsl(Buffer.from(pem.cert), mine?.key, mine?.cert);
      const client = new HubbleTestClient(simulator.address, channel, name);
      opened.push(() => client.close());
      const observed = client.observe({ follow: true });
      await until(() => observed.flows.length > 0 || observed.ended !== undefined);
      return observed;
    };
    expect((await connected(await simulated({ tls }))).ended).toBeUndefined();
    const strict = await simulated({ tls: { ...tls, clientCa: pem.cert } });
    expect((await connected(strict)).ended?.code).toBe(Code.UNAVAILABLE);
    const mine = { key: Buffer.from(pem.private), cert: Buffer.from(pem.cert) };
    expect((await connected(strict, mine)).ended).toBeUndefined();
    // Plain bytes on the TLS port are the client's mistake, not the server's end.
    const [host, port] = strict.address.split(':');
    const plain = connect(Number(port), host);
    plain.on('error', () => undefined).write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => plain.once('close', resolve));
    expect((await connected(strict, mine)).ended).toBeUndefined();
  });

  test('an address that is none is named', async () => {
    await expect(startSimulator({ listen: 'nowhere' })).rejects.toThrow(
      'listen address "nowhere": expected host:port or unix:/path',
    );
  });
});

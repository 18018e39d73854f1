// That the real Hubble of each version stands and does what the tests will ask
// of it:
//
//   node test/interop/smoke.mjs
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { build, versions } from './build.mjs';
import { authority } from './certificates.mjs';
import { startNode, startRelay, stop, until } from './cluster.mjs';

const definition = loadSync('observer/observer.proto', {
  includeDirs: [fileURLToPath(new URL('../../proto', import.meta.url))],
  keepCase: true,
  longs: Number,
  enums: String,
  oneofs: true,
});
const { Observer } = loadPackageDefinition(definition).observer;

const ARRIVAL = {
  verdict: 'FORWARDED',
  is_reply: false,
  Type: 'L3_L4',
  event_type: { type: 4 },
  IP: { source: '10.0.0.1', destination: '10.0.0.2', ipVersion: 'IPv4' },
  l4: { TCP: { source_port: 40000, destination_port: 80, flags: { SYN: true } } },
  source: { namespace: 'vcluster-team-a', pod_name: 'web-0-x-default-x-team-a' },
  destination: { namespace: 'vcluster-team-b', pod_name: 'db-0-x-default-x-team-b' },
};

/** What Hubble answers to a GetFlows request, as it comes. */
function follow(address, request, security = credentials.createInsecure(), options = {}) {
  const client = new Observer(address, security, options);
  const stream = client.GetFlows({ follow: true, since: { seconds: Date.now() / 1000 - 60 }, ...request });
  const got = { flows: [], lost: [], errors: [] };
  stream.on('data', ({ flow, lost_events, node_name }) => {
    if (flow) got.flows.push(flow);
    if (lost_events) got.lost.push({ ...lost_events, node_name });
  });
  stream.on('error', (error) => got.errors.push(error.details));
  return {
    ...got,
    end: () => {
      stream.cancel();
      client.close();
    },
  };
}

function ask(address, method) {
  const client = new Observer(address, credentials.createInsecure());
  return new Promise((answer, refuse) => {
    client[method]({}, (error, message) => (error ? refuse(error) : answer(message)));
  }).finally(() => client.close());
}

for (const version of versions) {
  describe(`Hubble ${version.patch}`, () => {
    let programs, first, second, relay;
    before(async () => {
      programs = build(version);
      const socket = join(mkdtempSync(join(tmpdir(), 'interop-')), 'hubble.sock');
      first = await startNode(programs.node, { name: 'node-1', background: '100ms', socket });
      second = await startNode(programs.node, { name: 'node-2', background: '100ms' });
      await first.setPeers(
        [first, second].map(({ name, hubble }) => ({ name, cluster: 'default', address: hubble })),
      );
      relay = await startRelay(programs.relay, first.hubble);
    });
    after(async () => {
      for (const running of [relay, first, second]) if (running) await stop(running);
    });

    test('the relay learns its nodes from the peer service and connects to them', async () => {
      const nodes = await until('both nodes connected', async () => {
        const answer = await ask(relay.address, 'GetNodes');
        const connected = (answer.nodes ?? []).filter(({ state }) => state === 'NODE_CONNECTED');
        return connected.length === 2 && connected;
      });
      assert.deepEqual(nodes.map(({ name }) => name).sort(), ['node-1', 'node-2']);
      for (const node of nodes) assert.equal(node.version, `cilium v${version.patch}+ginterop`);
    });

    test('a flow posted to a node comes out of the relay as it went in', async () => {
      const stream = follow(relay.address, {});
      await second.post([{ ...ARRIVAL, uuid: 'kept' }]);
      const flow = await until('the flow', () => stream.flows[0]);
      stream.end();
      assert.equal(flow.uuid, 'kept');
      assert.equal(flow.node_name, 'node-2');
      assert.equal(flow.source.pod_name, ARRIVAL.source.pod_name);
      assert.equal(flow.l4.TCP.destination_port, 80);
      assert.ok(Math.abs(flow.time.seconds - Date.now() / 1000) < 60, 'stamped when it was posted');
    });

    test('a field mask takes away what it does not name', async () => {
      const stream = follow(relay.address, {
        field_mask: { paths: ['time', 'uuid', 'node_name', 'verdict'] },
      });
      await first.post([ARRIVAL]);
      const flow = await until('the flow', () =>
        stream.flows.find(({ node_name }) => node_name === 'node-1'),
      );
      stream.end();
      assert.equal(flow.verdict, 'FORWARDED');
      assert.equal(flow.source ?? null, null);
      assert.equal(flow.l4 ?? null, null);
    });

    test('a filter lets pass what it names only, and lost events of every source', async () => {
      const stream = follow(relay.address, { whitelist: [{ verdict: ['DROPPED'] }] });
      await second.post([
        ARRIVAL,
        { ...ARRIVAL, uuid: 'dropped', verdict: 'DROPPED', event_type: { type: 1 } },
      ]);
      await second.lost('PERF_EVENT_RING_BUFFER', 5, 2);
      await second.lost('OBSERVER_EVENTS_QUEUE', 7);
      await until('both losses', () => stream.lost.length === 2);
      await until('the flow', () => stream.flows.length > 0);
      stream.end();
      assert.deepEqual(
        stream.lost.map(({ source, num_events_lost, node_name }) => [source, num_events_lost, node_name]),
        [
          ['PERF_EVENT_RING_BUFFER', 5, 'node-2'],
          ['OBSERVER_EVENTS_QUEUE', 7, 'node-2'],
        ],
      );
      assert.deepEqual(
        stream.flows.map(({ uuid }) => uuid),
        ['dropped'],
      );
    });

    test('flows come in as bytes, too, and over the unix socket go out', async () => {
      const serialize = definition['observer.Observer'].GetFlows.responseSerialize;
      // A GetFlowsResponse with nothing but a flow is tag, length, flow: less the tag it is what the port takes.
      const bytes = serialize({ flow: { verdict: 'FORWARDED', uuid: 'bytes' } }).subarray(1);
      const stream = follow(`unix://${first.socket}`, {});
      assert.deepEqual(await first.postBinary(Buffer.concat([bytes, bytes, bytes])), { accepted: 3 });
      await until('the flows', () => stream.flows.filter(({ uuid }) => uuid === 'bytes').length === 3);
      stream.end();
    });

    test('the hubble command reads the same', () => {
      const { stdout, stderr } = spawnSync(
        programs.hubble,
        ['observe', '--server', relay.address, '--since', '5m', '-o', 'json'],
        { encoding: 'utf8' },
      );
      const uuids = stdout.split('\n').flatMap((line) => (line ? (JSON.parse(line).flow?.uuid ?? []) : []));
      assert.ok(uuids.includes('kept') && uuids.includes('dropped'), `${stdout}${stderr}`);
    });

    test('with mTLS, node, relay and client speak with certificates as the chart makes them', async () => {
      const ca = await authority();
      const server = await ca.issue('*.default.hubble-grpc.cilium.io');
      const between = await ca.issue('*.hubble-relay.cilium.io');
      const node = await startNode(programs.node, {
        name: 'node-3',
        background: '100ms',
        'tls-cert': server.certFile,
        'tls-key': server.keyFile,
        'tls-client-ca': ca.certFile,
      });
      await node.setPeers([{ name: 'node-3', cluster: 'default', address: node.hubble }]);
      const secured = await startRelay(programs.relay, node.hubble, {
        'disable-client-tls': false,
        'disable-server-tls': false,
        'tls-hubble-client-cert-file': between.certFile,
        'tls-hubble-client-key-file': between.keyFile,
        'tls-hubble-server-ca-files': ca.certFile,
        'tls-relay-server-cert-file': between.certFile,
        'tls-relay-server-key-file': between.keyFile,
        'tls-relay-client-ca-files': ca.certFile,
      });
      try {
        await node.post([{ ...ARRIVAL, uuid: 'secured' }]);
        const name = { 'grpc.ssl_target_name_override': 'ui.hubble-relay.cilium.io' };
        const [root, key, cert] = [ca.cert, between.key, between.cert].map((pem) => Buffer.from(pem));
        // Until the relay has its peer a stream ends at once: ask again.
        await until('a flow', async () => {
          const stream = follow(secured.address, {}, credentials.createSsl(root, key, cert), name);
          await until('an answer', () => stream.flows.length > 0, 3).catch(() => undefined);
          stream.end();
          return stream.flows.some(({ uuid }) => uuid === 'secured');
        });
        const stranger = follow(secured.address, {}, credentials.createSsl(root), name);
        await until('a refusal', () => stranger.errors.length > 0);
        stranger.end();
      } finally {
        await stop(secured);
        await stop(node);
      }
    });
  });
}

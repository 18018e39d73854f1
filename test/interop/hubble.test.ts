/** That the real Hubble of each version stands and does what the other tests ask of it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { authority } from './certificates.mjs';
import { startNode, startRelay, stop, until } from './cluster.mjs';
import { observe } from './observe.js';
import { ask, flowBytes, follow } from './observer.js';
import { peers, setStage, type Node, type Stage } from './stage.js';

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

describe.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  let stage: Stage;
  let first: Node;
  let second: Node;
  beforeAll(async () => {
    stage = await setStage(hubble);
    [first, second] = stage.nodes;
  });
  afterAll(() => stage.close());

  test('the relay learns its nodes from the peer service and connects to them', async () => {
    const nodes = await until('all nodes connected', async () => {
      const { nodes } = (await ask(stage.relay.address, 'GetNodes')) as {
        nodes: { name: string; state: string; version: string }[];
      };
      return nodes.filter(({ state }) => state === 'NODE_CONNECTED').length === 3 && nodes;
    });
    expect(nodes.map(({ name, version }) => [name, version]).sort()).toEqual(
      ['node-1', 'node-2', 'node-3'].map((name) => [name, `cilium v${hubble.patch}+ginterop`]),
    );
  });

  test('a flow posted to a node comes out of the relay as it went in', async () => {
    const stream = follow(stage.relay.address);
    await second.post([{ ...ARRIVAL, uuid: 'kept' }]);
    const flow = await until('the flow', () => stream.flows.find(({ uuid }) => uuid === 'kept'));
    stream.end();
    expect(flow).toMatchObject({
      node_name: 'node-2',
      source: { pod_name: ARRIVAL.source.pod_name },
      l4: { TCP: { destination_port: 80 } },
    });
    // Stamped by the node, for the test gave no time.
    expect(Math.abs((flow.time?.seconds ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  });

  test('a field mask takes away what it does not name', async () => {
    const paths = ['time', 'uuid', 'node_name', 'verdict'];
    const stream = follow(stage.relay.address, { field_mask: { paths } });
    await first.post([{ ...ARRIVAL, uuid: 'masked' }]);
    const flow = await until('the flow', () => stream.flows.find(({ uuid }) => uuid === 'masked'));
    stream.end();
    expect(flow).toMatchObject({ verdict: 'FORWARDED', source: null });
    expect(flow.l4 ?? null).toBeNull();
  });

  test('a filter lets pass what it names only, and lost events of every source', async () => {
    const stream = follow(stage.relay.address, { whitelist: [{ verdict: ['DROPPED'] }] });
    await second.post([
      { ...ARRIVAL, uuid: 'forwarded' },
      { ...ARRIVAL, uuid: 'dropped', verdict: 'DROPPED', event_type: { type: 1 } },
    ]);
    await second.lost('PERF_EVENT_RING_BUFFER', 5, 2);
    await second.lost('OBSERVER_EVENTS_QUEUE', 7);
    await until('both losses', () => stream.lost.length === 2);
    await until('the flow', () => stream.flows.length > 0);
    stream.end();
    expect(stream.lost.map((loss) => [loss.source, loss.num_events_lost, loss.node_name])).toEqual([
      ['PERF_EVENT_RING_BUFFER', 5, 'node-2'],
      ['OBSERVER_EVENTS_QUEUE', 7, 'node-2'],
    ]);
    expect(stream.flows.map(({ uuid }) => uuid)).toEqual(['dropped']);
  });

  test('the hubble command reads the same', async () => {
    const shown = await observe(hubble, stage.relay.address, '--since', '5m');
    expect(shown.map(({ uuid }) => uuid)).toEqual(expect.arrayContaining(['kept', 'dropped']));
  });

  test('flows come in as bytes, too, and go out over a unix socket', async () => {
    const socket = join(mkdtempSync(join(tmpdir(), 'interop-')), 'hubble.sock');
    const node = await startNode(hubble.programs.node, { name: 'node-4', background: '100ms', socket });
    const bytes = flowBytes({ verdict: 'FORWARDED', uuid: 'bytes' });
    expect(await node.postBinary(Buffer.concat([bytes, bytes, bytes]))).toEqual({ accepted: 3 });
    const stream = follow(`unix://${node.socket}`);
    await until('the flows', () => stream.flows.filter(({ uuid }) => uuid === 'bytes').length === 3);
    stream.end();
    await stop(node);
  });

  test('with mTLS, node, relay and client speak with certificates as the chart makes them', async () => {
    const ca = await authority();
    const server = await ca.issue('*.default.hubble-grpc.cilium.io');
    const between = await ca.issue('*.hubble-relay.cilium.io');
    const node = await startNode(hubble.programs.node, {
      name: 'node-5',
      background: '100ms',
      'tls-cert': server.certFile,
      'tls-key': server.keyFile,
      'tls-client-ca': ca.certFile,
    });
    await node.setPeers(peers([node]));
    const secured = await startRelay(hubble.programs.relay, node.hubble, {
      'disable-client-tls': false,
      'disable-server-tls': false,
      'tls-hubble-client-cert-file': between.certFile,
      'tls-hubble-client-key-file': between.keyFile,
      'tls-hubble-server-ca-files': ca.certFile,
      'tls-relay-server-cert-file': between.certFile,
      'tls-relay-server-key-file': between.keyFile,
      'tls-relay-client-ca-files': ca.certFile,
    });
    await node.post([{ ...ARRIVAL, uuid: 'secured' }]);

    const name = { 'grpc.ssl_target_name_override': 'ui.hubble-relay.cilium.io' };
    const root = Buffer.from(ca.cert);
    const known = credentials.createSsl(root, Buffer.from(between.key), Buffer.from(between.cert));
    // Until the relay has its peer a stream ends at once: ask again.
    await until('a flow', async () => {
      const stream = follow(secured.address, {}, known, name);
      await until('an answer', () => stream.flows.length > 0 || stream.errors.length > 0, 3).catch(
        () => undefined,
      );
      stream.end();
      return stream.flows.some(({ uuid }) => uuid === 'secured');
    });
    const stranger = follow(secured.address, {}, credentials.createSsl(root), name);
    await until('a refusal', () => stranger.errors.length > 0);
    expect(stranger.flows).toEqual([]);
    stranger.end();
    await stop(secured);
    await stop(node);
  });
});

// A Hubble Relay in front of so many nodes, or one node of theirs, as far as an
// analyzer can tell: the load of test/bench/scale.mjs. Run as a child process, which
// prints its port and answers the message `sent` with what went over the wire.
//
//   { topology: 'relay' | 'node', nodes, flowsPerSecond (judged, of the whole cluster; 0: as fast as they are taken), filter, masks }
import assert from 'node:assert/strict';
import http2 from 'node:http2';
import { flowPredicate } from '../../dist/simulator/filters.js';
import { codecs } from '../../dist/simulator/messages.js';
import { NodeStateNumber, wireTime } from '../../dist/simulator/wire.js';
import { followRequest } from '../../dist/hubble/request.js';
import { mostBytes, templatesFor, write } from './scale-messages.mjs';
import { Pace, Rings, Sorting } from './scale-nodes.mjs';
import { buildTraffic } from './scale-traffic.mjs';

const options = JSON.parse(process.argv[2]);
const { topology, nodes, flowsPerSecond, filter = 'judged', masks = true } = options;
const RING = 4_095;
const VERSION = 'cilium v1.19.4';
/** As often as the kernel lets us; flows carry the time when they were due. */
const TICK_MS = 2;
/** Of messages made in one go: the rest waits for the socket, as in a relay. */
const MOST_AT_ONCE = 64;

const startedAt = Date.now();
const { names, tenants, connections } = buildTraffic({
  nodes,
  of: topology === 'node' ? 'worker-1' : undefined,
});
const watched = topology === 'node' ? names.slice(0, 1) : names;
const indexOf = new Map(watched.map((name, at) => [name, at]));
const judged = flowPredicate(
  followRequest({ filter: 'judged', since: 0, mask: 'full' }).whitelist,
  undefined,
);
const all = connections.flat();
/** What the analyzer is going to ask for: made before it asks, since making it takes seconds. */
const expected = followRequest({ filter, since: 0, mask: 'full' });
const template = templatesFor(expected, { masks });
const ready = connections.map((events) =>
  events.map(({ node, delayMs, flow }) => ({ delayMs, node: indexOf.get(node), template: template(flow) })),
);
const share = all.filter(({ flow }) => judged(flow)).length / all.length;
const { getFlows, getNodes, serverStatus, healthCheck } = codecs();

const sent = { flows: 0, bytes: 0, waiting: 0 };
let serial = 0;
/** The last flow of each node that a reader could have, for those who ask whether they have it. */
const latest = new Array(watched.length);
let rings = new Rings(watched.length, () => {}, startedAt);

/** One follow call: from now on, what passes its filter. */
function follow(stream, request) {
  assert.deepEqual(request.field_mask?.paths, expected.field_mask?.paths, 'another field mask than expected');
  assert.equal(
    request.whitelist?.length ?? 0,
    expected.whitelist?.length ?? 0,
    'another filter than expected',
  );
  if (topology === 'relay') stream.write(framed(getFlows.encode(connected())));
  const queue = [];
  const flush = () => {
    for (let first = 0; first < queue.length && !stream.destroyed;) {
      if (stream.writableNeedDrain) {
        queue.splice(0, first);
        sent.waiting = queue.length;
        return;
      }
      const batch = queue.slice(first, first + MOST_AT_ONCE);
      first += batch.length;
      stream.write(messages(batch));
    }
    queue.length = 0;
    sent.waiting = 0;
  };
  stream.on('drain', flush);
  if (flowsPerSecond === 0) return asFastAsTaken(stream);

  const now = Date.now();
  const send = (event) => queue.push(event);
  const sorting =
    topology === 'relay'
      ? new Sorting({ number: request.number ?? 0, peers: watched.length, send })
      : { arrived: send, tick() {} };
  rings = new Rings(watched.length, (event) => sorting.arrived(event, Date.now()), now);
  const judgedAConnection = (all.length * share) / connections.length;
  // Of one node its share of the cluster's flows.
  const rate = (flowsPerSecond * watched.length) / nodes / judgedAConnection;
  const pace = new Pace(ready, rate, now);
  const timer = setInterval(() => {
    const time = Date.now();
    for (const { time: at, event } of pace.due(time))
      rings.happened({ node: event.node, template: event.template, time: at });
    rings.tick(time);
    sorting.tick(time);
    flush();
  }, TICK_MS);
  stream.on('close', () => clearInterval(timer));
}

function asFastAsTaken(stream) {
  const tape = ready.flat().filter(({ template }) => template !== undefined);
  let at = 0;
  const more = () => {
    while (!stream.destroyed && !stream.writableNeedDrain) {
      const time = Date.now();
      const batch = Array.from({ length: MOST_AT_ONCE }, () => ({ ...tape[at++ % tape.length], time }));
      stream.write(messages(batch));
    }
  };
  stream.on('drain', more);
  more();
}

function messages(batch) {
  const buffer = Buffer.allocUnsafe(batch.reduce((sum, { template }) => sum + mostBytes(template), 0));
  let end = 0;
  for (const event of batch) {
    serial += 1;
    const from = end;
    end = write(buffer, end, event.template, event.time, serial);
    latest[event.node] = buffer.subarray(from, end);
  }
  sent.flows += batch.length;
  sent.bytes += end;
  return buffer.subarray(0, end);
}

function connected() {
  const node_status = { state_change: NodeStateNumber.CONNECTED, node_names: names };
  return { node_status, node_name: 'hubble-relay', time: wireTime(Date.now()) };
}

/** One flow of each node: its oldest (nothing has been overwritten since the start), or its latest. */
function past({ first }) {
  const flows = latest.filter((message) => message !== undefined);
  if (first !== true) return flows;
  return watched.map((node_name) => {
    const time = wireTime(startedAt);
    return framed(getFlows.encode({ flow: { time, node_name }, node_name, time }));
  });
}

function status(node) {
  const seen_flows = Math.floor(rings.seen[node]);
  return {
    max_flows: RING,
    num_flows: Math.min(RING, seen_flows),
    seen_flows,
    uptime_ns: (Date.now() - startedAt) * 1e6,
    version: VERSION,
  };
}

function nodeReports() {
  return names.map((name, at) => ({
    ...status(at),
    name,
    address: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}:4244`,
    state: NodeStateNumber.CONNECTED,
    tls: { enabled: false, server_name: '' },
  }));
}

function framed(message) {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

const answers = new Map([
  [healthCheck.path, () => healthCheck.encode({ status: 1 })],
  [serverStatus.path, () => serverStatus.encode(status(0))],
  ...(topology === 'relay' ? [[getNodes.path, () => getNodes.encode({ nodes: nodeReports() })]] : []),
]);

const OK = { ':status': 200, 'content-type': 'application/grpc', 'hubble-server-version': VERSION };
const server = http2.createServer();
server.on('stream', (stream, headers) => {
  stream.on('error', () => {});
  const path = headers[':path'];
  if (path !== getFlows.path && !answers.has(path)) {
    stream.respond({ ...OK, 'grpc-status': '12', 'grpc-message': 'unimplemented' }, { endStream: true });
    return;
  }
  stream.respond(OK, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  const chunks = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  stream.on('end', () => {
    if (path !== getFlows.path) return stream.end(framed(answers.get(path)()));
    const request = getFlows.decode(Buffer.concat(chunks).subarray(5));
    if (request.follow === true) return follow(stream, request);
    stream.end(Buffer.concat(past(request)));
  });
});
server.listen(0, '127.0.0.1', () => {
  process.send({
    port: server.address().port,
    share,
    tenants,
    eventsAConnection: all.length / connections.length,
  });
});
process.on('message', () => process.send({ ...sent }));
process.on('disconnect', () => process.exit(0));

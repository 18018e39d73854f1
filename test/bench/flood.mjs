// A stream that fills the daemon: `connections` arrivals between tenants, each a connection
// of its own, over `endpoints` pods; then silence. Says its port, and `done` when all is written.
import { once } from 'node:events';
import http2 from 'node:http2';
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import { codecs } from '../../dist/simulator/messages.js';
import { corpusOf } from './corpus.mjs';

const { endpoints, connections } = JSON.parse(process.argv[2]);
const PROTO = fileURLToPath(new URL('../../proto', import.meta.url));
const loaded = loadSync('observer/observer.proto', { keepCase: true, includeDirs: [PROTO] })[
  'observer.GetFlowsResponse'
];
const { getFlows } = codecs();

/** An arrival, and pods of fifty tenants: what they have in common is what pods have. */
const flows = corpusOf({ flows: 4_000, crossShare: 1, tenants: 50, endpoints: 2_000 })
  .map((bytes) => loaded.deserialize(bytes).flow)
  .filter((flow) => flow.event_type.type === 4 && flow.source.pod_name && flow.destination.pod_name);
const [example] = flows;
// Neighbours are of different tenants.
const pods = flows.flatMap((flow) => [flow.source, flow.destination]);

/** A pod by its number: named as vCluster does, with a suffix of its own before the virtual namespace. */
function pod(number) {
  const template = pods[number % pods.length];
  const suffix = number.toString(36).padStart(5, 'k');
  return { ...template, pod_name: template.pod_name.replace(/-[^-]+(?=-x-)/, `-${suffix}`) };
}

const address = (number) => `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;

function arrival(i) {
  const [from, to] = [(2 * i) % endpoints, (2 * i + 1) % endpoints];
  return getFlows.encode({
    flow: {
      ...example,
      uuid: `00000000-0000-4000-8000-${i.toString(16).padStart(12, '0')}`,
      time: { seconds: Math.floor(Date.now() / 1000), nanos: 0 },
      IP: { ...example.IP, source: address(from), destination: address(to) },
      l4: { TCP: { source_port: 20_000 + (i % 40_000), destination_port: 8080, flags: { ACK: true } } },
      trace_reason: 'ESTABLISHED',
      source: pod(from),
      destination: pod(to),
    },
  });
}

async function pour(stream) {
  for (let i = 0; i < connections; i += 50) {
    const parts = [];
    for (let n = i; n < Math.min(i + 50, connections); n += 1) {
      const message = arrival(n);
      const header = Buffer.alloc(5);
      header.writeUInt32BE(message.length, 1);
      parts.push(header, message);
    }
    if (!stream.write(Buffer.concat(parts))) await once(stream, 'drain');
  }
  process.send({ done: true });
}

const server = http2.createServer();
server.on('stream', (stream, headers) => {
  stream.on('error', () => {});
  const ok = { ':status': 200, 'content-type': 'application/grpc' };
  if (headers[':path'] === '/observer.Observer/GetFlows') {
    stream.respond(ok);
    void pour(stream);
  } else if (headers[':path'] === '/grpc.health.v1.Health/Check') {
    stream.respond(ok, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
  } else {
    stream.respond({ ...ok, 'grpc-status': '12', 'grpc-message': 'unimplemented' }, { endStream: true });
  }
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));

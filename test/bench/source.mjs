// A stream of flows as fast as HTTP/2 takes it: the same for every reader. Speaks
// just enough gRPC: GetFlows streams, Health/Check says SERVING, the rest is
// unimplemented. Run as a child process; prints its port.
//
// The messages are serialized beforehand. Before each write their uuids are made
// new, because a reader that drops duplicates would otherwise be measured dropping.
import http2 from 'node:http2';
import { createDecoder } from '../../dist/hubble/decode.js';
import { buildCorpus, renumber, uuidOffset } from '../../dist/simulator/corpus.js';
import { judge } from '../../dist/traffic/judge.js';

const { messagesPerWrite = 64, mix = 'judged', corpus: wanted } = JSON.parse(process.argv[2] ?? '{}');
const shape = {
  flows: 20_000,
  endpoints: 500,
  tenants: 20,
  crossShare: 0.001,
  labels: 8,
  seed: 1,
  ...wanted,
};

/** What a server sends that was given our filter; `all`: every event of every connection. */
const JUDGED = new Set(['arrival', 'denial', 'drop', 'policy_verdict']);
function corpusOf() {
  if (mix === 'all') return buildCorpus(shape);
  const decode = createDecoder({ endpoints: 100_000 });
  // About one event in five passes the filter.
  const all = buildCorpus({ ...shape, flows: shape.flows * 8 });
  return all.filter((bytes) => JUDGED.has(judge(decode(bytes).flow))).slice(0, shape.flows);
}
const corpus = corpusOf();

/** Several messages, each with its 5-byte gRPC header, and where their uuids begin in the batch. */
const batches = [];
for (let i = 0; i < corpus.length; i += messagesPerWrite) {
  const offsets = [];
  const parts = [];
  let length = 0;
  for (const message of corpus.slice(i, i + messagesPerWrite)) {
    const header = Buffer.alloc(5);
    header.writeUInt32BE(message.length, 1);
    offsets.push(length + 5 + uuidOffset(message));
    parts.push(header, message);
    length += 5 + message.length;
  }
  batches.push({ bytes: Buffer.concat(parts), offsets });
}

let serial = 0;
function nextBatch(index) {
  const { bytes, offsets } = batches[index % batches.length];
  const copy = Buffer.from(bytes);
  for (const offset of offsets) renumber(copy, offset, (serial += 1));
  return copy;
}

const server = http2.createServer({ settings: { maxConcurrentStreams: 100 } });
server.on('stream', (stream, headers) => {
  stream.on('error', () => {});
  const path = headers[':path'];
  const ok = { ':status': 200, 'content-type': 'application/grpc' };
  if (path === '/observer.Observer/GetFlows') {
    stream.respond(ok);
    let index = 0;
    const write = () => {
      while (!stream.destroyed && stream.write(nextBatch(index++)));
    };
    stream.on('drain', write);
    write();
    return;
  }
  if (path === '/grpc.health.v1.Health/Check') {
    stream.respond(ok, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
    return;
  }
  stream.respond({ ...ok, 'grpc-status': '12', 'grpc-message': 'unimplemented' }, { endStream: true });
});
server.listen(0, '127.0.0.1', () => {
  const bytes = corpus.reduce((sum, message) => sum + message.length, 0);
  process.stdout.write(
    `${JSON.stringify({ port: server.address().port, flows: corpus.length, meanBytes: bytes / corpus.length })}\n`,
  );
});
process.on('disconnect', () => process.exit(0));

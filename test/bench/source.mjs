// A stream of flows as fast as HTTP/2 takes it: the same for every reader. Speaks
// just enough gRPC: GetFlows streams, Health/Check says SERVING, the rest is
// unimplemented. Run as a child process; prints its port.
//
// The messages are serialized beforehand. Before each write their uuids are made
// new, because a reader that drops duplicates would otherwise be measured dropping.
import http2 from 'node:http2';
import { buildCorpus } from '../../dist/simulator/corpus.js';

const options = JSON.parse(process.argv[2] ?? '{}');
const messagesPerWrite = options.messagesPerWrite ?? 64;
const corpus = buildCorpus({ seed: 1, ...options.corpus });

/** Several messages, each with its 5-byte gRPC header, and where their uuids end in the batch. */
const batches = [];
for (let i = 0; i < corpus.length; i += messagesPerWrite) {
  const uuidEnds = [];
  const parts = [];
  let length = 0;
  for (const message of corpus.slice(i, i + messagesPerWrite)) {
    const header = Buffer.alloc(5);
    header.writeUInt32BE(message.length, 1);
    const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/.exec(message.toString('latin1'));
    uuidEnds.push(length + 5 + uuid.index + 36);
    parts.push(header, message);
    length += 5 + message.length;
  }
  batches.push({ bytes: Buffer.concat(parts), uuidEnds });
}

const HEX = Buffer.from('0123456789abcdef');
let serial = 0;
function nextBatch(index) {
  const { bytes, uuidEnds } = batches[index % batches.length];
  const copy = Buffer.from(bytes);
  for (const end of uuidEnds) {
    serial += 1;
    for (let digit = 1, rest = serial; digit <= 11; digit += 1, rest = Math.floor(rest / 16)) copy[end - digit] = HEX[rest % 16];
  }
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
  process.stdout.write(`${JSON.stringify({ port: server.address().port, flows: corpus.length, meanBytes: bytes / corpus.length })}\n`);
});
process.on('disconnect', () => process.exit(0));

// A stream of flows as fast as HTTP/2 takes it, or at a rate: the same for every
// reader. Speaks just enough gRPC: GetFlows streams, Health/Check says SERVING, the
// rest is unimplemented. A process of its own, which says its port, and answers
// { until: n } with { sent, at } once n flows have been written since { reset: true }.
//
// The messages are serialized beforehand. Before each write their uuids and times are
// made new, because a reader that drops duplicates would otherwise be measured dropping.
import http2 from 'node:http2';
import { marksOf, reissue } from '../../dist/simulator/corpus.js';
import { corpusOf } from './corpus.mjs';

const { messagesPerWrite = 64, flowsPerSecond = 0, tls, ...wanted } = JSON.parse(process.argv[2] ?? '{}');
const corpus = corpusOf(wanted);

/** Several messages, each with its 5-byte gRPC header, and where in the batch each message begins. */
const batches = [];
for (let i = 0; i < corpus.length; i += messagesPerWrite) {
  const messages = [];
  const parts = [];
  let length = 0;
  for (const message of corpus.slice(i, i + messagesPerWrite)) {
    const header = Buffer.alloc(5);
    header.writeUInt32BE(message.length, 1);
    messages.push({ at: length + 5, marks: marksOf(message) });
    parts.push(header, message);
    length += 5 + message.length;
  }
  batches.push({ bytes: Buffer.concat(parts), messages });
}
/** From one time of the first flow to the next, so that time never goes back. */
const SPAN = marksOf(corpus.at(-1)).second - marksOf(corpus[0]).second + 1;

let serial = 0;
let index = 0;
let sent = 0;
let waiting;
function nextBatch() {
  const { bytes, messages } = batches[index % batches.length];
  const later = Math.floor(index / batches.length) * SPAN;
  index += 1;
  const copy = Buffer.from(bytes);
  for (const { at, marks } of messages) reissue(copy, marks, (serial += 1), later, at);
  sent += messages.length;
  tell();
  return copy;
}
function tell() {
  if (waiting === undefined || sent < waiting) return;
  process.send({ sent });
  waiting = undefined;
}
process.on('message', ({ reset, until }) => {
  if (reset) sent = 0;
  waiting = until;
  tell();
});

function asFastAsTaken(stream) {
  const write = () => {
    while (!stream.destroyed && stream.write(nextBatch()));
  };
  stream.on('drain', write);
  write();
}

function atRate(stream) {
  const began = performance.now();
  let due = 0;
  const timer = setInterval(() => {
    while ((due / flowsPerSecond) * 1000 < performance.now() - began && !stream.writableNeedDrain) {
      stream.write(nextBatch());
      due += messagesPerWrite;
    }
  }, 2);
  stream.on('close', () => clearInterval(timer));
}

const server = tls === undefined ? http2.createServer() : http2.createSecureServer(tls);
server.on('stream', (stream, headers) => {
  stream.on('error', () => {});
  const path = headers[':path'];
  const ok = { ':status': 200, 'content-type': 'application/grpc' };
  if (path === '/observer.Observer/GetFlows') {
    stream.respond(ok);
    if (flowsPerSecond === 0) asFastAsTaken(stream);
    else atRate(stream);
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
  process.send({
    port: server.address().port,
    flows: corpus.length,
    meanBytes: Math.round(bytes / corpus.length),
  });
});
process.on('disconnect', () => process.exit(0));

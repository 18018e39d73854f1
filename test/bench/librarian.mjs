// Crosstalk as a library, a process of its own: for each message { go } it takes so
// many flows out of memory and says what a flow cost, in CPU time and in bytes of the
// heap. `take` is all that the daemon does with them; `decode` and `protoLoader` only
// decode.
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import { marksOf, reissue } from '../../dist/simulator/corpus.js';
import { corpusOf } from './corpus.mjs';
import { createLibrary, framesTo } from './library.mjs';

const PROTO = fileURLToPath(new URL('../../proto', import.meta.url));
/** Of a piece of the stream, as HTTP/2 has them. */
const PIECE = 16 * 1024;
/** The system has just written what a reader is given: it is in the processor's caches, however much there is of it. */
const HANDED_OVER = 16 * PIECE;
const HEADER = 5;

const messages = corpusOf(JSON.parse(process.argv[2] ?? '{}'));
const stream = Buffer.concat(
  messages.flatMap((message) => {
    const header = Buffer.alloc(HEADER);
    header.writeUInt32BE(message.length, 1);
    return [header, message];
  }),
);
let at = 0;
const flows = messages.map((message) => {
  const start = at + HEADER;
  at = start + message.length;
  return { start, marks: marksOf(message) };
});
/** From one time of the first to the next, so that time never goes back. */
const SPAN = flows.at(-1).marks.second - flows[0].marks.second + 1;

const library = await createLibrary({ endpoints: 200_000 });
const { deserialize } = loadSync('observer/observer.proto', { includeDirs: [PROTO] })[
  'observer.GetFlowsResponse'
];
const frames = (message) => {
  const reader = framesTo(message);
  return (piece) => reader.write(piece);
};
const works = {
  take: library.write,
  decode: frames(library.decode),
  protoLoader: frames((bytes, start, end) => deserialize(bytes.subarray(start, end))),
};

const handedOver = Buffer.alloc(HANDED_OVER);
let serial = 0;
let later = 0;
function run(work, wanted) {
  const passes = Math.ceil(wanted / flows.length);
  let cpu = 0;
  let heap = 0;
  // Where it is to be had: until the next collection, what was allocated is what is in use.
  globalThis.gc?.();
  for (let pass = 0; pass < passes; pass += 1) {
    // As new as they come off the network, so that nothing is a duplicate.
    later += SPAN;
    for (const { start, marks } of flows) reissue(stream, marks, (serial += 1), later, start);
    for (let from = 0; from < stream.length; from += HANDED_OVER) {
      const length = stream.copy(handedOver, 0, from, from + HANDED_OVER);
      const { heapUsed } = process.memoryUsage();
      const before = process.cpuUsage();
      for (let piece = 0; piece < length; piece += PIECE)
        work(handedOver.subarray(piece, Math.min(piece + PIECE, length)));
      const { user, system } = process.cpuUsage(before);
      cpu += user + system;
      heap += process.memoryUsage().heapUsed - heapUsed;
    }
  }
  if (library.ledger.events.get('unreadable') > 0) throw new Error('flows that are not read cost nothing');
  const all = passes * flows.length;
  return { microseconds: cpu / all, heapBytes: heap / all };
}

process.on('message', ({ go, flows: wanted }) => process.send(run(works[go], wanted)));
process.on('disconnect', () => process.exit(0));
process.send({
  meanBytes: Math.round(messages.reduce((sum, { length }) => sum + length, 0) / messages.length),
});

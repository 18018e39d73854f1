// Crosstalk as a library, a process of its own: for each message { go } it takes so
// many flows out of memory and says what a flow cost, in CPU time and in bytes of the
// heap. `take` is all that the daemon does with them; `decode` and `protoLoader` only
// decode.
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import { marksOf, reissue } from '../../dist/simulator/corpus.js';
import { corpusOf } from './corpus.mjs';
import { createLibrary } from './library.mjs';

const PROTO = fileURLToPath(new URL('../../proto', import.meta.url));
const messages = corpusOf(JSON.parse(process.argv[2] ?? '{}'));
const marks = messages.map(marksOf);
/** From one time of the first to the next, so that time never goes back. */
const SPAN = marks.at(-1).second - marks[0].second + 1;
const library = await createLibrary({ endpoints: 200_000 });
const { deserialize } = loadSync('observer/observer.proto', { includeDirs: [PROTO] })[
  'observer.GetFlowsResponse'
];
const works = { take: library.take, decode: library.decode, protoLoader: deserialize };

let serial = 0;
let later = 0;
function run(work, flows) {
  const passes = Math.ceil(flows / messages.length);
  let cpu = 0;
  let heap = 0;
  // Where it is to be had: until the next collection, what was allocated is what is in use.
  globalThis.gc?.();
  for (let pass = 0; pass < passes; pass += 1) {
    // As new as they come off the network, so that nothing is a duplicate.
    later += SPAN;
    for (let i = 0; i < messages.length; i += 1) reissue(messages[i], marks[i], (serial += 1), later);
    const { heapUsed } = process.memoryUsage();
    const before = process.cpuUsage();
    for (const bytes of messages) work(bytes);
    const { user, system } = process.cpuUsage(before);
    cpu += user + system;
    heap += process.memoryUsage().heapUsed - heapUsed;
  }
  const all = passes * messages.length;
  return { microseconds: cpu / all, heapBytes: heap / all };
}

process.on('message', ({ go, flows }) => process.send(run(works[go], flows)));
process.on('disconnect', () => process.exit(0));
process.send({
  meanBytes: Math.round(messages.reduce((sum, { length }) => sum + length, 0) / messages.length),
});

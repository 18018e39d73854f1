// How fast Crosstalk reads, against other readers of the same stream, and what its
// work costs as it grows: docs/performance.md and its pictures.
//
//   npm run bench                     everything; some twenty minutes; writes the document
//   npm run bench -- --quick          a minute, for whoever changes the reader; prints only
//   npm run bench -- --only readers,growth --rounds 9      a part; the rest of the document stays
//   npm run bench -- --quick --write                       the document, from less
//
// Costs are CPU time of the reader's process, told by the system: other work on the
// machine spoils them less than it spoils flows a second.
import os from 'node:os';
import { parseArgs } from 'node:util';
import { ends } from './ends.mjs';
import { growth } from './growth.mjs';
import { loopDelay } from './loop.mjs';
import { memory } from './memory.mjs';
import { readers } from './competitors.mjs';
import { transport } from './transport.mjs';
import { print, writeDocument } from './report.mjs';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'readers,growth,ends,transport,loop,memory' },
    rounds: { type: 'string' },
    flows: { type: 'string' },
    warmup: { type: 'string' },
    print: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const size = {
  rounds: Number(values.rounds ?? (values.quick ? 3 : 7)),
  // A reader that has just started still compiles itself: the warm-up is most of it.
  warmup: Number(values.warmup ?? (values.quick ? 100_000 : 300_000)),
  flows: Number(values.flows ?? (values.quick ? 100_000 : 300_000)),
  quick: values.quick,
};
const sections = { readers, growth, ends, transport, loop: loopDelay, memory };
const results = {};
for (const name of values.only.split(',')) {
  const section = sections[name];
  if (section === undefined)
    throw new Error(`--only: got ${name}, expected of ${Object.keys(sections).join(', ')}`);
  const before = os.loadavg()[0];
  results[name] = await section(size);
  results[name].taken = {
    machine: `${os.cpus().length} × ${os.cpus()[0].model.trim()}, Node.js ${process.version}`,
    date: new Date().toISOString().slice(0, 10),
    load: { before, after: os.loadavg()[0] },
    rounds: size.rounds,
  };
}
if (values.print || (values.quick && !values.write)) print(results);
else await writeDocument(results);

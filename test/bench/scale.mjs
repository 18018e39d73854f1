// How many nodes and flows an analyzer takes, by topology; writes the tables of
// docs/scaling.md. About twenty minutes; CPU is measured in CPU time.
//
//   npm run bench:scale
//   npm run bench:scale -- --nodes 5,100 --rates 100,0 --seconds 10 --print
//   npm run bench:scale -- --resume           what is missing, where it was interrupted
//   npm run bench:scale -- --resume --again   and what is to be doubted
//
// A rate is of judged flows in the whole cluster; 0: as fast as they are taken.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fill } from '../../scripts/docs.mjs';
import { measure } from './scale-measure.mjs';
import { nodeTable, relayTable, savingsTable, topologyTable, troubleOf } from './scale-tables.mjs';

const DOCUMENT = fileURLToPath(new URL('../../docs/scaling.md', import.meta.url));
/** What was measured, cell by cell: `--resume` takes what stands there. */
const KEPT = fileURLToPath(new URL('../../.cache/bench-scale.json', import.meta.url));
const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '5,100,1000,5000' },
    rates: { type: 'string', default: '1,10,100,1000,10000,0' },
    'rates-of-a-node': { type: 'string', default: '0.2,2,10,100,2000' },
    seconds: { type: 'string', default: '20' },
    resume: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    print: { type: 'boolean', default: false },
  },
});
const numbers = (text) => text.split(',').map(Number);

/** What one node sees does not depend on how many others there are: of a cluster of this size it is measured. */
const OTHERS = 1_000;
const relayCells = numbers(options.nodes).flatMap((nodes) =>
  numbers(options.rates).map((flowsPerSecond) => ({ topology: 'relay', nodes, flowsPerSecond })),
);
const nodeCells = numbers(options['rates-of-a-node']).map((own) => ({
  topology: 'node',
  nodes: OTHERS,
  flowsPerSecond: own * OTHERS,
}));
const savingsCells = ['judged', 'all'].flatMap((filter) =>
  [true, false].map((masks) => ({ topology: 'relay', nodes: 100, flowsPerSecond: 2_500, filter, masks })),
);
const all = [...relayCells, ...nodeCells, ...savingsCells];

const kept = options.resume && existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, 'utf8')) : [];
const believed = options.again ? kept.filter((result) => troubleOf([result]).length === 0) : kept;
const known = new Map(believed.map((result) => [JSON.stringify(result.cell), result]));
/** So little that several are measured at once, and longer: most of it is waiting. */
const isQuiet = ({ topology, nodes, flowsPerSecond }) =>
  flowsPerSecond > 0 && flowsPerSecond / (topology === 'node' ? nodes : 1) <= 10;
const unknown = all.filter((cell) => !known.has(JSON.stringify(cell)));
const turns = [
  ...some(unknown.filter(isQuiet), 4),
  ...unknown.filter((cell) => !isQuiet(cell)).map((cell) => [cell]),
];
for (const [at, cells] of turns.entries()) {
  process.stderr.write(`${at + 1}/${turns.length} ${JSON.stringify(cells)}\n`);
  const measuring = Number(options.seconds) * (isQuiet(cells[0]) ? 3 : 1);
  const seconds = { warmUp: measuring / 2, measure: measuring, scrapeEvery: measuring / 2 };
  for (const result of await Promise.all(cells.map((cell) => measure(cell, seconds))))
    known.set(JSON.stringify(result.cell), result);
  mkdirSync(dirname(KEPT), { recursive: true });
  writeFileSync(KEPT, JSON.stringify([...known.values()]));
}

function some(cells, size) {
  return Array.from({ length: Math.ceil(cells.length / size) }, (_, at) =>
    cells.slice(at * size, (at + 1) * size),
  );
}

const results = all.map((cell) => known.get(JSON.stringify(cell)));
const of = (cells) => cells.map((cell) => results[all.indexOf(cell)]);
const [onRelay, onNode, savings] = [relayCells, nodeCells, savingsCells].map(of);
const machine =
  `\`npm run bench:scale\`, ${new Date().toISOString().slice(0, 10)}: Node.js ${process.version}, ` +
  `${os.cpus().length} × ${os.cpus()[0].model}, ${options.seconds} s a row, the quiet ones ${3 * Number(options.seconds)} s.`;
const blocks = {
  'scale-machine': `\n${machine}\n`,
  'scale-relay': `\n${relayTable(onRelay)}\n`,
  'scale-node': `\n${nodeTable(onNode)}\n`,
  'scale-topologies': `\n${topologyTable(onRelay, onNode)}\n`,
  'scale-savings': `\n${savingsTable(savings)}\n`,
};
if (options.print) console.log(Object.values(blocks).join('\n'));
else writeFileSync(DOCUMENT, fill(readFileSync(DOCUMENT, 'utf8'), blocks));
for (const line of troubleOf(results)) console.error(`to be doubted: ${line}`);

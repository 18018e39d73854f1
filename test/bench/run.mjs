// Compares readers of one and the same stream of flows, in rounds: each round runs
// every reader once, so that a machine that slows down slows all of them, and the
// ratios are formed within a round. Prints medians and the spread of the ratios.
//
//   npm run bench                         all readers, 5 rounds
//   npm run bench -- --rounds 9 --flows 1000000 --window 4194304 --corpus '{"tenants":200}'
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import os from 'node:os';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    warmup: { type: 'string', default: '100000' },
    flows: { type: 'string', default: '400000' },
    readers: { type: 'string', default: 'http2,noop,protoLoader,decoder,crosstalk' },
    baseline: { type: 'string', default: 'noop' },
    window: { type: 'string' },
    corpus: { type: 'string', default: '{}' },
    mix: { type: 'string', default: 'judged' },
    json: { type: 'boolean', default: false },
  },
});
const readers = options.readers.split(',');

const source = await start('source.mjs', { mix: options.mix, corpus: JSON.parse(options.corpus) });
const about = await firstLine(source);
const results = new Map(readers.map((reader) => [reader, []]));
for (let round = 1; round <= Number(options.rounds); round += 1) {
  // Turn and turn about: the order within a round must not favour anyone.
  for (const reader of round % 2 === 0 ? [...readers].reverse() : readers) {
    process.stderr.write(`round ${round}/${options.rounds}: ${reader}          \r`);
    results.get(reader).push(await measure(reader));
  }
}
process.stderr.write('\x1b[2K');
source.kill();
report();

async function measure(reader) {
  const child = await start('readers.mjs', {
    reader,
    address: `127.0.0.1:${about.port}`,
    warmup: Number(options.warmup),
    flows: Number(options.flows),
    ...(options.window && { window: Number(options.window) }),
  });
  const result = await firstLine(child);
  child.kill();
  return {
    ...result,
    rate: result.flows / result.wallSeconds,
    perCpuSecond: result.flows / result.cpuSeconds,
  };
}

async function start(script, parameters) {
  return fork(new URL(script, import.meta.url), [JSON.stringify(parameters)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
}

async function firstLine(child) {
  let text = '';
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the child ended with ${code} before it said anything`);
  });
  const said = (async () => {
    for await (const chunk of child.stdout) {
      text += chunk;
      if (text.includes('\n')) return JSON.parse(text.slice(0, text.indexOf('\n')));
    }
    return ended;
  })();
  ended.catch(() => {});
  return said;
}

function report() {
  const base = results.get(options.baseline) ?? [...results.values()][0];
  const rows = readers.map((reader) => {
    const runs = results.get(reader);
    const ratios = (of) => runs.map((run, i) => run[of] / base[i][of]);
    return {
      reader,
      'flows/s': Math.round(median(runs.map((run) => run.rate))),
      'flows/CPU-s': Math.round(median(runs.map((run) => run.perCpuSecond))),
      [`rate / ${options.baseline}`]: spread(ratios('rate')),
      [`CPU speed / ${options.baseline}`]: spread(ratios('perCpuSecond')),
      'RSS MB': Math.round(median(runs.map((run) => run.rssBytes)) / 1e6),
    };
  });
  if (options.json) return console.log(JSON.stringify({ about, options, rows }));
  console.log(
    `${about.flows} distinct flows of ${Math.round(about.meanBytes)} bytes, 64 a write; ` +
      `${options.flows} read after ${options.warmup}, ${options.rounds} rounds; ` +
      `window ${options.window ?? "each reader's own"}; Node.js ${process.version}, ${os.cpus().length} x ${os.cpus()[0].model}`,
  );
  console.table(Object.fromEntries(rows.map(({ reader, ...figures }) => [reader, figures])));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function spread(ratios) {
  const two = (x) => x.toFixed(2);
  return `${two(median(ratios))} (${two(Math.min(...ratios))}–${two(Math.max(...ratios))})`;
}

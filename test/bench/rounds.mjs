// One reader at a time against one source, in rounds: each round runs every reader
// once, turn and turn about, so that a machine that slows down slows all of them, and
// ratios are formed within a round.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, scrape, startDaemon, startProgram, startScript, usage } from './process.mjs';

/** As the daemon asks for it (src/hubble/channel.ts). */
export const OUR_WINDOW = 1024 * 1024;

/** Each starts a process that reads from `address` and gives it with what ends it. */
export const READERS = {
  http2: (address) => script('http2', { address, window: OUR_WINDOW }),
  'no-op': (address) => script('noop', { address, window: OUR_WINDOW }),
  'no-op, default window': (address) => script('noop', { address }),
  'proto-loader': (address) => script('protoLoader', { address }),
  'library over http2': (address) => script('libraryOverHttp2', { address, window: OUR_WINDOW }),
  daemon: (address, flags) => daemon(address, flags),
};

function script(reader, parameters) {
  const child = startScript('readers.mjs', { reader, ...parameters });
  return { child, stop: () => end(child) };
}

/** @param {string} path of the `hubble` program */
export function hubbleObserve(path, format) {
  return (address) => {
    const child = startProgram(path, ['observe', '--server', address, '--follow', '-o', format]);
    return { child, stop: () => end(child) };
  };
}

/** The whole of it, scraped every second. */
async function daemon(address, flags) {
  const { child, url } = await startDaemon(address, flags);
  let stopped = false;
  const scraping = (async () => {
    while (!stopped) {
      await scrape(url).catch(() => {});
      await sleep(1000);
    }
  })();
  const stop = async () => {
    stopped = true;
    await end(child);
    await scraping;
  };
  return { child, stop };
}

/** Starts a source and gives what it says of itself. */
export async function startSource(parameters) {
  const child = startScript('source.mjs', parameters);
  const [about] = await once(child, 'message');
  return { child, about, address: `127.0.0.1:${about.port}`, stop: () => end(child) };
}

async function written(source, flows, reset = false) {
  source.child.send({ reset, until: flows });
  const [{ sent }] = await once(source.child, 'message');
  return sent;
}

/** One run of one reader: flows a second of wall clock, microseconds of CPU a flow, resident memory at the end. */
export async function measure(source, start, { warmup, flows, flags }) {
  const { child, stop } = await start(source.address, flags);
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the reader ended with ${code}`);
  });
  failed.catch(() => {});
  try {
    const before = await Promise.race([written(source, warmup, true), failed]);
    const [cpu, began] = [usage(child).cpuSeconds, performance.now()];
    const after = await Promise.race([written(source, before + flows), failed]);
    const { cpuSeconds, rssBytes } = usage(child);
    const read = after - before;
    return {
      flowsPerSecond: (read / (performance.now() - began)) * 1000,
      microseconds: ((cpuSeconds - cpu) / read) * 1e6,
      rssBytes,
    };
  } finally {
    await stop();
  }
}

/** @returns {Promise<Map<string, object[]>>} the runs of each reader, in the order of the rounds */
export async function inRounds(readers, rounds, run) {
  const runs = new Map(Object.keys(readers).map((name) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    const names = round % 2 === 0 ? Object.keys(readers).reverse() : Object.keys(readers);
    for (const name of names) {
      process.stderr.write(`\x1b[2K\rround ${round}/${rounds}: ${name}`);
      runs.get(name).push(await run(readers[name], name));
    }
  }
  process.stderr.write('\x1b[2K\r');
  return runs;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Of each round: how many times as fast by the CPU as `base`; median, least and most. */
export function speedAgainst(runs, base) {
  const ratios = runs.map(({ microseconds }, round) => base[round].microseconds / microseconds);
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

// What twenty open pages cost the flow path: CPU time of the daemon for a flow, with and without them, in turns, over
// one stream. The pages are clients that ask what the page asks, as often as it does; drawing is their machines' work.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, scrape, startDaemon, startScript, usage } from './process.mjs';

const PAGES = 20;
const ROUNDS = 6;
const SETTLE_MS = 4_000;
const MEASURE_MS = 10_000;
const STATUS_MS = 10_000;
const REREAD_MS = 30_000;

const wanted = { flows: 20_000, endpoints: 2_000, tenants: 50, crossShare: 0.01, flowsPerSecond: 10_000 };
const source = startScript('./source.mjs', wanted);
const [{ port }] = await once(source, 'message');
const { child, url } = await startDaemon(`127.0.0.1:${port}`);
await sleep(SETTLE_MS);

const ratios = [];
console.log(`| round | CPU, µs a flow, without pages | with ${PAGES} | ratio |\n|---|---|---|---|`);
for (let round = 1; round <= ROUNDS; round += 1) {
  // Each round begins the other way round, so that what changes with time cancels out.
  const order = round % 2 === 0 ? [true, false] : [false, true];
  const cost = {};
  for (const hasPages of order) {
    const stop = new AbortController();
    const pages = hasPages ? Array.from({ length: PAGES }, () => follow(stop.signal)) : [];
    await sleep(SETTLE_MS);
    cost[hasPages] = await measured();
    stop.abort();
    await Promise.all(pages);
  }
  ratios.push(cost[true] / cost[false]);
  const shown = [cost[false].toFixed(2), cost[true].toFixed(2), ratios.at(-1).toFixed(3)];
  console.log(`| ${[round, ...shown].join(' | ')} |`);
}
await end(child);
await end(source);
const middle = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)];
console.log(`median ratio ${middle.toFixed(3)}, bar 1.03`);
process.exitCode = middle < 1.03 ? 0 : 1;

/** @returns microseconds of CPU time a flow */
async function measured() {
  const flows = async () => {
    let sum = 0;
    for (const [name, value] of (await scrape(url)).samples)
      if (name.startsWith('crosstalk_flows_total{')) sum += value;
    return sum;
  };
  const [before, used] = [await flows(), usage(child).cpuSeconds];
  await sleep(MEASURE_MS);
  const cpu = usage(child).cpuSeconds - used;
  return (cpu * 1e6) / ((await flows()) - before);
}

async function follow(signal) {
  let readAt = -Infinity;
  const read = async (what) => (await fetch(`${url}/api/v1/${what}`, { signal })).arrayBuffer();
  const status = setInterval(() => void read('status').catch(() => undefined), STATUS_MS);
  try {
    const { body } = await fetch(`${url}/api/v1/stream`, { signal });
    for await (const chunk of body) {
      if (!Buffer.from(chunk).includes('"incomplete":true') || performance.now() - readAt < REREAD_MS)
        continue;
      readAt = performance.now();
      for (const what of ['matrix', 'crossings?limit=1000', 'tenants', 'status']) await read(what);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(status);
  }
}

// What twenty open pages cost the flow path where it has no rest, as fast as the stream is taken: CPU time of the daemon
// for a flow, with and without them, in turns, over one stream. The pages are clients that ask what the page asks, as often as it does; drawing is their machines' work.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, scrape, startDaemon, startScript, usage } from './process.mjs';

const PAGES = 20;
const ROUNDS = 4;
const SETTLE_MS = 3_500;
const MEASURE_MS = 8_000;
const STATUS_MS = 10_000;
const REREAD_MS = 30_000;

const wanted = { flows: 20_000, endpoints: 2_000, tenants: 50, crossShare: 0.01 };
const source = startScript('./source.mjs', wanted);
const [{ port }] = await once(source, 'message');
const { child, url } = await startDaemon(`127.0.0.1:${port}`);
await sleep(SETTLE_MS);

const ratios = [];
let cutOff = 0;
console.log(`| round | CPU, µs a flow, without pages | with ${PAGES} | ratio |\n|---|---|---|---|`);
for (let round = 1; round <= ROUNDS; round += 1) {
  // Each round begins the other way round, so that what changes with time cancels out.
  const order = round % 2 === 0 ? [true, false] : [false, true];
  const cost = {};
  for (const hasPages of order) {
    const stop = new AbortController();
    const pages = hasPages ? Array.from({ length: PAGES }, (_, at) => follow(stop.signal, at * 100)) : [];
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
const sorted = ratios.toSorted((a, b) => a - b);
const middle = (sorted[ROUNDS / 2 - 1] + sorted[ROUNDS / 2]) / 2;
console.log(`median ratio ${middle.toFixed(3)}, bar 1.03; streams cut off: ${cutOff}`);
process.exitCode = middle < 1.03 ? 0 : 1;

/** @returns microseconds of CPU time a flow */
async function measured() {
  const flows = async () => {
    let sum = 0;
    // From one address, scrapes and pages take each other's places; where Prometheus is, it has its own.
    const { samples } = await scrape(url).catch(() => scrape(url));
    for (const [name, value] of samples) if (name.startsWith('crosstalk_flows_total{')) sum += value;
    return sum;
  };
  const [before, used] = [await flows(), usage(child).cpuSeconds];
  await sleep(MEASURE_MS);
  const cpu = usage(child).cpuSeconds - used;
  return (cpu * 1e6) / ((await flows()) - before);
}

/** Like the page, it comes back when it is cut off: beyond 32 connections newcomers take others' places (crowd.ts). */
async function follow(signal, after) {
  await sleep(after);
  let readAt = -Infinity;
  const read = async (what) =>
    fetch(`${url}/api/v1/${what}`, { signal })
      .then((answer) => answer.arrayBuffer())
      .catch(() => undefined);
  const status = setInterval(() => void read('status'), STATUS_MS);
  while (!signal.aborted) {
    try {
      const { body } = await fetch(`${url}/api/v1/stream`, { signal });
      for await (const chunk of body) {
        if (!Buffer.from(chunk).includes('"incomplete":true') || performance.now() - readAt < REREAD_MS)
          continue;
        readAt = performance.now();
        for (const what of ['matrix', 'crossings?limit=1000', 'tenants', 'status']) await read(what);
      }
    } catch {
      cutOff += signal.aborted ? 0 : 1;
    }
    if (!signal.aborted) await sleep(1_000);
  }
  clearInterval(status);
}

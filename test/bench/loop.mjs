// Whether flows hold up the web server, or a scrape the flows: the event loop's delay
// at half of the rate that the daemon takes, while 10,000 series are scraped every second.
import { setTimeout as sleep } from 'node:timers/promises';
import { end, scrape, startDaemon } from './process.mjs';
import { measure, READERS, startSource } from './rounds.mjs';

/** Every tenant reaches every other one: a few thousand pairs, with three series each. */
const MANY_SERIES = { tenants: 60, endpoints: 600, crossShare: 1, flows: 15_000 };

export async function loopDelay({ warmup, flows, quick }) {
  const fast = await startSource(MANY_SERIES);
  const { flowsPerSecond } = await measure(fast, READERS.daemon, { warmup: warmup / 2, flows: flows / 2 });
  await fast.stop();
  const half = Math.round(flowsPerSecond / 2);
  const source = await startSource({ ...MANY_SERIES, flowsPerSecond: half });
  const { child, url } = await startDaemon(source.address);
  try {
    await sleep(quick ? 3_000 : 10_000);
    const delays = [];
    let last;
    for (let second = 0; second < (quick ? 5 : 30); second += 1) {
      await sleep(1000);
      // Node.js's histogram, begun anew at every scrape.
      last = await scrape(url);
      delays.push(last.samples.get('nodejs_eventloop_lag_p99_seconds') * 1000);
    }
    return { half, series: last.samples.size, delays, scrapeMs: last.ms };
  } finally {
    await end(child);
    await source.stop();
  }
}

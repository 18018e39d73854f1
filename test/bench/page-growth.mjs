// Whether a page that is left open grows: its heap after 100,000 changes, when it keeps all that it will ever keep, and
// after 1,000,000, each after a collection.
import { once } from 'node:events';
import { end, startScript } from './process.mjs';

const FROM = 100_000;
const TO = 1_000_000;

export async function grown(browser) {
  // Few pairs, so that each look is short and the next comes soon.
  const options = { tenants: 50, pairs: 200, crossings: 1_000, perSecond: 4_000, followEveryMs: 5 };
  const server = startScript('./page-server.mjs', options);
  const [{ url }] = await once(server, 'message');
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${url}/?view=crossings`);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  console.log('\n| changes told | heap | nodes | listeners |\n|---|---|---|---|');
  let told = 0;
  for await (const report of changes(url)) {
    const before = told;
    told += report.pairs.length + report.crossings.length;
    for (const mark of [FROM, TO / 2, TO]) if (before < mark && told >= mark) await show(session, mark);
    if (told >= TO) break;
  }
  await page.close();
  await end(server);
}

/** What the page is told as well: to all who follow the same bytes are written. */
async function* changes(url) {
  let rest = '';
  // A stream ends after five minutes.
  while (true) {
    const { body } = await fetch(`${url}/api/v1/stream`);
    for await (const chunk of body.pipeThrough(new globalThis.TextDecoderStream())) {
      const parts = (rest + chunk).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const data = part.split('\n').find((line) => line.startsWith('data: '));
        if (data !== undefined) yield JSON.parse(data.slice(6));
      }
    }
    rest = '';
  }
}

async function show(session, told) {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const value = (name) => metrics.find((metric) => metric.name === name)?.value ?? 0;
  const heap = (value('JSHeapUsedSize') / 1_048_576).toFixed(1);
  console.log(
    `| ${told.toLocaleString('en-US')} | ${heap} MiB | ${value('Nodes')} | ${value('JSEventListeners')} |`,
  );
}

// npm run bench:page: what a person feels, by the browser's own trace, and whether a page that is left open grows.
import { once } from 'node:events';
import { end, startScript } from './process.mjs';
import { startBrowser } from '../chromium.mjs';
import { grown } from './page-growth.mjs';
import { INTERACTIONS, measured } from './page-interactions.mjs';

const TENANTS = 500;
const PAIRS = 5_000;
const CROSSINGS = 10_000;
const PER_SECOND = 2_000;
const TIMES = Number(process.env.TIMES ?? 9);

const server = startScript('./page-server.mjs', {
  tenants: TENANTS,
  pairs: PAIRS,
  crossings: CROSSINGS,
  perSecond: PER_SECOND,
});
const [{ url }] = await once(server, 'message');
const browser = await startBrowser({ args: ['--enable-precise-memory-info'] });
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
page.on('pageerror', (error) => console.error(error));

console.log(
  `${TENANTS} tenants, ${PAIRS} pairs, ${CROSSINGS} crossings kept, ${PER_SECOND} crossings a second; each ${TIMES} times`,
);
page.setDefaultTimeout(30_000);
await page.goto(`${url}/?view=crossings`);
// The stream tells 200 a second at most: the page has all it keeps after most of a minute.
await page.getByText('10,000 crossings').waitFor({ timeout: 300_000 });

console.log(
  '| interaction | next paint, median | worst | result on screen, median | worst |\n|---|---|---|---|---|',
);
let worst = 0;
for (const interaction of INTERACTIONS) {
  const { paint, result } = await measured(page, interaction, TIMES);
  worst = Math.max(worst, ...paint, ...result);
  const ms = (value) => `${value.toFixed(0)} ms`;
  const middle = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  console.log(
    `| ${interaction.name} | ${ms(middle(paint))} | ${ms(Math.max(...paint))} | ${ms(middle(result))} | ${ms(Math.max(...result))} |`,
  );
}
await page.close();
await end(server);
if (!process.argv.includes('--short')) await grown(browser);
await browser.close();
console.log(`worst: ${worst.toFixed(0)} ms, bar 100 ms`);
process.exitCode = worst < 100 ? 0 : 1;

// npm run pictures:page: every view, light and dark, on a phone, a laptop and a wall, into .cache/pictures to be looked
// at; four of them into docs/images. A cluster of six tenants lives for a minute before.
import { copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../dist/config/config.js';
import { startDaemon, SYSTEM } from '../../dist/daemon.js';
import { createLog } from '../../dist/log.js';
import { Cluster } from '../../dist/simulator/cluster.js';
import { audit, denyByDefault } from '../../dist/simulator/policies.js';
import { startSimulator } from '../../dist/simulator/simulator.js';
import { startBrowser } from '../chromium.mjs';

const OUT = fileURLToPath(new URL('../../.cache/pictures', import.meta.url));
const DOCS = fileURLToPath(new URL('../../docs/images', import.meta.url));
const TENANTS = ['analytics', 'ci', 'payments', 'search', 'staging', 'storefront'];
const CONFIG = `expected:
  - { source: storefront, destination: payments, ports: [8443/tcp], reason: checkout calls the payment service }
`;
const LIVED_MS = 75_000;

const SIZES = { phone: [375, 812], laptop: [1280, 800], wall: [2560, 1440] };
const VIEWS = {
  overview: '?view=overview',
  crossings: '?view=crossings&verdict=unexpected',
  tenants: '?view=tenants',
  tenant: '?view=tenants&tenant=payments',
  health: '?view=health',
};
/** In the README, and no larger there than a page can bear. */
const SHOWN = [
  'overview-light-laptop',
  'crossings-light-laptop',
  'tenant-dark-laptop',
  'overview-dark-phone',
];
const MOST_BYTES = 200_000;

const simulator = await startSimulator({
  seed: 11,
  background: 40,
  cluster: new Cluster({ nodes: ['worker-1', 'worker-2', 'worker-3', 'worker-4', 'worker-5'] }),
  population: { tenants: TENANTS.map((name) => ({ vcluster: name, hostNamespace: name })) },
  ledger: 'counts',
});
const flags = { server: [simulator.address], 'web.listen-address': ['127.0.0.1:0'] };
const read = readConfig({
  inputs: { flags, env: {} },
  file: { path: 'crosstalk.yaml', text: CONFIG },
  now: Date.now(),
});
if (!read.ok) throw new Error(JSON.stringify(read.problems));
const build = { version: '0.1.0', revision: '4f1c2ab', nodeVersion: process.version };
const daemon = await startDaemon(read.config, {
  ...SYSTEM,
  build,
  log: await createLog({ level: 'error', format: 'json' }),
});
live();
await sleep(LIVED_MS);

mkdirSync(OUT, { recursive: true });
const browser = await startBrowser();
for (const colorScheme of ['light', 'dark'])
  for (const [size, [width, height]] of Object.entries(SIZES)) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    for (const [view, search] of Object.entries(VIEWS)) {
      await page.goto(`${daemon.addresses[0]}/${search}`);
      await page.locator('nav[aria-label="Views"]').waitFor();
      await page.locator('#view :is(li, tbody tr)').first().waitFor();
      if (view === 'crossings') await page.locator('.unfold').nth(1).click();
      if (view === 'tenant') {
        await page.locator('.chart').waitFor();
        await page.getByRole('button', { name: 'Write it' }).click();
        await page.locator('.yaml').waitFor();
      }
      await sleep(1_200);
      await picture(page, `${view}-${colorScheme}-${size}`);
    }
    await page.close();
  }
await browser.close();
await daemon.close();
await simulator.close();

async function picture(page, name) {
  const file = join(OUT, `${name}.png`);
  writeFileSync(file, await page.screenshot());
  writeFileSync(join(OUT, `${name}-full.png`), await page.screenshot({ fullPage: true }));
  if (!SHOWN.includes(name)) return;
  if (statSync(file).size > MOST_BYTES)
    throw new Error(`${name}: ${statSync(file).size} bytes, expected at most ${MOST_BYTES}`);
  copyFileSync(file, join(DOCS, `page-${name}.png`));
}

/** What the pictures show: agreed traffic, one pair that gets through, one audited, one denied. */
function live() {
  const of = (name) => simulator.population.inhabitants.find(({ tenant }) => tenant.vcluster === name);
  const way = (from, to, port) => ({
    from: simulator.random.pick(of(from).clients),
    to: simulator.random.pick(of(to).servers),
    protocol: 'tcp',
    port,
  });
  const { timeline } = simulator;
  const start = timeline.now();
  const every = (seconds, attempt) => {
    for (let at = 2; at < 600; at += seconds)
      timeline.at(start + at * 1_000, () => simulator.play(attempt()));
  };
  every(2, () => way('storefront', 'payments', 8443));
  every(7, () => way('analytics', 'payments', 5432));
  every(5, () => ({ ...way('ci', 'payments', 22), ingress: denyByDefault }));
  every(11, () => ({ ...way('staging', 'search', 9200), ingress: audit }));
}

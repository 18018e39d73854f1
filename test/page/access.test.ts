/** axe-core finds nothing serious in any view, light or dark, with good coverage and with poor. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { before, coverage, sources, status } from '../fixtures/reports.js';
import { startWeb } from '../fixtures/web.js';
import { open, taken } from './opened.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const VIEWS = [
  'view=overview',
  'view=crossings',
  'view=tenants',
  'view=tenants&tenant=team-a',
  'view=health',
];

async function found(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results = await page.evaluate(async () => {
    const { axe: tool } = globalThis as unknown as { axe: typeof axe };
    return tool.run(document, { resultTypes: ['violations'] });
  });
  return results.violations
    .filter(({ impact }) => impact !== 'minor')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

test('axe finds what is wrong, where something is', async () => {
  const web = await startWeb();
  const page = await open(web.address);
  await taken(page);
  await page.evaluate(() => document.querySelector('main')?.append(document.createElement('button')));
  expect((await found(page)).join()).toContain('button-name');
});

const poor = {
  status: () =>
    status({
      ready: false,
      notReady: ['no stream'],
      coverage: coverage({
        nodes: { connected: 1, unavailable: 2 },
        nodesNotSeen: ['node-2'],
        blindSeconds: 9,
      }),
    }),
  matrix: () => ({ tenants: [], pairs: [] }),
};

const partial = {
  status: () =>
    status({ coverage: coverage({ nodes: { connected: 2, silent: 1 }, nodesNotSeen: ['node-3'] }) }),
  matrix: poor.matrix,
};

test.each([
  ['an alarm', {}],
  ['nothing watched', poor],
  ['not all watched', partial],
])('%s, in every view, light and dark', async (_name, changes) => {
  const listed = sources().crossings({ limit: 9 });
  const crossings = () => listed.map((one, at) => ({ ...one, uuid: `uuid-${at}`, time: before(at) }));
  const web = await startWeb({ sources: { crossings, ...changes } });
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await open(web.address, { colorScheme });
    await taken(page);
    for (const view of VIEWS) {
      await page.goto(`${web.address}/?${view}`);
      await taken(page);
      await page.locator('h2').first().waitFor();
      if (view.includes('crossings')) {
        await page
          .getByRole('button', { name: /^Details/ })
          .first()
          .click();
        await page.getByText('JSON', { exact: true }).click();
      }
      if (view.includes('tenant=')) {
        await page.locator('.chart').waitFor();
        await page.getByRole('button', { name: 'Write it' }).click();
      }
      expect([view, colorScheme, await found(page)]).toEqual([view, colorScheme, []]);
    }
  }
});

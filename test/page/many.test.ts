/** 500 tenants, and more crossings than are shown: grouped, filtered, cut, and everything counted that is not shown. */
import { expect, test } from 'vitest';
import { before, crossing, pair, party, tenant } from '../fixtures/reports.js';
import { startWeb } from '../fixtures/web.js';
import { open, taken, texts } from './opened.js';

const NAMES = Array.from({ length: 500 }, (_, at) => `team-${String(at).padStart(3, '0')}`);
const PAIRS = NAMES.flatMap((name, at) =>
  [1, 7, 50].map((step) =>
    pair(
      name,
      NAMES[(at + step) % 500]!,
      { unexpected: at === 250 && step === 7 ? { allowed: 1 } : { denied: 2 } },
      at,
    ),
  ),
);
const CROSSINGS = Array.from({ length: 1_000 }, (_, at) =>
  crossing(party(NAMES[at % 500]!, 'a'), party(NAMES[(at + 1) % 500]!, 'b'), {
    uuid: `uuid-${at}`,
    time: before(at),
    port: 1_000 + at,
    verdict: 'denied',
  }),
);

async function start(): Promise<string> {
  const web = await startWeb({
    sources: {
      tenants: () => NAMES.map(tenant),
      matrix: () => ({ tenants: NAMES, pairs: PAIRS }),
      crossings: ({ limit }) => CROSSINGS.slice(0, limit),
    },
  });
  return web.address;
}

test('the matrix is of groups, whose cells lead to them; the worst pair comes first', async () => {
  const page = await open(await start());
  await taken(page);
  await page.getByText(/^500 tenants in \d+ groups/).waitFor();
  const denied = async (): Promise<number> =>
    (await page.locator('.matrix td .drawn.denied').allInnerTexts())
      .map(Number)
      .reduce((sum, count) => sum + count, 0);
  // 1,499 pairs of two denials each.
  await expect.poll(denied).toBe(2_998);
  const sides = await page.locator('.matrix tbody th').count();
  expect(sides).toBeGreaterThan(5);
  expect(sides).toBeLessThanOrEqual(24);
  await expect
    .poll(async () => (await texts(page, '#view .list tbody tr'))[0])
    .toMatch(/^team-250 team-257 1 allowed/);
  await page.locator('.matrix tbody th a').first().click();
  await page.getByText(/tenants of 500 \(team-000 … team-\d+\), and whom they met/).waitFor();
});

test('a filter leaves few enough for a matrix of tenants', async () => {
  const page = await open(await start());
  await taken(page);
  await page.getByText(/^500 tenants in/).waitFor();
  await page.locator('#view .filters').first().waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('team-250');
  await page.getByText(/^1 tenant of 500/).waitFor();
  await page.getByRole('link', { name: /^team-250 to team-257: 1 allowed/ }).waitFor();
  // It and the six it met; what is worst is first.
  await expect.poll(() => page.locator('.matrix tbody th').count()).toBe(7);
  expect((await texts(page, '.matrix tbody th')).slice(0, 2)).toEqual(['team-250', 'team-257']);
});

test('lists are cut, and tell by how much', async () => {
  const page = await open(`${await start()}/?view=crossings`);
  await taken(page);
  await page.getByText('1,000 crossings', { exact: true }).waitFor();
  await expect.poll(() => page.locator('.crossings li').count()).toBe(50);
  await page.getByRole('button', { name: 'Show more (950 older)' }).click();
  await expect.poll(() => page.locator('.crossings li').count()).toBe(75);
  await page.getByLabel('Port').fill('1999');
  await page.getByText('1 crossing of 1,000').waitFor();
  await expect.poll(() => texts(page, '.crossings li .port')).toEqual(['1999/tcp']);
});

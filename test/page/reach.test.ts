/** By keyboard, on paper, behind a password, in a stream that falls silent, and open for long. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcryptjs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { before, crossing, party, sources } from '../fixtures/reports.js';
import { startWeb } from '../fixtures/web.js';
import { open, taken, texts } from './opened.js';

const listed = sources()
  .crossings({ limit: 10 })
  .map((one, at) => ({ ...one, uuid: `uuid-${at}`, time: before(30 + at) }));

const focused = (page: Page): Promise<string> =>
  page.evaluate(
    () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
  );

/** Presses Tab until the focus is on what is looked for; it must come. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let pressed = 0; pressed < 60; pressed += 1) {
    if (name.test(await focused(page))) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no way to ${String(name)} by Tab`);
}

test('everything by keyboard alone: views, filter, cell, details', async () => {
  const web = await startWeb({ sources: { crossings: () => listed } });
  const page = await open(web.address);
  await taken(page);
  await page.getByRole('link', { name: /^team-b to team-a/ }).waitFor();
  await tabTo(page, /^Skip to the view$/);
  await tabTo(page, /^team-b to team-a/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Crossings' }).waitFor();
  await expect.poll(() => focused(page)).toBe('Crossings');
  await page.keyboard.press('/');
  await page.keyboard.type('nginx');
  await expect.poll(() => new URL(page.url()).searchParams.get('text')).toBe('nginx');
  await tabTo(page, /^Details of/);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Copy the hubble command' }).waitFor();
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-expanded')))
    .toBe('true');
  await page.locator('nav[aria-label="Views"]').getByRole('link', { name: 'Health' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Nodes' }).waitFor();
  await expect
    .poll(() => page.locator('nav[aria-label="Views"] [aria-current="page"]').innerText())
    .toBe('Health');
});

test('on paper: the window, the coverage and the result, all rows, and nothing to click', async () => {
  const many = Array.from({ length: 120 }, (_, at) =>
    crossing(party('team-b', 'x'), party('team-a', 'y'), {
      uuid: `uuid-${at}`,
      time: before(at),
      port: at + 1,
    }),
  );
  const web = await startWeb({ sources: { crossings: ({ limit }) => many.slice(0, limit) } });
  const page = await open(`${web.address}/?view=crossings`);
  await taken(page);
  await page.getByText('120 crossings', { exact: true }).waitFor();
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await page.emulateMedia({ media: 'print' });
  await expect.poll(() => page.locator('.crossings li').count()).toBe(120);
  await expect
    .poll(() => page.locator('.printed').innerText())
    .toBe(
      'As of 2026-11-22T09:15:00.000Z. Counts are from 2026-11-22T08:14:00.000Z on: 3 of 3 nodes watched through ' +
        'hubble-relay.kube-system.svc.cluster.local:80, 1284311 flows read, 0 events lost, 0 seconds blind, ' +
        '0 flows unidentified. crosstalk 0.1.0 (4f1c2ab).',
    );
  await expect.poll(() => page.getByRole('button').filter({ visible: true }).count()).toBe(0);
  await expect.poll(() => page.locator('h1').isVisible()).toBe(true);
  expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
});

test('behind a password, the script and the stream too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crosstalk-page-'));
  const configFile = join(folder, 'web.yml');
  writeFileSync(configFile, `basic_auth_users:\n  alice: ${bcrypt.hashSync('secret', 4)}\n`);
  const web = await startWeb({ web: { configFile }, sources: { crossings: () => listed } });
  const page = await open(web.address, { httpCredentials: { username: 'alice', password: 'secret' } });
  await taken(page);
  await page.getByRole('link', { name: /^team-b to team-a/ }).waitFor();
  const stranger = await page.context().browser()!.newContext();
  for (const path of ['', 'page.js', 'api/v1/stream'])
    expect((await stranger.request.get(`${web.address}/${path}`)).status()).toBe(401);
  await stranger.close();
});

test('a page that hears nothing any more says so, and is never green', async () => {
  const web = await startWeb({ followEveryMs: 20, sources: { matrix: () => ({ tenants: [], pairs: [] }) } });
  const page = await open(web.address, { mayMiss: true });
  // A clock of the page's own, so that half a minute passes when the test says so.
  await page.clock.install();
  await page.goto(web.address);
  await taken(page);
  await page.locator('.top.quiet').waitFor();
  await page.route('**/api/v1/**', (route) => route.abort());
  await web.close();
  await page.clock.runFor(30_000);
  await page.locator('.top.blind').waitFor();
  expect((await texts(page, 'h1'))[0]).toMatch(
    /^This page has heard nothing from Crosstalk for \d+ seconds\./,
  );
});

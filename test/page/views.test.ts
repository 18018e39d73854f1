/** What each view shows and how one gets about in it, over reports that hold still. */
import { expect, test } from 'vitest';
import type { CrossingReport } from '../../src/expose/api.js';
import { before, crossing, pair, party, sources } from '../fixtures/reports.js';
import { startWeb } from '../fixtures/web.js';
import { open, taken, texts } from './opened.js';

const own = (uuid: string, crossing: CrossingReport): CrossingReport => ({ ...crossing, uuid });

/** The crossings of the fixture, each of its own. */
const listed = sources()
  .crossings({ limit: 10 })
  .map((one, at) => own(`uuid-${at}`, { ...one, time: before(30 + at) }));
const crossings = (): CrossingReport[] => listed;

test('the overview: the sentence, the coverage in numbers, the matrix by shape and word, what came last', async () => {
  const web = await startWeb({ sources: { crossings } });
  const page = await open(web.address);
  await taken(page);
  await expect
    .poll(() => texts(page, 'h1'))
    .toEqual(['Unexpected traffic got through: team-b reached team-a 1 minute ago.']);
  await page.getByText('3 of 3', { exact: true }).waitFor();
  expect((await texts(page, '.tiles div')).slice(0, 4)).toEqual([
    'Nodes watched 3 of 3',
    'Events lost 0',
    'Blind time 0 s',
    'Flows unidentified 0',
  ]);
  const cell = page.getByRole('link', { name: 'team-b to team-a: 4 allowed, 21 denied; last 1 minute ago' });
  const marks = () =>
    cell.locator('.drawn').evaluateAll((drawn) => drawn.map((one) => one.getAttribute('class')));
  await expect.poll(marks).toEqual(['mark drawn allowed', 'mark drawn denied']);
  await expect
    .poll(() => texts(page, '.crossings li .port'))
    .toEqual(['80/tcp', '5432/tcp', '80/tcp', 'icmp type 8']);
  await expect.poll(() => page.title()).toBe('Got through · Overview · Crosstalk');
});

test('a cell opens its crossings, and going back leads back', async () => {
  const web = await startWeb({ sources: { crossings } });
  const page = await open(web.address);
  await page.getByRole('link', { name: /^team-a to team-b/ }).click();
  await page.getByRole('heading', { name: 'Crossings' }).waitFor();
  expect(new URL(page.url()).search).toBe('?view=crossings&source=team-a&destination=team-b');
  await expect.poll(() => texts(page, '.crossings li .port')).toEqual(['5432/tcp']);
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Crossings');
  await page.goBack();
  await page.getByRole('heading', { name: 'Who reached whom' }).waitFor();
});

test('crossings are found by text, tenant, verdict and port, and the address holds what was asked for', async () => {
  const web = await startWeb({ sources: { crossings } });
  const page = await open(`${web.address}/?view=crossings`);
  await taken(page);
  const ports = (): Promise<string[]> => texts(page, '.crossings li .port');
  await expect.poll(ports).toHaveLength(4);
  await page.getByLabel('Verdict').selectOption('denied');
  await expect.poll(ports).toEqual(['80/tcp']);
  await page.getByLabel('Verdict').selectOption('unexpected');
  await expect.poll(ports).toHaveLength(3);
  await page.getByLabel('Verdict').selectOption('');
  await page.getByLabel('Port').fill('5432');
  await expect.poll(ports).toEqual(['5432/tcp']);
  await page.getByLabel('Port').fill('');
  await page.getByLabel('Text').fill('BILLING');
  await expect.poll(ports).toEqual(['5432/tcp']);
  await page.getByLabel('To', { exact: true }).fill('team-b');
  await expect.poll(() => new URL(page.url()).search).toBe('?view=crossings&destination=team-b&text=BILLING');
  await page.reload();
  await expect.poll(ports).toEqual(['5432/tcp']);
  await expect.poll(() => page.getByLabel('Text').inputValue()).toBe('BILLING');
  await page.getByLabel('Text').fill('nowhere to be found');
  await page.getByText('None of those that are kept is like this.').waitFor();
});

test('a crossing unfolds into its evidence and the lines to copy', async () => {
  const web = await startWeb({ sources: { crossings } });
  const page = await open(`${web.address}/?view=crossings`, {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await page.getByRole('button', { name: 'Details of team-b to team-a' }).first().click();
  const shown = (await texts(page, '.crossings li .more')).join(' ');
  for (const part of [
    'evidence: managed by (k8s:vcluster.loft.sh/managed-by=team-b)',
    'Stopped by CiliumNetworkPolicy/vcluster-team-a/isolate',
    'hubble observe --from-pod vcluster-team-b/curl-x-default-x-team-b',
    'kubectl --namespace vcluster-team-a get pod nginx-x-default-x-team-a --show-labels --output wide',
    'kubectl --namespace vcluster-team-a get ciliumnetworkpolicy isolate --output yaml',
  ])
    expect(shown).toContain(part);
  await page.getByRole('button', { name: 'Copy the hubble command' }).click();
  const copied = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(copied).toBe(listed[0]!.hubbleObserve);
  await page.getByText('JSON', { exact: true }).click();
  await page.getByRole('button', { name: 'Copy as JSON' }).click();
  await expect
    .poll(async () => JSON.parse(await copied()) as unknown)
    .toEqual(JSON.parse(JSON.stringify(listed[0])));
});

test('what changes comes by itself, newest first; held while somebody reads, and told how many are newer', async () => {
  const world = [...listed];
  const web = await startWeb({
    followEveryMs: 20,
    sources: { crossings: ({ limit }) => world.slice(0, limit) },
  });
  const page = await open(`${web.address}/?view=crossings`);
  const ports = (): Promise<string[]> => texts(page, '.crossings li .port');
  await expect.poll(ports).toHaveLength(4);
  const came = (port: number): void =>
    void world.unshift(
      crossing(party('team-b', 'x'), party('team-a', 'y'), { uuid: `port-${port}`, port, time: before(0) }),
    );
  came(1001);
  await expect.poll(async () => (await ports())[0]).toBe('1001/tcp');
  await page.getByRole('button', { name: 'Pause' }).click();
  came(1002);
  await page.getByRole('button', { name: '1 newer: show' }).click();
  await expect.poll(async () => (await ports())[0]).toBe('1002/tcp');
  came(1003);
  await page.getByRole('button', { name: '1 newer: show' }).waitFor();
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect.poll(async () => (await ports())[0]).toBe('1003/tcp');
  await page
    .getByRole('button', { name: /^Details/ })
    .first()
    .click();
  came(1004);
  await page.getByRole('button', { name: '1 newer: show' }).waitFor();
  expect((await ports())[0]).toBe('1003/tcp');
});

test('a pair that changes changes in the matrix, and the tone with it', async () => {
  let pairs = [pair('team-a', 'team-b', { expected: { allowed: 3 } })];
  const web = await startWeb({
    followEveryMs: 20,
    sources: { matrix: () => ({ tenants: ['team-a', 'team-b'], pairs }) },
  });
  const page = await open(web.address);
  await page.getByRole('link', { name: /^team-a to team-b: 3 expected/ }).waitFor();
  await expect.poll(() => page.locator('.top').getAttribute('class')).toBe('top quiet');
  pairs = [...pairs, pair('team-b', 'team-a', { unexpected: { allowed: 1 } }, 0)];
  await page.getByRole('link', { name: /^team-b to team-a: 1 allowed/ }).waitFor();
  await page.locator('.top.alarm').waitFor();
  await expect.poll(() => page.title()).toContain('Got through');
});

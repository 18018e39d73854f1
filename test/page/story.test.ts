/** The demo as somebody sees it who opens its page and reads: two tenants, a crossing, a policy, and denials. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { open, taken, texts } from './opened.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

let demo: ChildProcess;
let url = '';
beforeAll(async () => {
  demo = spawn(process.execPath, [MAIN, 'demo', '--web.listen-address=127.0.0.1:0'], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  url = await new Promise((resolve, reject) => {
    demo.once('exit', (code) => reject(new Error(`the demo ended with ${code ?? 'a signal'}`)));
    createInterface({ input: demo.stdout! }).on('line', (line) => {
      const found = line.includes('web_listening') && /http:\/\/127\.0\.0\.1:\d+/.exec(line);
      if (found) resolve(found[0]);
    });
  });
});
afterAll(async () => {
  const ended = once(demo, 'exit');
  demo.kill();
  await ended;
});

const PATIENT = { timeout: 90_000 };

test('the page tells the story of the demo, step by step, without being touched', async () => {
  const page = await open(url);
  await taken(page);
  // The first visit gets through: the sentence, the cell and the rows say so, in this order or another.
  await page.locator('.top.alarm').waitFor(PATIENT);
  await expect
    .poll(() => texts(page, 'h1'))
    .toEqual([
      expect.stringMatching(
        /^Unexpected traffic got through: team-b reached team-a (just now|\d+ seconds? ago)\.$/,
      ),
    ]);
  await page.getByRole('link', { name: /^team-b to team-a: \d+ allowed/ }).waitFor(PATIENT);
  await expect.poll(() => texts(page, '.crossings li .port'), PATIENT).toContain('icmp type 8');
  const first = (await texts(page, '.crossings li .who')).join(' ');
  expect(first).toContain('team-b default/toolbox');
  expect(first).toContain('team-a default/nginx');
  await expect.poll(() => texts(page, '.tiles div'), PATIENT).toContain('Nodes watched 3 of 3');
  // The policy comes, and the same attempts are denied.
  await page.getByRole('link', { name: /^team-b to team-a: \d+ allowed, \d+ denied/ }).waitFor(PATIENT);
  await page.getByText(/^A policy stopped team-b on its way to team-a/).waitFor(PATIENT);
  await expect
    .poll(async () => (await texts(page, '.crossings li .what'))[0], PATIENT)
    .toBe('denied unexpected');
  // What got through is not forgotten for that.
  await expect.poll(() => page.locator('.top').getAttribute('class')).toBe('top alarm');
  // From the cell to the crossings, and to what stopped one.
  await page.getByRole('link', { name: /^team-b to team-a/ }).click();
  await page.getByLabel('Verdict').selectOption('denied');
  await page.getByRole('button', { name: 'Details of team-b to team-a' }).first().click();
  expect((await texts(page, '.crossings li .more')).join(' ')).toMatch(
    /hubble observe --from-pod team-b\/toolbox\S+ --to-pod team-a\/nginx\S+ .*--type drop --last 20/,
  );
  // And the policy that would have prevented it.
  await page.locator('.crossings').getByRole('link', { name: 'team-a' }).first().click();
  await page.getByRole('heading', { name: 'team-a', exact: true }).waitFor();
  await page.locator('.chart rect.gotThrough').first().waitFor(PATIENT);
  await page.getByRole('button', { name: 'Write it' }).click();
  await page.locator('.outcome.stopped_crossing').waitFor(PATIENT);
  await expect
    .poll(() => texts(page, '.outcome.newly_denied'))
    .toEqual(['0 legitimate connections it would break']);
  await expect.poll(() => page.locator('.yaml').innerText()).toContain('kind: CiliumNetworkPolicy');
});

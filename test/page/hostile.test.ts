/** What tenants call themselves and their pods is text in every view: no markup, no direction of its own, nothing hidden. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { before, crossing, pair, party, status, tenant } from '../fixtures/reports.js';
import { startWeb } from '../fixtures/web.js';
import { open, taken } from './opened.js';

const EVIL = [
  '<img src=x onerror="globalThis.owned=1">',
  '"><script>globalThis.owned=1</script>',
  "'-globalThis.owned=1-'",
  'javascript:globalThis.owned=1',
  '</style><style>*{display:none}',
  '\u202egnp.exe\u202c',
  '\u2066a\u2069\u200f',
  '\u0000\u001b[2J\r\n\u007f',
  'x'.repeat(253),
  '__proto__',
  'constructor',
  '&lt;b&gt;&amp;',
  '../../etc/passwd?a=b#c',
];
// eslint-disable-next-line no-control-regex -- these are what it is about
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

async function startEvil(): Promise<string> {
  const parties = EVIL.map((name) =>
    party(name, name, {
      namespace: name,
      pod: name,
      virtualNamespace: name,
      virtualPod: name,
      address: name,
      evidenceLabels: [name],
    }),
  );
  const crossings = parties.map((one, at) =>
    crossing(one, parties[(at + 1) % parties.length]!, {
      uuid: `uuid-${at}`,
      time: before(at),
      policies: [EVIL[at]!],
      node: EVIL[at]!,
      reason: EVIL[at]!,
      expected: at % 2 === 0,
      hubbleObserve: EVIL[at]!,
    }),
  );
  const web = await startWeb({
    sources: {
      tenants: () => EVIL.map((name) => ({ ...tenant(name), hostNamespace: name, vcluster: name })),
      crossings: ({ limit }) => crossings.slice(0, limit),
      matrix: () => ({
        tenants: EVIL,
        pairs: EVIL.map((name, at) =>
          pair(name, EVIL[(at + 1) % EVIL.length]!, { unexpected: { allowed: 1 } }),
        ),
      }),
      traffic: (name) => ({ tenant: name, minutes: [] }),
      status: () =>
        status({
          nodes: EVIL.map((name) => ({
            name,
            state: 'silent',
            version: name,
            lastFlow: undefined,
            lostEvents: 0,
          })),
        }),
    },
  });
  return web.address;
}

/** Tags that the page is made of; a name must not bring another, nor an attribute that runs. */
async function harmless(page: Page): Promise<void> {
  const { owned, tags, attributes, text } = await page.evaluate(() => ({
    owned: 'owned' in globalThis,
    tags: [...new Set([...document.querySelectorAll('body *')].map(({ localName }) => localName))],
    attributes: [...document.querySelectorAll('*')].flatMap((element) =>
      [...element.attributes]
        .filter(
          ({ name, value }) =>
            name.startsWith('on') || (/^(href|src|action)$/.test(name) && /^\s*javascript:/i.test(value)),
        )
        .map(({ name }) => name),
    ),
    text: document.body.innerText,
  }));
  expect(owned).toBe(false);
  expect(tags.filter((tag) => ['script', 'style', 'img', 'iframe', 'object', 'b'].includes(tag))).toEqual([]);
  expect(attributes).toEqual([]);
  expect(UNSEEN.test(text.replaceAll('\n', ''))).toBe(false);
}

test.each(['overview', 'crossings', 'tenants', 'health'])('in the view %s', async (view) => {
  const page = await open(`${await startEvil()}/?view=${view}`);
  await taken(page);
  await page.locator('#view :is(li, tbody tr)').first().waitFor();
  if (view === 'crossings')
    for (const button of await page.getByRole('button', { name: /^Details/ }).all()) await button.click();
  await harmless(page);
  const text = (await page.locator('#view').textContent()) ?? '';
  expect(text).toContain('<img src=x onerror="globalThis.owned=1">');
  expect(text).toContain('\ufffdgnp.exe\ufffd');
  // As wide as the screen, however long a name is.
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});

test('what is copied from them runs nothing in a shell that was not ours', async () => {
  const page = await open(`${await startEvil()}/?view=crossings`);
  await taken(page);
  await page
    .getByRole('button', { name: /^Details/ })
    .first()
    .click();
  await page.locator('.crossings [aria-expanded="true"]').waitFor();
  expect(
    (await page.locator('.crossings .line').allInnerTexts()).filter((line) => line.startsWith('kubectl')),
  ).toEqual([]);
});

test.each(EVIL.map((name, at) => [at, name]))(
  'a tenant of the name %i in a link of its own',
  async (_at, name) => {
    const address = await startEvil();
    const page = await open(
      `${address}/?${new URLSearchParams({ view: 'tenants', tenant: name }).toString()}`,
    );
    await taken(page);
    await page.locator('#title-tenant').waitFor();
    await expect.poll(() => page.locator('#title-tenant').innerText()).not.toBe('');
    await harmless(page);
  },
);

/** The page in a real browser. Whatever the browser complains about, a script's error or the policy, fails the test. */
import { afterAll, afterEach, expect } from 'vitest';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startBrowser } from '../chromium.mjs';

let browser: Promise<Browser> | undefined;
const ends: (() => Promise<void>)[] = [];
const complaints: string[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  expect(complaints.splice(0)).toEqual([]);
});
afterAll(async () => {
  await (await browser)?.close();
});

/** A machine that does several things at once takes its time. */
const PATIENCE_MS = 60_000;

/** A page of a profile of its own. `mayMiss`: the server may be gone. */
export async function open(
  url: string,
  options: BrowserContextOptions & { readonly mayMiss?: boolean } = {},
): Promise<Page> {
  browser ??= startBrowser();
  const context = await (await browser).newContext({ viewport: { width: 1280, height: 900 }, ...options });
  ends.push(() => context.close());
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && options.mayMiss !== true) complaints.push(message.text());
  });
  await page.goto(url);
  return page;
}

/** Texts of all that match, as they are read: without what is only there for the eye. */
export async function texts(page: Page, selector: string): Promise<string[]> {
  const found = await page.locator(selector).allInnerTexts();
  return found.map((text) => text.replace(/\s+/g, ' ').trim());
}

/** Whether it has taken over from what the server rendered. */
export async function taken(page: Page): Promise<void> {
  await page.locator('nav[aria-label="Views"]').waitFor();
}

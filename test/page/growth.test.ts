/** A page that is left open keeps no more than it says: a short run of what `npm run bench:page` does for a million changes. */
import type { CDPSession } from 'playwright-core';
import { expect, test } from 'vitest';
import type { CrossingReport } from '../../src/expose/api.js';
import { before, crossing, party } from '../fixtures/reports.js';
import { startWeb } from '../fixtures/web.js';
import { open } from './opened.js';

const [from, to] = [party('team-b', 'x'), party('team-a', 'y')];

test('10,000 crossings are kept, however many come, and neither heap nor nodes grow from then on', async () => {
  let made = 0;
  let world: readonly CrossingReport[] = [];
  const more = (): void => {
    const fresh = Array.from({ length: 200 }, () =>
      crossing(from, to, {
        uuid: `uuid-${made++}`,
        time: new Date(Date.parse(before(0)) + made).toISOString(),
        port: made % 65_536,
      }),
    );
    world = [...fresh.reverse(), ...world].slice(0, 1_000);
  };
  const web = await startWeb({
    followEveryMs: 5,
    sources: {
      crossings: ({ limit }) => {
        more();
        return world.slice(0, limit);
      },
    },
  });
  const page = await open(`${web.address}/?view=crossings`);
  const session = await page.context().newCDPSession(page);
  await page.getByText('10,000 crossings', { exact: true }).waitFor({ timeout: 110_000 });
  const early = await measure(session);
  const asked = made;
  await expect.poll(() => made - asked, { timeout: 110_000 }).toBeGreaterThan(10_000);
  const late = await measure(session);
  await expect.poll(() => page.getByText('10,000 crossings', { exact: true }).count()).toBe(1);
  await expect.poll(() => page.locator('.crossings li').count()).toBe(50);
  expect(late.nodes).toBeLessThan(early.nodes * 1.2);
  expect(late.listeners).toBeLessThan(early.listeners * 1.2);
  expect(late.heap).toBeLessThan(early.heap * 1.2);
});

async function measure(session: CDPSession): Promise<{ heap: number; nodes: number; listeners: number }> {
  await session.send('Performance.enable');
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return { heap: value('JSHeapUsedSize'), nodes: value('Nodes'), listeners: value('JSEventListeners') };
}

/* global document, location, addEventListener, requestAnimationFrame, MessageChannel */
// What a person does, as real input, and how long it takes by the browser's trace: EventTiming events (Chromium's
// devtools.timeline) run from the input to the frame that was presented after its handlers. What is asked for may be
// drawn in a later frame, so the time until it is on the screen is taken as well, by the page's clock.

const view = (name) => (page) => page.locator('nav[aria-label="Views"]').getByRole('link', { name }).click();
const filter = '#view .of-text input';
/** Typed after `team-`, which all have in their names: each letter leaves fewer. */
const LETTERS = '042';

/** `turn` is from 0; every interaction changes what is shown. */
export const INTERACTIONS = [
  letters('a letter in the filter of 10,000 crossings', 'Crossings'),
  {
    name: 'show more crossings',
    before: (page, turn) => turn === 0 && again(page, 'Crossings'),
    act: (page) => page.getByRole('button', { name: /^Show more/ }).click(),
  },
  {
    name: 'unfold a crossing',
    before: (page, turn) => turn === 0 && again(page, 'Crossings'),
    act: (page) => page.locator('#view [aria-expanded="false"]').first().click(),
  },
  { name: 'crossings to overview', before: view('Crossings'), act: view('Overview') },
  letters('a letter in the filter of the matrix', 'Overview'),
  {
    name: 'open a group of the matrix',
    before: (page) => again(page, 'Overview'),
    act: (page, turn) => page.locator('.matrix tbody th a').nth(turn).click(),
  },
  {
    name: 'open a cell of the matrix',
    async before(page, turn) {
      await again(page, 'Overview');
      await page.locator('.matrix tbody th a').nth(turn).click();
      await page.locator('.matrix td a[href*="crossings"]').first().waitFor();
    },
    act: (page, turn) => page.locator('.matrix td a[href*="crossings"]').nth(turn).click(),
  },
  {
    name: 'show more pairs',
    before: (page, turn) => turn === 0 && again(page, 'Overview'),
    act: (page) => page.getByRole('button', { name: /^Show more/ }).click(),
  },
  { name: 'overview to tenants', before: view('Overview'), act: view('Tenants') },
  letters('a letter in the filter of the tenants', 'Tenants'),
  {
    name: 'open a tenant',
    before: (page) => again(page, 'Tenants'),
    act: (page, turn) => page.locator('#view tbody th a').nth(turn).click(),
  },
  { name: 'tenants to crossings', before: view('Tenants'), act: view('Crossings') },
  { name: 'crossings to health', before: view('Crossings'), act: view('Health') },
];

function letters(name, where) {
  return {
    name,
    async before(page, turn) {
      if (turn % LETTERS.length !== 0) return;
      await again(page, where);
      await page.locator(filter).fill('team-');
      await page.locator(filter).press('End');
    },
    act: (page, turn) => page.keyboard.press(LETTERS[turn % LETTERS.length]),
  };
}

/** A view as it is when it is opened for the first time. */
async function again(page, name) {
  await view(name === 'Health' ? 'Overview' : 'Health')(page);
  await view(name)(page);
}

/** Drawn, and nothing that was set off before is still under way. */
const SETTLE_MS = 700;

/** @returns milliseconds of each turn, to the next paint and to the result */
export async function measured(page, interaction, times) {
  const [paint, result] = [[], []];
  const session = await page.context().newCDPSession(page);
  for (let turn = 0; turn < times; turn += 1) {
    await interaction.before?.(page, turn);
    await page.waitForTimeout(SETTLE_MS);
    await page.evaluate(watch);
    const events = await traced(session, async () => {
      await interaction.act(page, turn);
      result.push(await page.evaluate(() => globalThis.resultMs));
      // The trace tells of an interaction when its frame has been presented.
      await page.waitForTimeout(SETTLE_MS);
    });
    paint.push(Math.max(...timings(events)));
  }
  await session.detach();
  return { paint, result };
}

/** In the page: from the input to the frame in which something else is shown. */
function watch() {
  const shown = () => {
    const view = document.querySelector('#view');
    const said = [...view.querySelectorAll('[role=status]')].map(({ textContent }) => textContent);
    const count = view.querySelectorAll('li, tr, td a, [aria-expanded=true]').length;
    return JSON.stringify([
      location.search.includes('tenant='),
      view.querySelector('h2')?.textContent,
      said,
      count,
    ]);
  };
  const before = shown();
  globalThis.resultMs = new Promise((resolve) => {
    let began;
    const note = ({ timeStamp }) => (began ??= timeStamp);
    addEventListener('pointerdown', note, { capture: true, once: true });
    addEventListener('keydown', note, { capture: true, once: true });
    const look = () => {
      // A frame's callbacks run before it is painted, and a message after.
      if (performance.now() > began + 10_000) resolve(Infinity);
      if (began === undefined || shown() === before) return requestAnimationFrame(look);
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(performance.now() - began);
      port2.postMessage('');
    };
    requestAnimationFrame(look);
  });
}

async function traced(session, act) {
  const events = [];
  const collect = ({ value }) => events.push(...value);
  session.on('Tracing.dataCollected', collect);
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['devtools.timeline'] },
  });
  await act();
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  session.off('Tracing.dataCollected', collect);
  return events;
}

/** Durations in milliseconds of the events that are interactions (https://w3c.github.io/event-timing/). */
function timings(events) {
  const begun = new Map();
  const durations = [];
  for (const { name, ph, ts, id, id2, args } of events) {
    if (name !== 'EventTiming') continue;
    const key = id2?.local ?? id;
    if (ph === 'b' && args.data?.interactionId > 0) begun.set(key, ts);
    if (ph === 'e' && begun.has(key)) durations.push((ts - begun.get(key)) / 1_000);
  }
  return durations;
}

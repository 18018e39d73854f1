/** What each version of the real Hubble has of what Crosstalk uses: docs/compatibility.md is made of it. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { featuresTable } from './compatibility.mjs';
import { features } from './features.js';
import { keep } from './results.js';
import { setStage, type Stage } from './stage.js';

/** By feature, then by version. */
const found = new Map<string, Record<string, boolean>>();

const minorOf = (version: string): number => Number(version.split('.')[1]);

describe.each(inject('hubbles'))('Hubble $patch', (hubble) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage(hubble);
  });
  afterAll(() => stage.close());

  const titled = features.map((of) => [of.since, of.feature, of] as const);
  test.concurrent.each(titled)('from %s on: %s', async (since, feature, of) => {
    const does = await of.has(stage);
    found.set(feature, { ...found.get(feature), [hubble.patch]: does });
    expect(does).toBe(minorOf(hubble.minor) >= minorOf(since));
  });
});

test('docs/compatibility.md says what was found (node test/interop/compatibility.mjs)', () => {
  const results = features.map(({ feature, since, without }) => ({
    feature,
    since,
    without,
    has: found.get(feature) ?? {},
  }));
  expect(keep('features', results)).toBe(featuresTable(results));
});

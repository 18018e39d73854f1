/** Every value of values.yaml does something, and what effects.yaml says that it does. */
import { describe, expect, test } from 'vitest';
import { chartValues } from '../../scripts/chart.mjs';
import { EFFECTS, isSeen, nested, seen, type Effect } from './effect.js';
import { template } from './helm.js';
import type { KubernetesObject } from './objects.js';

async function rendered(
  values: Readonly<Record<string, unknown>>,
  { apis }: Effect,
): Promise<KubernetesObject[]> {
  return template({
    values: nested(values),
    apiVersions: apis ?? ['monitoring.coreos.com/v1', 'cilium.io/v2'],
  });
}

test('no value goes without a row, and no row speaks of a value that is not there', () => {
  const known = chartValues().map(({ path }) => path);
  expect([...new Set(EFFECTS.map(({ value }) => value))].sort()).toEqual([...known].sort());
});

const titled = EFFECTS.map((effect) => [`${effect.value}: ${JSON.stringify(effect.set)}`, effect] as const);

describe('a value does what it says, and nothing else does', () => {
  test.each(titled)('%s', async (_, effect) => {
    const { [effect.value]: __, ...beside } = effect.beside ?? {};
    expect(
      isSeen(effect, await rendered({ ...beside, [effect.value]: effect.set }, effect)),
      wanted(effect),
    ).toBe(true);
    // Where the value is what others need, they are refused without it.
    const without = await rendered(beside, effect).catch(() => undefined);
    if (without)
      expect(isSeen(effect, without), `without it: ${JSON.stringify(seen(effect, without))}`).toBe(false);
  });
});

function wanted({ kind, at = '', is, matches }: Effect): string {
  return `${kind} ${at} is not ${matches ?? JSON.stringify(is)}`;
}

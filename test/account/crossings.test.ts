import { describe, expect, test } from 'vitest';
import { createCrossings } from '../../src/account/crossings.js';
import type { Crossing, Verdict } from '../../src/model.js';
import { T0, arrival, tenantParty } from '../fixtures/flows.js';

function crossing(
  connection: number,
  {
    isNew = true,
    source = 'team-b',
    verdict = 'allowed',
  }: { isNew?: boolean; source?: string; verdict?: Verdict } = {},
): Crossing {
  return {
    flow: arrival(),
    source: tenantParty(source),
    destination: tenantParty('team-a'),
    occurrence: { connection, isNew, verdict },
    agreement: undefined,
    policies: [],
    seenAt: T0 + connection,
  };
}
const ids = (crossings: ReturnType<typeof createCrossings>, filter = {}) =>
  crossings.recent({ limit: 100, ...filter }).map((entry) => entry.crossing.occurrence.connection);

test('newest first', () => {
  const crossings = createCrossings(10);
  for (const id of [1, 2, 3]) crossings.add(crossing(id));
  expect(ids(crossings)).toEqual([3, 2, 1]);
});

test('later events of a connection are counted in its entry', () => {
  const crossings = createCrossings(10);
  crossings.add(crossing(1));
  crossings.add({ ...crossing(1, { isNew: false }), seenAt: T0 + 9_000 });
  expect(crossings.recent({ limit: 1 })).toMatchObject([
    { count: 2, firstSeen: T0 + 1, lastSeen: T0 + 9_000 },
  ]);
});

test('bounded: the oldest leave, and their later events change nothing', () => {
  const crossings = createCrossings(2);
  for (const id of [1, 2, 3]) crossings.add(crossing(id));
  crossings.add(crossing(1, { isNew: false }));
  expect(ids(crossings)).toEqual([3, 2]);
});

test('a flood of denials cannot push out a connection that got through', () => {
  const crossings = createCrossings(10);
  crossings.add(crossing(1));
  for (let id = 2; id <= 1_000; id += 1) crossings.add(crossing(id, { verdict: 'denied' }));
  expect(ids(crossings)).toHaveLength(10);
  expect(ids(crossings)).toContain(1);
});

test('nor what got through the denials', () => {
  const crossings = createCrossings(10);
  crossings.add(crossing(1, { verdict: 'denied' }));
  for (let id = 2; id <= 1_000; id += 1) crossings.add(crossing(id));
  expect(ids(crossings)).toHaveLength(10);
  expect(ids(crossings)).toContain(1);
});

describe('filters', () => {
  const crossings = createCrossings(10);
  crossings.add(crossing(1));
  crossings.add(crossing(2, { source: 'team-c' }));
  crossings.add(crossing(3, { verdict: 'denied' }));
  test('limit', () => expect(ids(crossings, { limit: 2 })).toEqual([3, 2]));
  test('source', () => expect(ids(crossings, { source: 'team-c' })).toEqual([2]));
  test('destination', () => expect(ids(crossings, { destination: 'team-b' })).toEqual([]));
  test('verdict', () => expect(ids(crossings, { verdict: 'denied' })).toEqual([3]));
});

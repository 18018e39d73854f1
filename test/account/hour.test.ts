/** The last hour, minute by minute: whose, what kind, and never more than an hour. */
import { describe, expect, test } from 'vitest';
import type { Relation, Verdict } from '../../src/model.js';
import { createHour, KINDS, MINUTES, type Minute } from '../../src/account/hour.js';
import type { FlowCell } from '../../src/account/ledger.js';

const T0 = Date.UTC(2026, 10, 22, 9);
const MINUTE = 60_000;

function cell(
  source: string,
  destination: string,
  relation: Relation,
  verdict: Verdict,
  count: number,
): FlowCell {
  return { source, destination, relation, verdict, count };
}

const tally = (minute: Minute | undefined) => KINDS.map((kind) => minute?.[kind]);

const cells = [
  cell('team-a', 'team-a', 'intra_tenant', 'allowed', 10),
  cell('team-b', 'team-a', 'cross_tenant', 'allowed', 2),
  cell('team-b', 'team-a', 'cross_tenant', 'audited', 1),
  cell('team-b', 'team-a', 'cross_tenant', 'denied', 5),
  cell('team-a', '__world__', 'tenant_to_world', 'allowed', 7),
  cell('__platform__', 'team-b', 'platform_to_tenant', 'allowed', 4),
  cell('__platform__', '__world__', 'no_tenant', 'allowed', 99),
];

describe('the minute that goes on', () => {
  test.each([
    ['team-a', [10, 3, 5, 7]],
    ['team-b', [0, 3, 5, 4]],
    [undefined, [10, 3, 5, 11]],
    ['__platform__', [0, 0, 0, 0]],
    ['nobody', [0, 0, 0, 0]],
  ])('of %s', (tenant, expected) => {
    const minutes = createHour().of(tenant, cells, T0);
    expect(minutes.map(tally)).toEqual([expected]);
    expect(minutes[0]?.until).toBe(T0);
  });
});

test('each minute has what came in it, not what came before', () => {
  const hour = createHour();
  hour.note([cell('a', 'a', 'intra_tenant', 'allowed', 10)], T0);
  hour.note([cell('a', 'a', 'intra_tenant', 'allowed', 10)], T0 + MINUTE);
  hour.note([cell('a', 'a', 'intra_tenant', 'allowed', 25)], T0 + 2 * MINUTE);
  const minutes = hour.of('a', [cell('a', 'a', 'intra_tenant', 'allowed', 26)], T0 + 2.5 * MINUTE);
  expect(minutes.map(({ inside }) => inside)).toEqual([10, 0, 15, 1]);
  expect(minutes.map(({ until }) => (until - T0) / MINUTE)).toEqual([0, 1, 2, 2.5]);
});

test('a tenant that appears late has an empty past', () => {
  const hour = createHour();
  hour.note([], T0);
  hour.note([cell('late', 'late', 'intra_tenant', 'allowed', 3)], T0 + MINUTE);
  const minutes = hour.of('late', [cell('late', 'late', 'intra_tenant', 'allowed', 3)], T0 + MINUTE);
  expect(minutes.map(({ inside }) => inside)).toEqual([0, 3, 0]);
});

test('an hour is kept and no more, however long it runs', () => {
  const hour = createHour();
  for (let minute = 1; minute <= 500; minute += 1)
    hour.note([cell('a', 'a', 'intra_tenant', 'allowed', (minute * (minute + 1)) / 2)], T0 + minute * MINUTE);
  const minutes = hour.of('a', [cell('a', 'a', 'intra_tenant', 'allowed', 125_251)], T0 + 500 * MINUTE + 1);
  expect(minutes).toHaveLength(MINUTES);
  expect(minutes.map(({ inside }) => inside)).toEqual([
    ...Array.from({ length: MINUTES - 1 }, (_, i) => 442 + i),
    1,
  ]);
});

test('of thousands of tenants the first are kept, and the others have the minute that goes on', () => {
  const hour = createHour();
  const many = Array.from({ length: 10_000 }, (_, i) => cell(`t${i}`, `t${i}`, 'intra_tenant', 'allowed', 1));
  hour.note(many, T0);
  expect(hour.of('t5', many, T0 + 1).map(({ inside }) => inside)).toEqual([1, 0]);
  expect(hour.of('t9999', many, T0 + 1).map(({ inside }) => inside)).toEqual([0, 1]);
});

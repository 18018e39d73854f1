import { describe, expect, test } from 'vitest';
import {
  accountStem,
  isTenantChosen,
  readings,
  resolveStem,
  resolveStems,
} from '../../src/tenancy/account.js';

test.each([
  ['vc-team-a', ['team-a']],
  ['vc-workload-team-a', ['team-a', 'workload-team-a']],
  ['vc-workload-', []],
  ['vc-workload', ['workload']],
  ['vc-workload--a', ['workload--a']],
  ['vc-', []],
  ['vc', []],
  ['default', []],
  ['xvc-team-a', []],
  ['vc-Team', []],
  [`vc-${'a'.repeat(64)}`, []],
  [`vc-workload-${'a'.repeat(60)}`, ['a'.repeat(60)]],
])('the service account %s may mean %j', (account, vclusters) => {
  const stem = accountStem(account);
  expect(stem === undefined ? [] : readings(stem)).toEqual(vclusters);
});

test.each([
  ['vc-workload-a', false],
  ['vc-victim-x-default-x-evil', true],
  [`vc-victim-${'a'.repeat(42)}-0123456789`, true],
])('a tenant may have chosen %s: %s', (account, chosen) => {
  expect(isTenantChosen(account)).toBe(chosen);
});

describe('vc-workload-a is a workload of a, unless what is known says it is the control plane of workload-a', () => {
  const resolve = (stem: string, stems: string[], confirmed: string[] = []): string | undefined =>
    resolveStem(stem, new Set(stems), new Set(confirmed));

  test('nothing known: the workload', () => {
    expect(resolve('workload-a', ['workload-a'])).toBe('a');
  });
  test('either known by a label', () => {
    expect(resolve('workload-a', ['workload-a'], ['a'])).toBe('a');
    expect(resolve('workload-a', ['workload-a'], ['workload-a'])).toBe('workload-a');
    expect(resolve('workload-a', ['workload-a'], ['workload-a', 'a'])).toBe('a');
  });
  test('the control plane of a was seen under its own account', () => {
    expect(resolve('workload-a', ['a', 'workload-a', 'workload-workload-a'])).toBe('a');
  });
  test('workloads of workload-a were seen under theirs', () => {
    expect(resolve('workload-a', ['workload-a', 'workload-workload-a'])).toBe('workload-a');
  });
  test('all accounts of a namespace together', () => {
    expect([...resolveStems(new Set(['b', 'workload-b', 'workload-c']), new Set<string>())].sort()).toEqual([
      'b',
      'c',
    ]);
    expect([...resolveStems(new Set(['workload-a', 'workload-workload-a']), new Set<string>())]).toEqual([
      'workload-a',
    ]);
  });
});

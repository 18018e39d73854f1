import { describe, expect, test } from 'vitest';
import type { NamespaceRule } from '../../src/model.js';
import { compileRules } from '../../src/tenancy/rules.js';
import { OWN } from './endpoints.js';
import { rules } from './observed.js';

const entry = (namespace: string, vcluster: string, name?: string): NamespaceRule => ({
  namespace,
  vcluster,
  name,
});
const home = (entries: readonly NamespaceRule[], namespace: string): string | undefined => {
  const tenant = compileRules(rules({ namespaces: entries })).tenantOf(OWN, namespace);
  return tenant && `${tenant.hostNamespace}/${tenant.vcluster}`;
};

describe('an exact namespace beats a pattern, a longer pattern a shorter one', () => {
  const entries = [
    entry('team-*', 'all'),
    entry('team-a-*', 'a'),
    entry('team-a-db', 'db'),
    entry('*', 'rest'),
  ];
  test.each([
    ['team-a-db', 'team-a-db/db'],
    ['team-a-web', 'team-a-*/a'],
    ['team-b', 'team-*/all'],
    ['kube-system', '*/rest'],
    ['team-', 'team-*/all'],
  ])('%s is %s', (namespace, expected) => {
    expect(home(entries, namespace)).toBe(expected);
    expect(home(entries.toReversed(), namespace)).toBe(expected);
  });
});

test('a pattern needs its whole prefix, an exact entry the whole name', () => {
  expect(home([entry('team-a-*', 'a'), entry('team-b', 'b')], 'team-a')).toBeUndefined();
  expect(home([entry('team-b', 'b')], 'team-b2')).toBeUndefined();
});

describe('entries of one name and vCluster are one tenant, at home in the first exact namespace', () => {
  const entries = [
    entry('team-a-*', 'a', 'alpha'),
    entry('host-a', 'a', 'alpha'),
    entry('also-a', 'a', 'alpha'),
    entry('b-*', 'b', 'beta'),
    entry('bb-*', 'b', 'beta'),
    entry('c-*', 'c'),
    entry('cc', 'c'),
  ];
  test.each([
    ['team-a-web', 'host-a/a'],
    ['host-a', 'host-a/a'],
    ['also-a', 'host-a/a'],
    ['b-1', 'b-*/b'],
    ['bb-1', 'b-*/b'],
    ['c-1', 'c-*/c'],
    ['c-2', 'c-*/c'],
    ['cc', 'cc/c'],
  ])('%s is %s', (namespace, expected) => {
    expect(home(entries, namespace)).toBe(expected);
  });

  test('and each is listed once', () => {
    expect(compileRules(rules({ namespaces: entries })).tenants).toHaveLength(4);
  });
});

test('entries that contradict each other are settled by their order', () => {
  expect(home([entry('team-a', 'a'), entry('team-a', 'b')], 'team-a')).toBe('team-a/a');
  expect(home([entry('t-*', 'a'), entry('t-*', 'b')], 't-1')).toBe('t-*/a');
});

test("the configuration speaks of the analyzer's own cluster only", () => {
  const compiled = compileRules(rules({ namespaces: [entry('*', 'a')], platformNamespaces: ['kube-*'] }));
  expect(compiled.tenantOf('other', 'team-a')).toBeUndefined();
  expect(compiled.isPlatform('other', 'kube-system')).toBe(false);
  expect(compiled.isPlatform(OWN, 'kube-system')).toBe(true);
  expect(compiled.isPlatform(OWN, 'kube')).toBe(false);
});

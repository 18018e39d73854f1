import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NamespaceRule } from '../../src/model.js';
import { createNames, tenantId, type TenantKey } from '../../src/tenancy/names.js';
import { compileRules } from '../../src/tenancy/rules.js';
import { OWN } from './endpoints.js';
import { rules } from './observed.js';

const names = (namespaces: readonly NamespaceRule[] = []): ((key: TenantKey) => string) =>
  createNames(compileRules(rules({ namespaces })));
const key = (hostNamespace: string, vcluster: string, cluster = OWN): TenantKey => ({
  cluster,
  hostNamespace,
  vcluster,
});

describe('a tenant is called as the contract says', () => {
  test.each([
    [key('team-a', 'team-a'), 'team-a'],
    [key('vcluster-team-a', 'team-a'), 'vcluster-team-a/team-a'],
    [key('team-a', 'team-a', 'prod-us'), 'prod-us/team-a/team-a'],
  ])('%j is %s', (tenant, name) => {
    expect(names()(tenant)).toBe(name);
  });

  test("by the operator's name in every namespace that is this tenant's", () => {
    const nameOf = names([
      { namespace: 'host-a', vcluster: 'a', name: 'alpha' },
      { namespace: 'a-*', vcluster: 'a', name: 'alpha' },
    ]);
    expect(nameOf(key('host-a', 'a'))).toBe('alpha');
    expect(nameOf(key('host-a', 'b'))).toBe('host-a/b');
    expect(nameOf(key('host-a', 'a', 'prod-us'))).toBe('prod-us/host-a/a');
  });
});

test('a tenant that is found never takes the name the operator gave to another', () => {
  const nameOf = names([{ namespace: 'host-a', vcluster: 'a', name: 'team-b' }]);
  expect(nameOf(key('host-a', 'a'))).toBe('team-b');
  expect(nameOf(key('team-b', 'team-b'))).toBe('team-b/team-b');
});

test('names that would pass for something else are not used, should they get past the check of the configuration', () => {
  const nameOf = names([
    { namespace: 'n1', vcluster: 'a', name: '__platform__' },
    { namespace: 'n2', vcluster: 'b', name: 'n3/c' },
    { namespace: 'n4', vcluster: 'd', name: 'dee' },
    { namespace: 'n5', vcluster: 'e', name: 'dee' },
    { namespace: '__world__', vcluster: '__world__', name: undefined },
  ]);
  const keys = [
    key('n1', 'a'),
    key('n2', 'b'),
    key('n4', 'd'),
    key('n5', 'e'),
    key('__world__', '__world__'),
  ];
  expect(keys.map(nameOf)).toEqual(['n1/a', 'n2/b', 'dee', 'n5/e', `${OWN}/__world__/__world__`]);
});

test('no two tenants share a name, and none looks like a side that is no tenant', () => {
  const word = fc.constantFrom('a', 'b', 'team', 'a-b', 'x', OWN);
  const entry = fc.record({
    namespace: fc.constantFrom('a', 'b', 'team', 'a-*', 'x'),
    vcluster: word,
    name: fc.constantFrom(undefined, 'a', 'b', 'team', 'x'),
  });
  const tenants = fc.array(fc.record({ cluster: word, hostNamespace: word, vcluster: word }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 6 }), tenants, (entries, found) => {
      const compiled = compileRules(rules({ namespaces: entries }));
      const nameOf = createNames(compiled);
      const all = [
        ...found,
        ...compiled.tenants.map(({ hostNamespace, vcluster }) => key(hostNamespace, vcluster)),
      ];
      const ids = new Set(all.map(tenantId));
      const called = new Set(all.map(nameOf));
      expect(called.size).toBe(ids.size);
      for (const name of called) expect(name.startsWith('__')).toBe(false);
    }),
    { seed: 20_260_802, numRuns: 1000 },
  );
});

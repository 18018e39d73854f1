/** What is remembered of endpoints, held to plain maps, and to its bounds. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Endpoint, TenancyRules } from '../../src/model.js';
import { createNames } from '../../src/tenancy/names.js';
import { createRoster } from '../../src/tenancy/roster.js';
import { compileRules } from '../../src/tenancy/rules.js';
import { isVoid, Standings } from '../../src/tenancy/standing.js';
import { NO_ROW, Subjects } from '../../src/tenancy/subjects.js';
import { account, bare, controlPlane, managedBy, pod, syncedNamespace } from './endpoints.js';
import { Naive, named } from './naive.js';
import { observed, rules } from './observed.js';

const namespace = fc.constantFrom('a', 'b', 'shared');
const LABELS = [
  [],
  [managedBy('a')],
  [managedBy('b')],
  [account('vc-workload-a')],
  [account('vc-workload-a'), managedBy('b')],
  controlPlane('a'),
  syncedNamespace('b', 'shared'),
];
const someone = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({
        namespace,
        name: fc.constantFrom('web-0', 'web-0-x-shop-x-a', 'web-0-x-shop-x-b', 'web-1-x-x-x-a'),
        id: fc.constantFrom(0, 7),
        labels: fc.constantFrom(...LABELS),
        reversed: fc.boolean(),
      })
      .map(({ reversed, ...told }): Endpoint => {
        const endpoint = pod(told);
        return reversed ? { ...endpoint, labels: endpoint.labels.toReversed() } : endpoint;
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('host', 'world', 'unknown')
      .map((name) => bare({ labels: [`reserved:${name}`] })),
  },
);
const RULES: Partial<TenancyRules>[] = [
  {},
  { namespaces: [{ namespace: 'a', vcluster: 'a', name: 'alpha' }] },
  { platformNamespaces: ['b'] },
];
/** An endpoint of the pool by its number, or a reload: with which rules, and room for how many. */
const step = fc.oneof(
  { weight: 20, arbitrary: fc.nat(29) },
  {
    weight: 1,
    arbitrary: fc.record({ rules: fc.constantFrom(...RULES), endpoints: fc.integer({ min: 1, max: 20 }) }),
  },
);

test('whoever comes, leaves and comes back, and however often rules change, it says what plain maps say', () => {
  fc.assert(
    fc.property(
      fc.array(someone, { minLength: 30, maxLength: 30 }),
      fc.array(step, { maxLength: 120 }),
      (pool, steps) => {
        const known = pool.map((endpoint) => ({ ...endpoint }));
        let here = observed({}, { endpoints: 10 });
        let naive = new Naive(rules(), 10);
        for (const what of steps) {
          if (typeof what === 'number') {
            expect(named(here.attribution.attribute(pool[what]!))).toBe(naive.who(known[what]!));
          } else {
            here = observed(what.rules, { endpoints: what.endpoints, previous: here.attribution });
            naive = new Naive(rules(what.rules), what.endpoints, naive);
          }
          const listed = here.attribution.tenants().map(({ tenant, endpoints }) => [tenant.name, endpoints]);
          expect(Object.fromEntries(listed)).toEqual(naive.tenants());
          expect(here.attributed).toEqual(naive.attributed);
          expect(here.conflicts).toHaveLength(naive.conflicts);
        }
      },
    ),
    { numRuns: 300 },
  );
}, 60_000);

test('an Endpoint object that was forgotten does not believe what it was told before', () => {
  const { who, attribution } = observed({}, { endpoints: 1 });
  const forgotten = pod({ namespace: 'ns', labels: [managedBy('a')] });
  who(forgotten);
  who(pod({ namespace: 'other' }));
  expect(attribution.tenants()[0]?.endpoints).toEqual({});
  who(forgotten);
  expect(attribution.tenants()[0]?.endpoints).toEqual({ managed_by: 1 });
});

test('pods that all leave again leave no rows behind', () => {
  const subjects = new Subjects(10);
  const rows = new Map<string, number>();
  for (let i = 0; i < 5_000; i += 1) {
    const content = `pod ${i}`;
    expect(subjects.find(content)).toBe(NO_ROW);
    const row = subjects.add();
    expect(row).toBeLessThan(200);
    subjects.hold(row);
    rows.set(content, row);
    if (rows.size < 200) continue;
    for (const [gone, its] of rows) {
      expect(subjects.find(gone)).toBe(its);
      subjects.release(its);
      expect(subjects.find(gone)).toBe(NO_ROW);
    }
    rows.clear();
  }
});

test('a pod stays until nobody holds it, and a row that is used again knows nothing', () => {
  const subjects = new Subjects(10);
  const standing = new Standings(createRoster(createNames(compileRules(rules())))).world;
  subjects.find('one');
  const row = subjects.add();
  subjects.hold(row);
  subjects.hold(row);
  subjects.standings[row] = standing;
  subjects.conflicts[row] = 1;
  expect(subjects.release(row)).toBeUndefined();
  expect(subjects.find('one')).toBe(row);
  expect(subjects.release(row)).toBe(standing);
  subjects.find('two');
  expect(subjects.add()).toBe(row);
  expect([subjects.standings[row], subjects.conflicts[row]]).toEqual([undefined, 0]);
});

test('what the same is concluded of has one standing, as long as anybody has it', () => {
  const standings = new Standings(createRoster(createNames(compileRules(rules()))));
  const lore = { cluster: 'c', namespace: 'ns', generation: 0 };
  const owner = {
    key: { cluster: 'c', hostNamespace: 'ns', vcluster: 'a' },
    evidence: 'pod_name',
    labels: [],
  } as const;
  const concluded = { owner, lore, disagreements: [] };
  const standing = standings.enter(concluded);
  expect(standings.enter(concluded)).toBe(standing);
  expect(standings.enter({ ...concluded, owner: { ...owner, labels: ['l'] } })).not.toBe(standing);
  expect(standings.enter({ ...concluded, lore: { ...lore, namespace: 'other' } })).not.toBe(standing);
  expect(isVoid(standing)).toBe(false);
  lore.generation = 1;
  expect(isVoid(standing)).toBe(true);
  const again = standings.enter(concluded);
  expect(again).not.toBe(standing);
  standings.forget(again);
  expect(standings.enter(concluded)).not.toBe(again);
});

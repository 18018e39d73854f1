import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Endpoint } from '../../src/model.js';
import { account, controlPlane, managedBy, pod, syncedNamespace } from './endpoints.js';
import { observed } from './observed.js';

const LONG = process.env['CROSSTALK_LONG'] === '1';
/** Milliseconds; only ends a run that hangs. */
const LIMIT = LONG ? 3_600_000 : 120_000;

const vcluster = fc.constantFrom('a', 'workload-a', 'x', 'a-x-b', 'b', 'team-0123456789');
const namespace = fc.constantFrom('n1', 'n2', 'n3');
const evidence = fc.oneof(
  vcluster.map((name) => [managedBy(name)]),
  vcluster.map((name) => controlPlane(name)),
  vcluster.map((name) => [account(`vc-${name}`)]),
  vcluster.map((name) => [account(`vc-workload-${name}`)]),
  vcluster.map((name) => [account(`vc-${name}`), ...controlPlane(name)]),
  fc.tuple(vcluster, namespace).map(([name, host]) => syncedNamespace(name, host)),
  fc.constant([]),
);
const podName = fc.oneof(
  fc.constantFrom('', 'admin-tool', 'a-0', `${'w'.repeat(52)}-0123456789`),
  vcluster.map((name) => `web-0-x-d-x-${name}`),
);
const endpoint = fc
  .tuple(namespace, podName, evidence)
  .map(([where, name, labels]): Endpoint => pod({ namespace: where, name, labels }));

test(
  'once all endpoints were seen, what they are does not depend on the order in which they came',
  () => {
    const inTwoOrders = fc
      .array(endpoint, { minLength: 2, maxLength: 15 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(inTwoOrders, ([all, shuffled]) => {
        const after = (order: readonly Endpoint[]): { verdicts: string[]; tenants: string[] } => {
          const { who, attribution } = observed();
          order.forEach(who);
          const verdicts = all.map(who);
          return {
            verdicts,
            tenants: attribution
              .tenants()
              .map(({ tenant }) => tenant.id as string)
              .sort(),
          };
        };
        expect(after(shuffled)).toEqual(after(all));
      }),
      { seed: 20_260_805, numRuns: LONG ? 50_000 : 1500 },
    );
  },
  LIMIT,
);

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLedger } from '../../src/account/ledger.js';
import { OVERFLOW } from '../../src/account/pairs.js';
import { type Party, RELATIONS, VERDICTS } from '../../src/model.js';
import { arrival, T0, tenantParty } from '../fixtures/flows.js';

const name = (party: Party): string => (party.kind === 'tenant' ? party.tenant.name : `__${party.kind}__`);

test('flows of any parties are counted as plain maps would, with room or without', () => {
  // Two objects of a name each: before a reload, and after it.
  const parties: Party[] = [
    ...['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd'].map((tenant) => tenantParty(tenant)),
    { kind: 'platform' },
    { kind: 'world' },
    { kind: 'unidentified' },
  ];
  const event = fc.record({
    source: fc.constantFrom(...parties),
    destination: fc.constantFrom(...parties),
    relation: fc.constantFrom(...RELATIONS),
    verdict: fc.constantFrom(...VERDICTS),
    crosses: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.array(event, { maxLength: 300 }), (bound, events) => {
      const ledger = createLedger(bound);
      const pairs = new Set<string>();
      const counts = new Map<string, number>();
      let overflows = 0;
      for (const { source, destination, relation, verdict, crosses } of events) {
        // The families share their sides, and neither has room because the other has.
        if (crosses && source.kind === 'tenant' && destination.kind === 'tenant') {
          const occurrence = { connection: 1, isNew: true, verdict };
          const told = { flow: arrival(), agreement: undefined, policies: [], seenAt: T0 };
          ledger.crossing({ ...told, source, destination, occurrence });
        }
        ledger.tenantFlow(source, destination, relation, verdict);
        const pair = `${name(source)} ${name(destination)}`;
        const isKnown = pairs.has(pair) || pairs.size < bound;
        if (isKnown) pairs.add(pair);
        else overflows += 1;
        const key = `${isKnown ? pair : `${OVERFLOW} ${OVERFLOW}`} ${relation} ${verdict}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      const told = [...ledger.flows()].map(
        (cell) =>
          [`${cell.source} ${cell.destination} ${cell.relation} ${cell.verdict}`, cell.count] as const,
      );
      expect(told).toHaveLength(counts.size);
      expect(new Map(told)).toEqual(counts);
      expect(ledger.overflows.get('crosstalk_tenant_flows_total')).toBe(overflows);
    }),
    { seed: 9, numRuns: 300 },
  );
});

import { expect, test, vi } from 'vitest';
import { createLedger } from '../../src/account/ledger.js';
import { tenantParty } from '../fixtures/flows.js';

vi.mock('../../src/tables/hash.js', () => ({ mix: () => 0, settle: () => 1 }));

test('pairs whose hashes are all the same are told apart', () => {
  const ledger = createLedger(100);
  const parties = ['a', 'b', 'c'].map((name) => tenantParty(name));
  for (const source of [...parties, ...parties])
    for (const destination of parties) ledger.tenantFlow(source, destination, 'cross_tenant', 'allowed');
  const cells = [...ledger.flows()];
  expect(cells.every(({ count }) => count === 2)).toBe(true);
  expect(new Set(cells.map(({ source, destination }) => `${source} ${destination}`)).size).toBe(9);
});

import { describe, expect, test } from 'vitest';
import { createLedger, type Ledger } from '../../src/account/ledger.js';
import { OVERFLOW } from '../../src/account/pairs.js';
import type { Crossing, Party, Verdict } from '../../src/model.js';
import { T0, arrival, tenantParty, udp } from '../fixtures/flows.js';

const A = tenantParty('team-a');
const B = tenantParty('team-b');
const platform: Party = { kind: 'platform' };

function crossing(fields: Partial<Crossing> = {}, verdict: Verdict = 'allowed', isNew = true): Crossing {
  return {
    flow: arrival(),
    source: B,
    destination: A,
    occurrence: { connection: 1, isNew, verdict },
    agreement: undefined,
    policies: [],
    seenAt: T0,
    ...fields,
  };
}
const agreement = { source: '*', destination: '*', ports: [], reason: 'agreed', until: undefined };

describe('flows', () => {
  test('are counted by who reached whom and with what verdict', () => {
    const ledger = createLedger(100);
    ledger.tenantFlow(A, A, 'intra_tenant', 'allowed');
    ledger.tenantFlow(A, A, 'intra_tenant', 'allowed');
    ledger.tenantFlow(A, platform, 'tenant_to_platform', 'denied');
    expect([...ledger.flows()]).toEqual([
      { source: 'team-a', destination: 'team-a', relation: 'intra_tenant', verdict: 'allowed', count: 2 },
      {
        source: 'team-a',
        destination: '__platform__',
        relation: 'tenant_to_platform',
        verdict: 'denied',
        count: 1,
      },
    ]);
  });
});

describe('pairs', () => {
  test('go on by name when other objects stand for the tenants, also where another ledger counts them', () => {
    const [ledger, other] = [createLedger(100), createLedger(100)];
    for (const [from, to] of [
      [A, B],
      [B, A],
      [tenantParty('team-a'), tenantParty('team-b')],
    ] as const) {
      other.tenantFlow(to, from, 'cross_tenant', 'denied');
      ledger.tenantFlow(from, to, 'cross_tenant', 'denied');
      ledger.crossing(crossing({ source: from, destination: to }));
    }
    const counts = (of: Ledger) => [...of.flows()].map((cell) => [cell.source, cell.destination, cell.count]);
    expect(counts(ledger)).toEqual([
      ['team-a', 'team-b', 2],
      ['team-b', 'team-a', 1],
    ]);
    expect(counts(other)).toEqual([
      ['team-b', 'team-a', 2],
      ['team-a', 'team-b', 1],
    ]);
    expect([...ledger.connections()].map(({ count }) => count)).toEqual([2, 1]);
  });
  test('are listed together with those of the same source', () => {
    const ledger = createLedger(100);
    for (const [from, to] of [
      [A, B],
      [B, B],
      [platform, A],
      [A, A],
      [B, platform],
    ] as const)
      ledger.tenantFlow(from, to, 'unidentified', 'allowed');
    expect([...ledger.flows()].map(({ source, destination }) => [source, destination])).toEqual([
      ['team-a', 'team-b'],
      ['team-a', 'team-a'],
      ['team-b', 'team-b'],
      ['team-b', '__platform__'],
      ['__platform__', 'team-a'],
    ]);
  });
});

describe('connections', () => {
  test('a later event of a connection moves the last-seen time, not the count', () => {
    const ledger = createLedger(100);
    ledger.crossing(crossing());
    ledger.crossing(crossing({ seenAt: T0 + 5_000 }, 'allowed', false));
    expect([...ledger.connections()]).toMatchObject([{ count: 1 }]);
    expect([...ledger.seen()]).toMatchObject([{ lastSeen: T0 + 5_000 }]);
  });
  test('history that comes late does not move the last-seen time back', () => {
    const ledger = createLedger(100);
    ledger.crossing(crossing());
    ledger.crossing(crossing({ seenAt: T0 - 60_000 }));
    expect([...ledger.connections()]).toMatchObject([{ count: 2 }]);
    expect([...ledger.seen()]).toMatchObject([{ lastSeen: T0 }]);
  });
  test('verdict, protocol and expectation are told apart', () => {
    const ledger = createLedger(100);
    ledger.crossing(crossing());
    ledger.crossing(crossing({}, 'denied'));
    ledger.crossing(crossing({ flow: arrival({ l4: udp() }) }));
    ledger.crossing(crossing({ agreement }));
    expect([...ledger.connections()].map((cell) => cell.count)).toEqual([1, 1, 1, 1]);
  });
});

describe('the number of pairs is bounded', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => tenantParty(`t${i}`));

  test('pairs beyond the bound share one, and each such update is counted', () => {
    const ledger = createLedger(2);
    for (const source of many(5)) ledger.crossing(crossing({ source }));
    const cells = [...ledger.connections()];
    expect(cells.map((cell) => cell.source)).toEqual(['t0', 't1', OVERFLOW]);
    expect(cells.map((cell) => cell.count)).toEqual([1, 1, 3]);
    expect(ledger.overflows.get('crosstalk_cross_tenant_connections_total')).toBe(3);
  });
  test('a pair that has its place keeps it', () => {
    const ledger = createLedger(2);
    for (const source of [...many(5), ...many(2)]) ledger.crossing(crossing({ source }));
    expect([...ledger.connections()].map((cell) => cell.count)).toEqual([2, 2, 3]);
  });
  test('ordinary flows of many tenants cannot take the place of a crossing', () => {
    const ledger = createLedger(2);
    for (const tenant of many(100)) ledger.tenantFlow(tenant, tenant, 'intra_tenant', 'allowed');
    ledger.crossing(crossing());
    expect([...ledger.connections()]).toMatchObject([{ source: 'team-b', destination: 'team-a', count: 1 }]);
  });
  test('totals stay true', () => {
    const ledger = createLedger(3);
    for (const source of many(50)) {
      ledger.tenantFlow(source, A, 'cross_tenant', 'allowed');
      ledger.tenantFlow(source, A, 'cross_tenant', 'denied');
    }
    expect([...ledger.flows()].reduce((sum, cell) => sum + cell.count, 0)).toBe(100);
  });
});

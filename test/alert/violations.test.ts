import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/model.js';
import { arrival, syncedPod, T0, tcp, tenantParty } from '../fixtures/flows.js';
import { AGREEMENT, crossed, HOLD_MS, violationsWith } from './crossed.js';

const MINUTE = 60_000;
const pair = (index: number) => ({ source: tenantParty(`t${index}`) });

describe('a violation', () => {
  test('begins with the first event and ends when nothing of it was seen for the hold', () => {
    const violations = violationsWith();
    violations.add(crossed(), T0);
    expect(violations.active(T0 + HOLD_MS - 1)).toMatchObject([
      {
        cluster: 'default',
        source: 'team-b',
        destination: 'team-a',
        verdict: 'allowed',
        startsAt: T0,
        lastSeen: T0,
        endsAt: T0 + HOLD_MS,
        connections: 1,
      },
    ]);
    expect(violations.active(T0 + HOLD_MS)).toEqual([]);
  });

  test('goes on as long as it is seen, by new connections and by old ones; only new ones count', () => {
    const violations = violationsWith();
    violations.add(crossed(), T0);
    violations.add(crossed({ seenAt: T0 + 5 * MINUTE }), T0 + 5 * MINUTE);
    violations.add(crossed({ seenAt: T0 + 14 * MINUTE }, { isNew: false }), T0 + 14 * MINUTE);
    expect(violations.active(T0 + 20 * MINUTE)).toMatchObject([
      {
        startsAt: T0,
        lastSeen: T0 + 14 * MINUTE,
        endsAt: T0 + 14 * MINUTE + HOLD_MS,
        connections: 2,
      },
    ]);
  });

  test('never ends earlier than was said: not by events out of order, not by a shorter hold', () => {
    let holdMs = HOLD_MS;
    const violations = violationsWith({ settings: () => ({ cluster: 'default', holdMs }) });
    violations.add(crossed(), T0);
    violations.add(crossed({ seenAt: T0 - MINUTE }), T0 + 1);
    holdMs = 5 * MINUTE;
    violations.add(crossed({ seenAt: T0 + MINUTE }), T0 + MINUTE);
    expect(violations.active(T0 + MINUTE)).toMatchObject([
      { startsAt: T0, lastSeen: T0 + MINUTE, endsAt: T0 + HOLD_MS },
    ]);
  });

  test('that ended and comes back begins anew', () => {
    const violations = violationsWith();
    violations.add(crossed(), T0);
    violations.add(crossed({ seenAt: T0 + HOLD_MS }), T0 + HOLD_MS);
    expect(violations.active(T0 + HOLD_MS)).toMatchObject([{ startsAt: T0 + HOLD_MS, connections: 1 }]);
  });

  test('is one for each verdict and each direction', () => {
    const violations = violationsWith();
    for (const verdict of ['denied', 'audited', 'allowed'] as const)
      violations.add(crossed({}, { verdict }), T0);
    violations.add(crossed({ source: tenantParty('team-a'), destination: tenantParty('team-b') }), T0);
    const told = violations.active(T0).map(({ source, verdict }) => `${source} ${verdict}`);
    expect(told).toEqual(['team-b allowed', 'team-a allowed', 'team-b audited', 'team-b denied']);
  });

  test('is never made of what was agreed on, nor held by it', () => {
    const violations = violationsWith();
    violations.add(crossed({ agreement: AGREEMENT }), T0);
    expect(violations.active(T0)).toEqual([]);
    violations.add(crossed(), T0);
    violations.add(crossed({ agreement: AGREEMENT, seenAt: T0 + MINUTE }), T0 + MINUTE);
    expect(violations.active(T0 + MINUTE)).toMatchObject([{ endsAt: T0 + HOLD_MS, connections: 1 }]);
  });

  test('keeps the cluster it began with; under another name it is another', () => {
    let cluster = 'default';
    const violations = violationsWith({ settings: () => ({ cluster, holdMs: HOLD_MS }) });
    violations.add(crossed(), T0);
    cluster = 'prod';
    violations.add(crossed(), T0);
    expect(violations.active(T0).map((violation) => violation.cluster)).toEqual(['default', 'prod']);
  });
});

describe('what a re-read of the ring brings late', () => {
  test('is no violation any more when it is older than the hold', () => {
    const violations = violationsWith();
    violations.add(crossed({ seenAt: T0 - HOLD_MS }), T0);
    expect(violations.active(T0)).toEqual([]);
  });
  test('is held long enough to be told of when it is younger', () => {
    const violations = violationsWith();
    violations.add(crossed({ seenAt: T0 - HOLD_MS + 1 }), T0);
    expect(violations.active(T0)).toMatchObject([
      { startsAt: T0 - HOLD_MS + 1, lastSeen: T0 - HOLD_MS + 1, endsAt: T0 + 5 * MINUTE },
    ]);
  });
});

describe('an example', () => {
  const from = (pod: string, port: number) =>
    arrival({ source: syncedPod('team-b', pod), l4: tcp(undefined, 40_000, port) });

  test('is of a recent connection, and a flood is not described one by one', () => {
    const violations = violationsWith();
    for (const [second, pod] of ['first', 'second', 'third'].entries()) {
      const seenAt = T0 + second * 8_000;
      violations.add(crossed({ flow: from(pod, 80 + second), seenAt }), seenAt);
    }
    expect(violations.active(T0)).toMatchObject([
      { connections: 3, example: { source: { pod: 'third-x-default-x-team-b' }, port: 82 } },
    ]);
    violations.add(crossed({ flow: from('fourth', 90), seenAt: T0 + 17_000 }), T0 + 17_000);
    expect(violations.active(T0)).toMatchObject([
      { connections: 4, example: { source: { pod: 'third-x-default-x-team-b' } } },
    ]);
  });
});

describe('room', () => {
  test('is bounded, what has none is said, and what has some keeps it', () => {
    const refused: Verdict[] = [];
    const violations = violationsWith({ capacity: 3, refused: (verdict) => refused.push(verdict) });
    for (let index = 0; index < 5; index += 1) violations.add(crossed(pair(index)), T0);
    expect(violations.active(T0).map(({ source }) => source)).toEqual(['t0', 't1', 't2']);
    expect(refused).toEqual(['allowed', 'allowed']);
  });

  test('for what gets through is taken neither by denials nor by what is audited', () => {
    const violations = violationsWith({ capacity: 3 });
    for (const verdict of ['denied', 'audited'] as const)
      for (let index = 0; index < 100; index += 1) violations.add(crossed(pair(index), { verdict }), T0);
    violations.add(crossed(), T0);
    expect(violations.active(T0)[0]).toMatchObject({ verdict: 'allowed', source: 'team-b' });
  });

  test('comes back when violations end', () => {
    const violations = violationsWith({ capacity: 1 });
    violations.add(crossed(pair(1)), T0);
    const later = T0 + HOLD_MS + 1;
    violations.add(crossed({ ...pair(2), seenAt: later }), later);
    expect(violations.active(later).map(({ source }) => source)).toEqual(['t2']);
  });
});

describe('it is urgent', () => {
  function urgencyOf(): { violations: ReturnType<typeof violationsWith>; count: () => number } {
    let count = 0;
    return { violations: violationsWith({ urgent: () => (count += 1) }), count: () => count };
  }
  test('when a violation begins, and not when it goes on', () => {
    const { violations, count } = urgencyOf();
    violations.add(crossed(), T0);
    violations.add(crossed({ seenAt: T0 + MINUTE }), T0 + MINUTE);
    expect(count()).toBe(1);
  });
  test('when one goes on whose end is near', () => {
    const { violations, count } = urgencyOf();
    violations.add(crossed(), T0);
    const late = T0 + HOLD_MS - 1;
    violations.add(crossed({ seenAt: late }, { isNew: false }), late);
    expect(count()).toBe(2);
  });
});

test('what ends with the process is held in full, as if it were seen then', () => {
  const violations = violationsWith();
  violations.add(crossed(), T0);
  violations.holdInFull(T0 + 10 * MINUTE);
  expect(violations.active(T0 + 10 * MINUTE)).toMatchObject([
    { lastSeen: T0, endsAt: T0 + 10 * MINUTE + HOLD_MS },
  ]);
  violations.holdInFull(T0);
  expect(violations.active(T0)).toMatchObject([{ endsAt: T0 + 10 * MINUTE + HOLD_MS }]);
});

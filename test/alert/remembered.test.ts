import { describe, expect, test } from 'vitest';
import { readViolations } from '../../src/alert/remembered.js';
import type { Violation } from '../../src/alert/violations.js';
import { icmp, arrival, T0 } from '../fixtures/flows.js';
import { crossed, HOLD_MS, violationsWith } from './crossed.js';

/** As the state file has it. */
function saved(): Record<string, unknown>[] {
  const violations = violationsWith();
  violations.add(crossed(), T0);
  violations.add(crossed({ flow: arrival({ l4: icmp() }) }, { verdict: 'denied' }), T0);
  return JSON.parse(JSON.stringify(violations.active(T0))) as Record<string, unknown>[];
}

describe('after a restart', () => {
  test('a violation goes on where it was: same start, same end, same count', () => {
    const remembered = readViolations(saved()) as Violation[];
    const violations = violationsWith({ remembered });
    expect(JSON.parse(JSON.stringify(violations.active(T0)))).toEqual(saved());
    violations.add(crossed({ seenAt: T0 + 1_000 }), T0 + 1_000);
    expect(violations.active(T0 + 1_000)[0]).toMatchObject({
      startsAt: T0,
      endsAt: T0 + 1_000 + HOLD_MS,
      connections: 2,
    });
  });

  test('one that ended meanwhile is gone', () => {
    const violations = violationsWith({ remembered: readViolations(saved()) as Violation[] });
    expect(violations.active(T0 + HOLD_MS)).toEqual([]);
  });

  test('no more are taken over than there is room for', () => {
    const [first = {}] = saved();
    const many = [1, 2, 3].map((index) => ({ ...first, source: `t${index}` }));
    const violations = violationsWith({ capacity: 2, remembered: readViolations(many) as Violation[] });
    expect(violations.active(T0)).toHaveLength(2);
  });

  test('where there was nothing, there is nothing', () => expect(readViolations(undefined)).toBeUndefined());
});

describe('a section that this version did not write is unusable, whatever is wrong with it', () => {
  const [good = {}] = saved();
  const example = good['example'] as Record<string, unknown>;
  test.each<[string, unknown]>([
    ['a text', 'violations'],
    ['a mapping', {}],
    ['null', null],
    ['null in the list', [null]],
    ['no cluster', [{ ...good, cluster: undefined }]],
    ['a number for a tenant', [{ ...good, source: 1 }]],
    ['an unknown verdict', [{ ...good, verdict: 'lost' }]],
    ['a start that is no time', [{ ...good, startsAt: 'yesterday' }]],
    ['an end beyond all dates', [{ ...good, endsAt: 1e300 }]],
    ['null for a time, as NaN is written', [{ ...good, lastSeen: null }]],
    ['an end before the start', [{ ...good, endsAt: Number(good['startsAt']) - 1 }]],
    ['half a connection', [{ ...good, connections: 0.5 }]],
    ['no example', [{ ...good, example: undefined }]],
    ['an example without a pod', [{ ...good, example: { ...example, source: undefined } }]],
    ['policies that are no list', [{ ...good, example: { ...example, policies: 'all' } }]],
    ['a port that is none', [{ ...good, example: { ...example, port: '80' } }]],
    ['a good one beside a bad one', [good, { ...good, verdict: '' }]],
  ])('%s', (_, section) => expect(readViolations(section)).toBe('unusable'));
});

/**
 * Whatever happens, and in whatever order: what Alertmanager is sent of a
 * violation never ends earlier than was said before, and begins when it began.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alertOf } from '../../src/alert/message.js';
import { readViolations } from '../../src/alert/remembered.js';
import type { Violation, Violations } from '../../src/alert/violations.js';
import { VERDICTS } from '../../src/model.js';
import { T0, tenantParty } from '../fixtures/flows.js';
import { AGREEMENT, crossed, violationsWith } from './crossed.js';

const TENANTS = ['a', 'b', 'c'];
const minutes = (max: number) => fc.integer({ min: 0, max: max * 60_000 });

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('cross' as const),
      from: fc.constantFrom(...TENANTS),
      to: fc.constantFrom(...TENANTS),
      verdict: fc.constantFrom(...VERDICTS),
      isNew: fc.boolean(),
      expected: fc.boolean(),
      late: minutes(30),
    }),
  },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('pass' as const), ms: minutes(20) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('back' as const), ms: minutes(20) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('end' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('kill' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('save' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('hold' as const), minutes: fc.integer({ min: 5, max: 60 }) }),
  },
);

/** A daemon with its state file, as far as alerts go. */
class Analyzer {
  now = T0;
  holdMs = 900_000;
  file = '[]';
  violations: Violations = this.start();

  start(): Violations {
    const remembered = readViolations(JSON.parse(this.file));
    if (remembered === 'unusable') throw new Error(`unusable: ${this.file}`);
    return violationsWith({
      settings: () => ({ cluster: 'default', holdMs: this.holdMs }),
      remembered,
    });
  }

  save(): void {
    this.file = JSON.stringify(this.active());
  }

  active(): readonly Violation[] {
    return this.violations.active(this.now);
  }

  do(taken: typeof step extends fc.Arbitrary<infer Step> ? Step : never): void {
    if (taken.what === 'cross') {
      const { from, to, verdict, isNew, expected, late } = taken;
      this.violations.add(
        crossed(
          {
            source: tenantParty(from),
            destination: tenantParty(to),
            agreement: expected ? AGREEMENT : undefined,
            seenAt: this.now - late,
          },
          { verdict, isNew },
        ),
        this.now,
      );
    } else if (taken.what === 'pass') this.now += taken.ms;
    else if (taken.what === 'back') this.now -= taken.ms;
    else if (taken.what === 'save') this.save();
    else if (taken.what === 'hold') this.holdMs = taken.minutes * 60_000;
    else {
      if (taken.what === 'end') {
        this.violations.holdInFull(this.now);
        this.save();
      }
      this.violations = this.start();
    }
  }
}

const identity = (violation: Violation) => JSON.stringify(alertOf(violation, undefined).labels);

test('an end only moves later, a start stays, an identity is one alert', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const analyzer = new Analyzer();
      const told = new Map<string, { startsAt: number; endsAt: number }>();
      for (const taken of steps) {
        analyzer.do(taken);
        // What a killed process had not written, its successor does not know; Alertmanager merges the two.
        if (taken.what === 'kill') told.clear();
        const active = analyzer.active();
        const identities = active.map(identity);
        expect(new Set(identities).size).toBe(active.length);
        for (const violation of active) {
          const { startsAt, endsAt, lastSeen } = violation;
          const before = told.get(identity(violation));
          expect(endsAt).toBeGreaterThan(analyzer.now);
          expect(endsAt).toBeGreaterThan(startsAt);
          expect(lastSeen).toBeGreaterThanOrEqual(startsAt);
          expect(startsAt).toBe(before?.startsAt ?? startsAt);
          expect(endsAt).toBeGreaterThanOrEqual(before?.endsAt ?? endsAt);
          told.set(identity(violation), { startsAt, endsAt });
        }
        // One that is gone has ended, and by itself.
        for (const [gone, { endsAt }] of told) {
          if (identities.includes(gone)) continue;
          expect(endsAt).toBeLessThanOrEqual(analyzer.now);
          told.delete(gone);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});

test('expected traffic is never among what is sent', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const analyzer = new Analyzer();
      for (const taken of steps) analyzer.do(taken.what === 'cross' ? { ...taken, expected: true } : taken);
      expect(analyzer.active()).toEqual([]);
    }),
  );
});

/** Crossings for the tests of alerts, and what the daemon would say of them. */
import { exampleOf, type Example } from '../../src/alert/example.js';
import { createViolations, type ViolationOptions, type Violations } from '../../src/alert/violations.js';
import { crossingReport } from '../../src/expose/reports.js';
import type { Crossing, Verdict } from '../../src/model.js';
import { arrival, T0, tenantParty } from '../fixtures/flows.js';

export const HOLD_MS = 900_000;
export const AGREEMENT = { source: '*', destination: '*', ports: [], reason: 'agreed', until: undefined };

/** A new connection of team-b to team-a at T0, unexpected and allowed. */
export function crossed(
  fields: Partial<Crossing> = {},
  { verdict = 'allowed', isNew = true }: { verdict?: Verdict; isNew?: boolean } = {},
): Crossing {
  return {
    flow: arrival(),
    source: tenantParty('team-b'),
    destination: tenantParty('team-a'),
    occurrence: { connection: 1, isNew, verdict },
    agreement: undefined,
    policies: [],
    seenAt: T0,
    ...fields,
  };
}

export function exampleFrom(crossing: Crossing): Example {
  return exampleOf(crossingReport({ crossing, firstSeen: 0, lastSeen: 0, count: 1 }));
}

export function violationsWith(options: Partial<ViolationOptions> = {}): Violations {
  return createViolations({
    capacity: 100,
    settings: () => ({ cluster: 'default', holdMs: HOLD_MS }),
    describe: exampleFrom,
    urgent: () => undefined,
    refused: () => undefined,
    ...options,
  });
}

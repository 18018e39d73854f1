/** Ours beside the same semantics as plain sets: any set of policies, any connection. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEvaluator } from '../../src/policy/evaluate.js';
import { asked, connection, ends, policy } from './cases.js';
import { naive } from './naive.js';
import { read } from './written.js';

const CASES = process.env['CROSSTALK_LONG'] === '1' ? 20_000 : 500;

test(`${CASES} sets of policies decide as sets of what they allow and deny do`, () => {
  const answers = { allowed: 0, denied: 0 };
  fc.assert(
    fc.property(
      fc.boolean().chain((ipv6) =>
        fc.record({
          ipv6: fc.constant(ipv6),
          localOnly: fc.boolean(),
          policies: fc.array(policy, { minLength: 1, maxLength: 3 }),
          connections: fc.array(asked(ends(ipv6).length), { minLength: 4, maxLength: 4 }),
        }),
      ),
      ({ ipv6, localOnly, policies, connections }) => {
        const all = ends(ipv6);
        const cluster = { name: 'default', localOnly };
        const evaluate = createEvaluator(read(policies, { cluster }), { cluster, hostFirewall: false });
        for (const one of connections) {
          const world = { ends: all, ports: [one.port] };
          const decision = evaluate(connection(one, all));
          for (const direction of ['egress', 'ingress'] as const) {
            const ours =
              decision[direction].answer === 'subject_to_l7' ? 'allowed' : decision[direction].answer;
            const theirs = naive(policies, one, direction, world, localOnly);
            expect({ one, direction, answer: ours }).toEqual({ one, direction, answer: theirs });
            answers[theirs]++;
          }
        }
      },
    ),
    { seed: 20_261_122, numRuns: CASES },
  );
  // Each word often enough that agreement is no accident.
  for (const count of Object.values(answers)) expect(count).toBeGreaterThan(CASES);
});

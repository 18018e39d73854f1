/** Whatever a name holds, a scrape stays one that Prometheus reads, with as many series as there are names. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FAMILIES } from '../../src/account/families.js';
import { createExposition } from '../../src/expose/registry.js';
import { arrival, T0, tenantParty } from '../fixtures/flows.js';
import { createWholePipeline } from '../fixtures/pipeline.js';
import { promtool } from '../tools.js';

const LONG = process.env['CROSSTALK_LONG'] === '1';
const NAMES = 5_000; // fewer than the pipeline has room for
const RUNS = LONG ? 200 : 2;

/** Anything, and what has a meaning in the text format more often than chance would bring it. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc
    .array(
      fc.constantFrom(
        '"',
        '\\',
        '\n',
        '\r',
        '{',
        '}',
        ',',
        '=',
        '# HELP x\n',
        '\\n',
        '\u2028',
        '\u0000',
        'a',
        '__proto__',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
);

test(
  `promtool accepts what ${(NAMES * RUNS).toLocaleString('en')} hostile names make, each its own series`,
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(hostile, { minLength: NAMES, maxLength: NAMES, size: 'max' }),
        async (names) => {
          const { numbers } = createWholePipeline();
          for (const name of names)
            numbers.ledger.crossing({
              flow: arrival(),
              source: tenantParty(name),
              destination: tenantParty('team-a'),
              occurrence: { connection: 1, isNew: true, verdict: 'allowed' },
              agreement: undefined,
              policies: [],
              seenAt: T0,
            });
          const text = await createExposition(FAMILIES, numbers, { defaults: false }).render();
          expect(text.match(/^crosstalk_cross_tenant_connections_total\{/gm)).toHaveLength(NAMES);
          const { status, stdout, stderr } = spawnSync(promtool(), ['check', 'metrics'], {
            input: text,
            encoding: 'utf8',
          });
          expect(stdout + stderr).toBe('');
          expect(status).toBe(0);
        },
      ),
      { numRuns: RUNS, seed: 20_261_122, endOnFailure: true },
    ),
  600_000,
);

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// .ci/run names a file here to count the totals from.
const results = process.env['CROSSTALK_TEST_RESULTS'];

/** Each measures, or overruns a queue on purpose: one after the other, with nothing beside them. */
const ALONE = ['overflow', 'faultruns', 'latency'].map((name) => `test/interop/${name}.test.ts`);

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
    projects: [
      {
        extends: true,
        test: {
          // Mostly waits for what Hubble does after seconds.
          name: 'together',
          include: ['test/interop/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 5,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ALONE,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    globalSetup: 'test/interop/setup.ts',
    testTimeout: 300_000,
    hookTimeout: 120_000,
    pool: 'forks',
  },
});

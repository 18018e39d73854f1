import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// .ci/run names a file here to count the totals from.
const results = process.env['CROSSTALK_TEST_RESULTS'];

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/kubernetes/**/*.test.ts'],
    globalSetup: 'test/kubernetes/setup.ts',
    // A slow machine is not a failing one: the limit only ends tests that hang.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A file that nobody has read is not written by the way.
    update: process.argv.includes('-u') ? 'all' : 'none',
    pool: 'forks',
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
  },
});

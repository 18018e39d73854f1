import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// .ci/run names a file here to count the totals from.
const results = process.env['CROSSTALK_TEST_RESULTS'];

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/interop/**/*.test.ts'],
    globalSetup: 'test/interop/setup.ts',
    // Each file starts clusters of processes of its own: one after the other they find a machine that is theirs.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    pool: 'forks',
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
  },
});

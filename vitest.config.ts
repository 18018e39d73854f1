import { defineConfig } from 'vitest/config';

// .ci/run names a file here to count the totals from.
const results = process.env['CROSSTALK_TEST_RESULTS'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need more than npm and have configurations of their own: npm run test:interop, test:kubernetes, test:image.
    exclude: ['test/interop/**', 'test/kubernetes/**', 'test/image/**'],
    // A slow machine is not a failing one: the limit only ends tests that hang.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
  },
});

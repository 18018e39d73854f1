import { defineConfig } from 'vitest/config';

// .ci/run names a file here to count the totals from.
const results = process.env['CROSSTALK_TEST_RESULTS'];

/** The tests of the container image: they need podman and root, and run by `npm run test:image`. */
export default defineConfig({
  test: {
    include: ['test/image/**/*.test.ts'],
    // The image is built first. A slow machine is not a failing one: the limits only end what hangs.
    testTimeout: 120_000,
    hookTimeout: 1_200_000,
    pool: 'forks',
    reporters: results === undefined ? ['verbose'] : ['verbose', ['json', { outputFile: results }]],
  },
});

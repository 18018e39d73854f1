import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A slow machine is not a failing one: the limit only ends tests that hang.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
  },
});

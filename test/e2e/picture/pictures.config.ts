import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** `npm run pictures`: not a test, but it runs on what the tests run on. */
export default defineConfig({
  root: fileURLToPath(new URL('../../..', import.meta.url)),
  test: { include: ['test/e2e/picture/pictures.run.ts'], testTimeout: 1_200_000, pool: 'forks' },
});

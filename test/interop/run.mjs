// Runs the tests against the real Hubble; arguments go to vitest.
//
//   npm run test:interop
//   npm run test:interop -- situations        files whose path has the word
//
// Where Go is missing it fails, unless CROSSTALK_INTEROP=optional says that it may.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

if (spawnSync('go', ['version']).error) {
  const optional = process.env.CROSSTALK_INTEROP === 'optional';
  console.error(
    'The tests against the real Hubble need Go, which is not on the PATH: none of them ran.\n' +
      'Install it from https://go.dev/dl (Debian: apt-get install golang-go; any version from 1.21 on fetches the one it needs)' +
      (optional ? '.' : ',\nor set CROSSTALK_INTEROP=optional to pass without them.'),
  );
  process.exit(optional ? 0 : 1);
}
const { status } = spawnSync(
  process.execPath,
  [
    `${root}/node_modules/vitest/vitest.mjs`,
    'run',
    '--config',
    'test/interop/vitest.config.ts',
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);

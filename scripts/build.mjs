// Compiles src/ to dist/ and makes the command executable. dist/ is emptied
// first: a module that was deleted from src/ must not linger and be imported.
import { chmodSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
rmSync(`${root}/dist`, { recursive: true, force: true });
const tsc = spawnSync(
  process.execPath,
  [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tsconfig.json`],
  {
    stdio: 'inherit',
  },
);
if (tsc.status === 0) chmodSync(`${root}/dist/main.js`, 0o755);
process.exitCode = tsc.status ?? 1;

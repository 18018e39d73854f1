// Compiles src/ to dist/, bundles what runs in the page into one file, and makes the
// command executable. dist/ is emptied first: a module that was deleted from src/ must
// not linger and be imported.
import { chmodSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

function compile(...options) {
  const tsc = [`${root}/node_modules/typescript/bin/tsc`, ...options];
  return spawnSync(process.execPath, tsc, { stdio: 'inherit' }).status === 0;
}

rmSync(`${root}/dist`, { recursive: true, force: true });
const isCompiled =
  compile('-p', `${root}/tsconfig.json`) && compile('-p', `${root}/src/expose/page/browser/tsconfig.json`);
if (isCompiled) {
  chmodSync(`${root}/dist/main.js`, 0o755);
  await build({
    entryPoints: [`${root}/src/expose/page/browser/main.ts`],
    outfile: `${root}/dist/expose/page/browser.js`,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    logLevel: 'warning',
  });
}
process.exitCode = isCompiled ? 0 : 1;

// What the tests against programs written in Go share: the programs are built
// from the Go module proxy into .cache/, once, and vitest runs what uses them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const INSTALL =
  'Install it from https://go.dev/dl (Debian: apt-get install golang-go; any version from 1.21 on fetches the one it needs)';

/**
 * What `go version` says; it belongs to what a build was made from.
 *
 * @param {string} what such as "the real Hubble"
 * @throws Error when Go is missing
 */
export function goVersion(what) {
  const go = spawnSync('go', ['version'], { encoding: 'utf8' });
  if (go.error) throw new Error(`The tests against ${what} need Go, which is not on the PATH. ${INSTALL}.`);
  return go.stdout;
}

/**
 * Fills a directory by `make`, unless it was filled from the same things before.
 * It is made beside and moved into place: a build that was cut off leaves
 * nothing that looks whole.
 *
 * @param {string} directory
 * @param {string} from fingerprint of all that the build depends on
 * @param {(fresh: string) => void} make
 */
export function builtOnce(directory, from, make) {
  const stamp = join(directory, 'built-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === from) return;
  const fresh = `${directory}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    make(fresh);
    writeFileSync(join(fresh, 'built-from'), from);
    rmSync(directory, { recursive: true, force: true });
    renameSync(fresh, directory);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * Builds something in a module of ours.
 *
 * @param {string} what
 * @param {string} cwd
 * @param {readonly string[]} args of go, such as ['build', './node']
 */
export function go(what, cwd, args) {
  const jobs = process.env.CROSSTALK_INTEROP_BUILD_JOBS ?? '2';
  console.error(`building ${what} (some minutes the first time)`);
  const { status } = spawnSync('go', args, {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: `-mod=readonly -p=${jobs}`, GOWORK: 'off' },
  });
  if (status !== 0) throw new Error(`go ${args[0]} of ${what} failed; what it said is above`);
}

/**
 * Runs tests that need Go, with the arguments of this process for vitest, and
 * ends the process as they end. Where Go is missing that is a failure, unless
 * CROSSTALK_INTEROP=optional says that it may be.
 *
 * @param {string} what
 * @param {string} config of vitest, from the root of the project
 */
export function runTests(what, config) {
  if (spawnSync('go', ['version']).error) {
    const optional = process.env.CROSSTALK_INTEROP === 'optional';
    console.error(
      `The tests against ${what} need Go, which is not on the PATH: none of them ran.\n${INSTALL}` +
        (optional ? '.' : ',\nor set CROSSTALK_INTEROP=optional to pass without them.'),
    );
    process.exit(optional ? 0 : 1);
  }
  const { status } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config, ...process.argv.slice(2)],
    { cwd: ROOT, stdio: 'inherit' },
  );
  process.exit(status ?? 1);
}

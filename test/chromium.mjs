// Chromium for the tests, the benchmark and the pictures of the page: the one on the PATH, else Debian's
// packages with what this machine lacks for them, unpacked into .cache/chromium (nothing is installed, no
// root needed). A missing browser is a failure, never a skipped test.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const CACHE = fileURLToPath(new URL('../.cache', import.meta.url));
const HOME = join(CACHE, 'chromium');
const BINARY = join(HOME, 'usr/lib/chromium/chromium');
/** Longer than any download takes: whoever held the lock is gone. */
const STALE_MS = 300_000;

/**
 * @param {{ args?: string[] }} [options] more switches
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function startBrowser({ args = [] } = {}) {
  const executablePath = await binary();
  const libraries = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].flatMap((machine) =>
    // What belongs to PulseAudio alone stands in a folder of its own.
    [machine, `${machine}/pulseaudio`].map((folder) => join(HOME, 'usr/lib', folder)),
  );
  return chromium.launch({
    executablePath,
    // In a container there is no sandbox to be had, and what is opened here is ours.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--force-color-profile=srgb', ...args],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: libraries.join(':'),
    },
  });
}

async function binary() {
  for (const command of ['chromium', 'chromium-browser', 'google-chrome'])
    if (spawnSync(command, ['--version']).status === 0)
      return execFileSync('which', [command], { encoding: 'utf8' }).trim();
  if (existsSync(BINARY)) return BINARY;
  mkdirSync(CACHE, { recursive: true });
  const lock = join(CACHE, 'chromium.lock');
  while (!taken(lock)) {
    await sleep(200);
    if (existsSync(BINARY)) return BINARY;
  }
  try {
    if (!existsSync(BINARY)) unpack();
  } catch (cause) {
    throw new Error(
      "the tests need Chromium, which is not on the PATH and could not be unpacked from Debian's packages. Install it " +
        '(Debian: apt-get update && apt-get install chromium) and run the tests again.',
      { cause },
    );
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
  return BINARY;
}

/** @param {string} lock */
function taken(lock) {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > STALE_MS) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function unpack() {
  const unfinished = `${HOME}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  // What an installation would bring here is what this machine lacks.
  const plan = execFileSync('apt-get', ['-s', '--no-install-recommends', 'install', 'chromium'], {
    encoding: 'utf8',
  });
  const packages = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name ?? '');
  execFileSync('apt-get', ['download', ...packages], { cwd: unfinished, stdio: 'pipe' });
  for (const archive of readdirSync(unfinished).filter((file) => file.endsWith('.deb'))) {
    execFileSync('dpkg-deb', ['-x', archive, unfinished], { cwd: unfinished, stdio: 'pipe' });
    rmSync(join(unfinished, archive));
  }
  renameSync(unfinished, HOME);
}

/**
 * Tools that the tests need beyond npm's packages. Each is taken from the PATH;
 * where it is missing, Debian's package is unpacked into .cache/tools (nothing is
 * installed, no root needed). A missing tool is a failure, never a skipped test.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../.cache/tools', import.meta.url));

/** Path of Prometheus' `promtool`. */
export function promtool(): string {
  return tool('promtool', 'prometheus');
}

/** Path of `prometheus` itself. */
export function prometheus(): string {
  return tool('prometheus', 'prometheus');
}

function tool(command: string, debianPackage: string): string {
  if (spawnSync(command, ['--version']).status === 0) return command;
  const cached = join(CACHE, 'usr/bin', command);
  if (existsSync(cached)) return cached;
  try {
    mkdirSync(CACHE, { recursive: true });
    execFileSync('apt-get', ['download', debianPackage], { cwd: CACHE, stdio: 'pipe' });
    const archive = readdirSync(CACHE).find((f) => f.startsWith(`${debianPackage}_`) && f.endsWith('.deb'));
    execFileSync('dpkg-deb', ['-x', archive ?? '', CACHE], { cwd: CACHE, stdio: 'pipe' });
  } catch (cause) {
    throw new Error(
      `the tests need ${command}, which is not on the PATH and could not be unpacked from Debian's package ` +
        `${debianPackage}. Install it (Debian: apt-get update && apt-get install ${debianPackage}; ` +
        `elsewhere: the ${debianPackage} release for your system) and run the tests again.`,
      { cause },
    );
  }
  return cached;
}

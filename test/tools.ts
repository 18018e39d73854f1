/**
 * Tools that the tests need beyond npm's packages. Each is taken from the PATH;
 * where it is missing, Debian's package is unpacked into .cache/tools (nothing is
 * installed, no root needed). A missing tool is a failure, never a skipped test.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
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

/**
 * `alertmanager`, and where it has to be started. Debian calls it
 * `prometheus-alertmanager` and has it read its templates under /usr/share, where
 * nothing is when the package was only unpacked: a copy reads them where it stands.
 */
export function alertmanager(): { readonly command: string; readonly cwd: string | undefined } {
  if (spawnSync('alertmanager', ['--version']).status === 0)
    return { command: 'alertmanager', cwd: undefined };
  const command = tool('prometheus-alertmanager', 'prometheus-alertmanager');
  if (existsSync(join(SHARE, 'default.tmpl'))) return { command, cwd: undefined };
  return { command: withTemplatesHere(command), cwd: join(CACHE, SHARE) };
}

const SHARE = '/usr/share/prometheus/alertmanager';

function withTemplatesHere(command: string): string {
  const copy = `${command}-here`;
  if (existsSync(copy)) return copy;
  const here = `.${'/'.repeat(SHARE.length - 1)}`;
  const program = readFileSync(command, 'latin1').replaceAll(SHARE, here);
  const unfinished = `${copy}.${process.pid}`;
  writeFileSync(unfinished, program, { encoding: 'latin1', mode: 0o755 });
  renameSync(unfinished, copy);
  return copy;
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

/**
 * Files of Debian packages, unpacked without being installed, from the release that
 * the image is based on, whatever this machine runs.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './podman.js';

/** apt with lists and settings of its own: one release, one mirror, nothing of the machine's. */
function aptOptions(release: string): string[] {
  const home = join(CACHE, release);
  const sources = join(home, 'debian.sources');
  if (!existsSync(sources)) {
    mkdirSync(join(home, 'lists/partial'), { recursive: true });
    mkdirSync(join(home, 'archives/partial'), { recursive: true });
    writeFileSync(
      sources,
      `Types: deb\nURIs: http://deb.debian.org/debian\nSuites: ${release}\nComponents: main\n` +
        'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n',
    );
    execFileSync('apt-get', [...settings(home, sources), 'update', '-qq'], { stdio: 'pipe' });
  }
  return settings(home, sources);
}

function settings(home: string, sources: string): string[] {
  return [
    `Dir::Etc::sourcelist=${sources}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(home, 'lists')}`,
    `Dir::Cache=${home}`,
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
  ].flatMap((setting) => ['-o', setting]);
}

/** Unpacks packages of a Debian release into a directory; their scripts are not run. */
export function unpackDebian(release: string, packages: readonly string[], into: string): void {
  const options = aptOptions(release);
  const archives = join(CACHE, release, 'packages');
  mkdirSync(archives, { recursive: true });
  const archiveOf = (name: string) => readdirSync(archives).find((file) => file.startsWith(`${name}_`));
  const wanted = packages.filter((name) => archiveOf(name) === undefined);
  if (wanted.length > 0)
    execFileSync('apt-get', [...options, 'download', '-qq', ...wanted], { cwd: archives, stdio: 'pipe' });
  mkdirSync(into, { recursive: true });
  for (const name of packages)
    execFileSync('dpkg-deb', ['-x', join(archives, archiveOf(name) ?? name), into]);
}

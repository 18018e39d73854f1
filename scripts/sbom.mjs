// Prints the bill of materials of what is shipped, in CycloneDX, by npm itself.
//
// npm's own `--omit dev` leaves out what is needed at run time *and* by a tool of development
// (npm 11.19: zod, yaml, ajv). So npm is shown a lockfile in which only production packages stand.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const read = (file) => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'));

const manifest = read('package.json');
delete manifest.devDependencies;
const lock = read('package-lock.json');
delete lock.packages[''].devDependencies;
for (const [path, { dev }] of Object.entries(lock.packages)) if (dev) delete lock.packages[path];

const work = mkdtempSync(join(tmpdir(), 'crosstalk-sbom-'));
try {
  const directory = join(work, manifest.name); // npm takes the name from it
  mkdirSync(directory);
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(directory, 'package-lock.json'), JSON.stringify(lock));
  const npm = spawnSync(
    'npm',
    ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'],
    { cwd: directory, stdio: 'inherit' },
  );
  process.exitCode = npm.status ?? 1;
} finally {
  rmSync(work, { recursive: true });
}

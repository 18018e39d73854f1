// Builds Hubble's own relay, node and command of each Cilium version into
// .cache/interop/<version>/ from the Go module proxy. What is built already is
// kept: a second run only compares what it was built from.
//
//   node test/interop/build.mjs              all versions
//   node test/interop/build.mjs 1.19         one of them
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtOnce, go, goVersion } from '../gobuild.mjs';

const SOURCE = fileURLToPath(new URL('go', import.meta.url));
const CACHE = fileURLToPath(new URL('../../.cache/interop', import.meta.url));
const CILIUM = 'github.com/cilium/cilium';

/** The versions that the tests run against, newest first, and how each is built. */
export const versions = [
  // policy/ drives the policy engine, whose inside differs in each version: the newest is what policies are written for.
  { minor: '1.19', module: 'go.mod', tags: [], own: ['node', 'policy'] },
  { minor: '1.16', module: 'cilium-1.16.mod', tags: ['cilium1_16'], own: ['node'] },
].map((version) => ({ ...version, patch: patchOf(version.module) }));

/** The exact version that a module file asks for, such as 1.19.7. */
function patchOf(module) {
  const [, patch] =
    /github\.com\/cilium\/cilium v([\d.]+)/.exec(readFileSync(join(SOURCE, module), 'utf8')) ?? [];
  if (patch === undefined) throw new Error(`${module} does not require ${CILIUM}`);
  return patch;
}

/**
 * Builds one version unless it is built already.
 *
 * @param {typeof versions[number]} version
 * @returns paths of the programs
 * @throws Error when Go is missing or the build fails
 */
export function build(version) {
  const directory = join(CACHE, version.patch);
  builtOnce(directory, fingerprint(version, goVersion('the real Hubble')), (fresh) =>
    go(`Hubble ${version.patch}`, SOURCE, buildArguments(version, fresh)),
  );
  return {
    node: join(directory, 'node'),
    relay: join(directory, 'hubble-relay'),
    hubble: join(directory, 'hubble'),
    policy: version.own.includes('policy') ? join(directory, 'policy') : undefined,
  };
}

function buildArguments(version, directory) {
  // As Cilium's Makefiles set it, but for the commit: relay and nodes tell it as their version.
  const told = `${version.patch} interop 2026-01-01T00:00:00+00:00`;
  return [
    'build',
    `-modfile=${version.module}`,
    `-tags=${version.tags.join(',')}`,
    `-ldflags=-s -w -X "${CILIUM}/pkg/version.ciliumVersion=${told}" -X "${CILIUM}/hubble/pkg.Version=v${version.patch}"`,
    `-o=${directory}/`,
    ...version.own.map((name) => `./${name}`),
    `${CILIUM}/hubble-relay`,
    `${CILIUM}/hubble`,
  ];
}

function fingerprint(version, compiler) {
  const hash = createHash('sha256').update(compiler);
  const ours = version.own.flatMap((folder) =>
    readdirSync(join(SOURCE, folder)).map((name) => join(folder, name)),
  );
  for (const file of [version.module, version.module.replace(/\.mod$/, '.sum'), ...ours.sort()])
    hash.update(file).update(readFileSync(join(SOURCE, file)));
  return hash.update(buildArguments(version, '').join(' ')).digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((minor) => !versions.some((version) => version.minor === minor));
  if (unknown.length > 0) {
    console.error(
      `no version ${unknown.join(', ')}: there are ${versions.map(({ minor }) => minor).join(', ')}`,
    );
    process.exit(2);
  }
  try {
    for (const version of versions)
      if (asked.length === 0 || asked.includes(version.minor)) console.log(build(version).node);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

/**
 * Stand-ins for the images that the Dockerfile starts from, where no registry can be
 * reached: the same Debian packages, as the distroless project lists them (its
 * static/, base/, cc/ and nodejs/ config.bzl), and Node.js from the npm registry.
 * They are called what the Dockerfile calls the real ones, and are not those.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { unpackDebian } from './debian.js';
import { CACHE, importImage } from './podman.js';

const RUNTIME_PACKAGES = [
  ...['base-files', 'netbase', 'tzdata', 'tzdata-legacy', 'media-types'],
  ...['libc6', 'libssl3t64', 'libzstd1', 'zlib1g'],
  ...['libgomp1', 'libstdc++6', 'libgcc-s1', 'gcc-14-base'],
];
/** What npm and the RUN lines of the build stages call. */
const BUILD_PACKAGES = [
  ...['dash', 'coreutils', 'findutils'],
  ...['libacl1', 'libattr1', 'libcap2', 'libgmp10', 'libpcre2-8-0', 'libselinux1', 'libsystemd0'],
];
const PATH = 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

const RELEASE = 'trixie';
const KNOWN = [
  { name: /^gcr\.io\/distroless\/nodejs(\d+)-debian13:nonroot$/, make: runtimeImage },
  { name: /^node:(\d+)-trixie-slim$/, make: buildImage },
];

/** Makes the stand-in for one base image, by the name that a FROM line gives it. */
export function makeBase(name: string): void {
  for (const known of KNOWN) {
    const [, major] = known.name.exec(name) ?? [];
    if (major === undefined) continue;
    inWorkRoot((root) => known.make(root, major, name));
    return;
  }
  throw new Error(
    `no stand-in is known for the base image ${name}: teach test/image/bases.ts what is in it, ` +
      'or name a built image in CROSSTALK_IMAGE',
  );
}

function inWorkRoot(make: (root: string) => void): void {
  const work = mkdtempSync(join(CACHE, 'base-'));
  try {
    const root = join(work, 'root');
    unpackDebian(RELEASE, RUNTIME_PACKAGES, root);
    settle(root);
    make(root);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** As distroless': users, and the authorities that this machine trusts. */
function settle(root: string): void {
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  );
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnonroot:x:65532:\n');
  mkdirSync(join(root, 'etc/ssl/certs'), { recursive: true });
  copyFileSync(CERTIFICATES, join(root, CERTIFICATES));
}

function runtimeImage(root: string, major: string, name: string): void {
  const node = npmPackage(`node-linux-${process.arch}`, major);
  mkdirSync(join(root, 'nodejs/bin'), { recursive: true });
  copyFileSync(join(node, 'bin/node'), join(root, 'nodejs/bin/node'));
  copyFileSync(join(node, 'LICENSE'), join(root, 'nodejs/LICENSE'));
  importImage(root, name, [
    ...[PATH, `ENV SSL_CERT_FILE=${CERTIFICATES}`],
    ...['USER 65532', 'WORKDIR /home/nonroot', 'ENTRYPOINT ["/nodejs/bin/node"]'],
  ]);
}

function buildImage(root: string, major: string, name: string): void {
  unpackDebian(RELEASE, BUILD_PACKAGES, root);
  const local = join(root, 'usr/local');
  mkdirSync(join(local, 'bin'), { recursive: true });
  copyFileSync(join(npmPackage(`node-linux-${process.arch}`, major), 'bin/node'), join(local, 'bin/node'));
  cpSync(npmPackage('npm', '11'), join(local, 'lib/node_modules/npm'), { recursive: true });
  chmodSync(join(local, 'lib/node_modules/npm/bin/npm-cli.js'), 0o755);
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'));
  importImage(root, `docker.io/library/${name}`, [PATH, `ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`]);
}

/** A package of the npm registry, unpacked; no script of it is run. */
function npmPackage(name: string, range: string): string {
  const prefix = join(CACHE, 'npm', `${name}-${range}`);
  mkdirSync(prefix, { recursive: true });
  execFileSync(
    'npm',
    ['install', '--prefix', prefix, '--no-save', '--ignore-scripts', '--no-audit', `${name}@${range}`],
    { stdio: 'pipe', cwd: prefix },
  );
  return join(prefix, 'node_modules', name);
}

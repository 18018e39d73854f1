/**
 * The image under test: built from the repository's Dockerfile by podman, or the one
 * that CROSSTALK_IMAGE names (a release is tested so, as it was published).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeBase } from './bases.js';
import { CACHE, needPodman, podman, ROOT, tryPodman } from './podman.js';

const Inspected = z
  .array(
    z.object({
      Config: z.object({
        User: z.string(),
        Entrypoint: z.array(z.string()),
        Cmd: z.array(z.string()),
        Labels: z.record(z.string(), z.string()),
      }),
      Healthcheck: z.object({ Test: z.array(z.string()) }).optional(),
    }),
  )
  .length(1);

export interface Image {
  readonly name: string;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Where its files are to be read, until `release`. */
  readonly root: string;
  readonly release: () => void;
}

/** Builds or pulls the image. */
export function openImage(version: string): Image {
  needPodman();
  const named = process.env['CROSSTALK_IMAGE'];
  const name = named ?? 'localhost/crosstalk:test';
  if (named === undefined) build(name, version);
  else if (tryPodman('image', 'exists', named).status !== 0) podman('pull', '--quiet', named);
  const [inspected] = Inspected.parse(JSON.parse(podman('image', 'inspect', name)));
  if (inspected === undefined) throw new Error(`podman knows nothing of ${name}`);
  const { Config, Healthcheck } = inspected;
  return {
    name,
    user: Config.User,
    entrypoint: Config.Entrypoint,
    command: Config.Cmd,
    healthcheck: Healthcheck?.Test.slice(1) ?? writtenHealthcheck(),
    labels: Config.Labels,
    root: podman('image', 'mount', name),
    release: () => podman('image', 'unmount', name),
  };
}

/** podman shows the HEALTHCHECK of Docker's image format only, and what a release publishes is of OCI's. */
function writtenHealthcheck(): string[] {
  const [, command = ''] =
    /^HEALTHCHECK[^[]*CMD (\[.*\])$/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')) ?? [];
  return z.array(z.string()).parse(JSON.parse(command));
}

function build(name: string, version: string): void {
  // Where a registry of images can be reached, the real bases are better than the best stand-ins.
  const real = process.env['CROSSTALK_IMAGE_BASES'] === 'real';
  // HEALTHCHECK is of Docker's format, not of OCI's. What npm fetched once is kept between runs.
  const npmCache = join(CACHE, 'npm-cache');
  mkdirSync(npmCache, { recursive: true });
  podman(
    ...['build', '--isolation', 'chroot', '--format', 'docker', '--layers=false'],
    ...(real ? ['--pull-always'] : ['--pull=never', '--file', onStandIns()]),
    ...['--volume', `${npmCache}:/root/.npm`, '--build-arg', `VERSION=${version}`, '--tag', name, '.'],
  );
}

/** The Dockerfile, with stand-ins for its bases made: those have the real ones' names, not their digests. */
function onStandIns(): string {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').replaceAll(/@sha256:[0-9a-f]{64}/g, '');
  const bases = [...dockerfile.matchAll(/^FROM (?:--platform=\S+ )?(\S+)/gm)].map(([, base = '']) => base);
  for (const base of new Set(bases)) makeBase(base);
  const copy = join(CACHE, 'Dockerfile');
  writeFileSync(copy, dockerfile);
  return copy;
}

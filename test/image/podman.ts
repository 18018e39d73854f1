/**
 * podman over a storage of its own in .cache/image, so that no image of the machine
 * is used or touched. Containers run by runc, as on most nodes: an OCI runtime
 * enforces what Kubernetes asks of it, not the test.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const CACHE = join(ROOT, '.cache/image');

const STORAGE = [
  ...['--root', join(CACHE, 'storage'), '--runroot', join(CACHE, 'run'), '--storage-driver', 'overlay'],
  ...['--runtime', 'runc', '--cgroup-manager', 'cgroupfs', '--events-backend', 'none'],
];

/** Fails with what to do where the image cannot be built or run. */
export function needPodman(): void {
  const missing = ['podman', 'runc'].filter((tool) => spawnSync(tool, ['--version']).status !== 0);
  if (missing.length > 0)
    throw new Error(
      `the image's tests need ${missing.join(' and ')} on the PATH ` +
        '(Debian and Ubuntu: apt-get install --no-install-recommends podman runc); none of them ran',
    );
  if (process.getuid?.() !== 0)
    throw new Error(
      "the image's tests start containers with limits that only root may set: run them as root " +
        '(sudo --preserve-env=PATH npm run test:image); none of them ran',
    );
  mkdirSync(CACHE, { recursive: true });
}

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * podman starts itself anew from a sealed copy in memory, and the kernel refuses the seal with EBUSY while a page of it is
 * still in use elsewhere (memfd_wait_for_pins, mm/memfd.c, gives up after some 200 ms). It says nothing of the image.
 */
const NOT_SEALED = 'sealing memfd copy: Device or resource busy';
const TRIES = 10;

/** Runs podman and gives whatever came of it. */
export function tryPodman(...args: readonly string[]): Answer {
  for (let left = TRIES - 1; ; left -= 1) {
    const answer = spawnSync('podman', [...STORAGE, ...args], {
      encoding: 'utf8',
      cwd: ROOT,
      maxBuffer: 64 << 20,
    });
    if (left === 0 || answer.status === 0 || !answer.stderr.includes(NOT_SEALED)) return answer;
  }
}

/** Runs podman, which has to work; what it printed. */
export function podman(...args: readonly string[]): string {
  const { status, stdout, stderr } = tryPodman(...args);
  if (status !== 0) throw new Error(`podman ${args.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout.trim();
}

/** Makes an image of a directory, with settings as a Dockerfile's instructions. */
export function importImage(directory: string, name: string, changes: readonly string[]): void {
  const archive = `${directory}.tar`;
  execFileSync('tar', ['-C', directory, '--owner=0', '--group=0', '-cf', archive, '.']);
  podman('import', ...changes.flatMap((change) => ['--change', change]), archive, name);
}

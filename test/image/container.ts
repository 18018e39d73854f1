/**
 * A container of the image under what Kubernetes' `restricted` pods run under: not
 * root, a read-only root filesystem, no capability, no new privileges, the runtime's
 * seccomp profile; and no network but loopback.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { podman, tryPodman } from './podman.js';

const RESTRICTED = [
  ...['--read-only', '--read-only-tmpfs=false', '--cap-drop=all', '--security-opt=no-new-privileges'],
  ...['--no-healthcheck', '--memory=256m'],
  // podman would raise these, which a container within a container may not.
  ...['--ulimit=nofile=1024:1024', '--ulimit=nproc=1024:1024'],
];

export class Container {
  readonly id: string;

  constructor(image: string, args: readonly string[], options: readonly string[] = ['--network=none']) {
    this.id = podman('run', '--detach', ...RESTRICTED, ...options, image, ...args);
  }

  /** What the kernel says of the container's first process. */
  proc(file: string): string {
    return readFileSync(`/proc/${podman('inspect', '--format', '{{.State.Pid}}', this.id)}/${file}`, 'utf8');
  }

  exec(command: readonly string[]): number | null {
    return tryPodman('exec', this.id, ...command).status;
  }

  log(): string {
    const { stdout, stderr } = tryPodman('logs', this.id);
    return stdout + stderr;
  }

  /** Answer of its web side, asked from inside: nothing else reaches it. */
  get(path: string, port = 9967): { readonly status: number; readonly body: string } {
    const script =
      `const r = await fetch('http://127.0.0.1:${port}${path}'); ` +
      'process.stdout.write(r.status + "\\n" + await r.text());';
    const { status, stdout } = tryPodman(
      ...['exec', this.id, '/nodejs/bin/node', '--input-type=module', '--eval', script],
    );
    const line = stdout.indexOf('\n');
    if (status !== 0) return { status: 0, body: '' };
    return { status: Number(stdout.slice(0, line)), body: stdout.slice(line + 1) };
  }

  /** Asks until the answer is what is waited for; a container that ended is an error. */
  async until(
    path: string,
    good: (answer: { status: number; body: string }) => boolean,
    port?: number,
  ): Promise<string> {
    for (;;) {
      const answer = this.get(path, port);
      if (good(answer)) return answer.body;
      if (podman('inspect', '--format', '{{.State.Running}}', this.id) !== 'true')
        throw new Error(`the container has ended:\n${this.log()}`);
      await sleep(200);
    }
  }

  /** Ends it as Kubernetes does; its exit code. */
  terminate(): number {
    podman('kill', '--signal', 'TERM', this.id);
    return Number(podman('wait', this.id));
  }

  remove(): void {
    tryPodman('rm', '--force', '--time', '0', this.id);
  }
}

/** Runs a command in the image to its end, as restricted. */
export function runOnce(image: string, entrypoint: string, args: readonly string[]) {
  return tryPodman(
    'run',
    '--rm',
    '--network=none',
    ...RESTRICTED,
    '--entrypoint',
    entrypoint,
    image,
    ...args,
  );
}

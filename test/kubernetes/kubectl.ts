/** The real kubectl, with the kustomize that is built into it. */
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';

/** What it prints. Rejects with what it says when it fails. */
export async function kubectl(
  ...args: readonly string[]
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { programs, kubeconfig } = inject('kubernetes');
  return await promisify(execFile)(programs.kubectl, ['--kubeconfig', kubeconfig, ...args], {
    // What it remembers of a server it keeps at home, which must not outlive the server.
    env: { PATH: process.env['PATH'], HOME: dirname(kubeconfig) },
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** The real helm, run as its users run it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { type KubernetesObject, parseObjects } from './objects.js';

/** The chart of this project. */
export const CHART = fileURLToPath(new URL('../../deploy/helm/crosstalk', import.meta.url));

/** What a user may say on the command line. */
export interface Asked {
  /** As in a file given with `--values`. */
  readonly values?: unknown;
  /** `--set`: such as `mode=daemonset`. */
  readonly set?: readonly string[];
  /** Name of the release. */
  readonly release?: string;
  readonly namespace?: string;
  /** Another chart than ours. */
  readonly chart?: string;
}

export interface Templating extends Asked {
  /** The cluster that helm is to believe in, such as `1.29.0`. Without: the newest that helm knows. */
  readonly kubeVersion?: string;
  /** APIs that the cluster has beside Kubernetes' own, such as `monitoring.coreos.com/v1/ServiceMonitor`. */
  readonly apiVersions?: readonly string[];
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `helm template`: all objects of a release. Rejects with what helm says when it fails. */
export async function template(asked: Templating = {}): Promise<KubernetesObject[]> {
  return parseObjects(await templateText(asked));
}

/** `helm template` as text, to be compared with a file. */
export async function templateText(asked: Templating = {}): Promise<string> {
  const args = ['template', asked.release ?? 'crosstalk', asked.chart ?? CHART, ...options(asked)];
  if (asked.kubeVersion !== undefined) args.push('--kube-version', asked.kubeVersion);
  for (const version of asked.apiVersions ?? []) args.push('--api-versions', version);
  return (await succeeding(args, asked.values)).stdout;
}

/** `helm lint --strict`: status 0 and what it found. */
export async function lint(asked: Omit<Asked, 'release'> = {}): Promise<Ran> {
  return await helm(['lint', asked.chart ?? CHART, '--strict', ...options(asked)], asked.values);
}

/** `helm install` into the real API server. Its warnings are in `stderr`. Rejects when it fails. */
export async function install(asked: Asked & { readonly namespace: string }): Promise<Ran> {
  return await release('install', asked);
}

/** `helm upgrade` in the real API server. */
export async function upgrade(asked: Asked & { readonly namespace: string }): Promise<Ran> {
  return await release('upgrade', asked);
}

/** `helm uninstall` from the real API server. */
export async function uninstall(namespace: string, name = 'crosstalk'): Promise<Ran> {
  return await succeeding(['uninstall', name, '--namespace', namespace]);
}

async function release(command: 'install' | 'upgrade', asked: Asked): Promise<Ran> {
  const args = [command, asked.release ?? 'crosstalk', asked.chart ?? CHART, ...options(asked)];
  return await succeeding(args, asked.values);
}

/** The objects of a release as helm keeps them. */
export async function manifest(namespace: string, name = 'crosstalk'): Promise<KubernetesObject[]> {
  return parseObjects((await succeeding(['get', 'manifest', name, '--namespace', namespace])).stdout);
}

function options({ values, set = [], namespace }: Asked): string[] {
  return [
    ...(values === undefined ? [] : ['--values', '-']),
    ...set.flatMap((one) => ['--set', one]),
    ...(namespace === undefined ? [] : ['--namespace', namespace]),
  ];
}

async function succeeding(args: readonly string[], values?: unknown): Promise<Ran> {
  const ran = await helm(args, values);
  if (ran.status !== 0) throw new Error(`helm ${args.join(' ')}: ${ran.stderr.trim()}`);
  return ran;
}

/** Any command of helm; `input` is given on its standard input as JSON. */
export async function helm(args: readonly string[], input?: unknown): Promise<Ran> {
  const { programs, kubeconfig } = inject('kubernetes');
  // What it remembers of a server it keeps at home, which must not outlive the server.
  const home = dirname(kubeconfig);
  const child = spawn(programs.helm, args, {
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      KUBECONFIG: kubeconfig,
    },
  });
  child.stdin.end(input === undefined ? undefined : JSON.stringify(input));
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { status: status ?? -1, stdout, stderr };
}

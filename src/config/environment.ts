/** Environment variables: which are ours, and which only look like it. */
import { didYouMean } from './nearest.js';
import { ALL_OPTIONS, environmentNames } from './options.js';
import type { Problem } from './problem.js';

export type Environment = Readonly<Record<string, string>>;

const KNOWN: readonly string[] = ALL_OPTIONS.flatMap((option) => environmentNames(option));

/**
 * Kubernetes sets these in every pod for every Service of the namespace; with a
 * Service named `crosstalk` or `crosstalk-web` they begin like our own
 * (kubernetes pkg/kubelet/envvars). Their values tell them from a typing mistake
 * such as CROSSTALK_WEB_PORT=9967.
 */
function isServiceLink(name: string, value: string): boolean {
  if (name.endsWith('_SERVICE_HOST')) return true;
  if (/_SERVICE_PORT(?:_[A-Z0-9_]+)?$/.test(name)) return /^\d+$/.test(value);
  if (/_PORT_\d+_(?:TCP|UDP|SCTP)_(?:PROTO|PORT|ADDR)$/.test(name)) return true;
  return /_PORT(?:_\d+_(?:TCP|UDP|SCTP))?$/.test(name) && /^(?:tcp|udp|sctp):\/\//.test(value);
}

/** The variables that are read, out of a process's many. An empty one is the same as none, as for the hubble command. */
export function pickEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === '') continue;
    const isOurs = name.startsWith('CROSSTALK_') && !isServiceLink(name, value);
    if (isOurs || KNOWN.includes(name)) picked[name] = value;
  }
  return picked;
}

/** A CROSSTALK_ variable that nothing reads was meant for something. */
export function unknownVariables(env: Environment): Problem[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('CROSSTALK_') && !KNOWN.includes(name))
    .map((name) => ({
      where: name,
      line: 0,
      column: 0,
      path: '',
      message: `unknown environment variable.${didYouMean(name, KNOWN)} Variables are named like flags: CROSSTALK_FLOWS_SINCE is --flows.since`,
    }));
}

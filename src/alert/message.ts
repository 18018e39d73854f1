/**
 * A violation as Alertmanager takes it (POST /api/v2/alerts). Labels are the
 * alert's identity: few, stable, and the same from every analyzer of a cluster.
 * All that changes is in annotations, which the newest post overwrites.
 */
import type { Verdict } from '../model.js';
import type { Example, ExamplePod } from './example.js';
import { ALERT_NAMES, runbookUrl } from './names.js';
import type { Violation } from './violations.js';

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/** Longest annotation: chat programs fold or refuse more. */
const LONGEST = 1_200;
/** Longest part of one that comes from outside: two names of the longest kind. */
const LONGEST_PART = 320;
/** A connection passes two policies as a rule, one at either end. */
const MOST_POLICIES = 5;

/** @param externalUrl where people reach the analyzer; undefined: no links */
export function alertOf(violation: Violation, externalUrl: string | undefined): Alert {
  const { cluster, source, destination, verdict, startsAt, endsAt, lastSeen, connections, example } =
    violation;
  const { alertname, severity, summary } = ALERT_NAMES[verdict];
  const found = externalUrl === undefined ? undefined : crossingsUrl(externalUrl, violation);
  return {
    labels: {
      alertname,
      severity,
      source: 'crosstalk',
      cluster,
      source_tenant: source,
      destination_tenant: destination,
    },
    annotations: {
      summary,
      description: description(violation),
      first_seen: time(startsAt),
      last_seen: time(lastSeen),
      connections: String(connections),
      // A cut command would be another one; it has safe characters only, whatever the pods are called.
      ...(example.hubbleObserve.length <= LONGEST && { hubble: example.hubbleObserve }),
      runbook_url: runbookUrl(alertname),
      ...(found !== undefined && { link: found }),
    },
    startsAt: time(startsAt),
    endsAt: time(endsAt),
    ...(found !== undefined && { generatorURL: found }),
  };
}

/** The page's view of the connections themselves. */
function crossingsUrl(externalUrl: string, { source, destination, verdict }: Violation): string {
  return `${externalUrl}/?${new URLSearchParams({ view: 'crossings', source, destination, verdict }).toString()}`;
}

/** Who, from which pod to which pod and port, since when, how many, by which policy. */
function description({ source, destination, verdict, connections, startsAt, example }: Violation): string {
  const sentences = [
    `${harmless(source)} ${DID[verdict]} ${harmless(destination)}: ${counted(connections, 'connection')} since ${time(startsAt)}.`,
    `A recent one: ${podText(example.source)} to ${podText(example.destination)} on ${portText(example)}.`,
    policySentence(example.policies, verdict),
  ];
  return cut(sentences.join(' '), LONGEST);
}

const DID: Readonly<Record<Verdict, string>> = {
  allowed: 'reached',
  audited: 'reached, past a policy that is only audited,',
  denied: 'was kept from reaching',
};

const NO_POLICY = {
  allowed:
    'Hubble named no policy that allowed it: where none selects the destination, everything is allowed.',
  denied: 'Hubble named no policy that denied it: where one selects a pod, all else is denied.',
} as const;

function policySentence(policies: readonly string[], verdict: Verdict): string {
  if (policies.length === 0) return NO_POLICY[verdict === 'denied' ? 'denied' : 'allowed'];
  const more = policies.length - MOST_POLICIES;
  const named = policies.slice(0, MOST_POLICIES).map(harmless).join(', ');
  return `${verdict === 'denied' ? 'Denied' : 'Allowed'} by ${named}${more > 0 ? ` and ${more} more` : ''}.`;
}

/** `pod default/curl (in the host cluster team-b/curl-x-default-x-team-b)`: both names, each has its reader. */
function podText({ namespace, pod, virtualNamespace, virtualPod, address }: ExamplePod): string {
  const host = pod === '' ? harmless(address) : harmless(`${namespace}/${pod}`);
  if (virtualPod === undefined) return `pod ${host}`;
  return `pod ${harmless(`${virtualNamespace ?? '?'}/${virtualPod}`)} (in the host cluster ${host})`;
}

function portText({ port, protocol }: Example): string {
  return port === undefined ? protocol : `${port}/${protocol}`;
}

/**
 * Fit for chat programs: their markup (`<!channel>`, `<https://…|text>`, `[text](…)`,
 * `@everyone`, backticks) needs characters that no name in Kubernetes has, and a
 * link needs two slashes.
 */
function harmless(text: string): string {
  const plain = text
    .replaceAll('*', '∗') // in a tenant whose namespaces are a pattern; one that is no markup
    .replace(/[^\p{L}\p{M}\p{N} _.:/?∗…-]/gu, '\ufffd')
    .replace(/\/{2,}/g, '/');
  return cut(plain, LONGEST_PART);
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

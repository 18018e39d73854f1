/** What a set of policies would do to the connections that were seen. */
import type { Verdict } from '../model.js';
import type { ClusterView } from './context.js';
import { type Basis, basisOf } from './coverage.js';
import type { Because, Decision, RuleRef } from './decision.js';
import { createEvaluator } from './evaluate.js';
import type { Finding } from './finding.js';
import { lintPolicies } from './lint.js';
import type { Observation } from './observed.js';
import { type Outcome, OUTCOMES } from './outcome.js';
import { ownerOf, portOf } from './party.js';
import type { Policy } from './rule.js';
import { inSlices } from './slices.js';
import { clusterOf, type Coverage, tell, type Told, type Watched } from './watched.js';

export interface Trial {
  readonly policies: readonly Policy[];
  /** Kinds of connections, and connections, by outcome. */
  readonly totals: Readonly<Record<Outcome, { readonly kinds: number; readonly connections: number }>>;
  /** In no order. */
  readonly groups: readonly Group[];
  readonly basis: Basis;
}

export interface DryRun extends Trial {
  /** What matters first. */
  readonly groups: readonly Group[];
  readonly findings: readonly Finding[];
}

/** Kinds of connections that are one thing to a person. */
export interface Group {
  readonly outcome: Outcome;
  readonly source: string;
  readonly sourceWorkload: string;
  readonly destination: string;
  readonly destinationWorkload: string;
  readonly relation: Told['relation'];
  readonly port: string;
  readonly expected: boolean;
  /** What decided, in words; '' where nothing changes. */
  readonly because: string;
  connections: number;
  firstSeen: number;
  lastSeen: number;
  /** The kind of which most were seen last. */
  example: Observation;
}

/** @param read the policies; what their selectors mean depends on the cluster */
export async function dryRun(
  read: (cluster: ClusterView) => readonly Policy[],
  watched: Watched,
): Promise<DryRun> {
  const told = await tell(watched);
  const cluster = await clusterOf(watched);
  const trial = await tried(read(cluster), { cluster, coverage: watched.coverage }, told);
  const groups = trial.groups.toSorted(byWeight);
  return { ...trial, groups, findings: lintPolicies(trial.policies, observedOf(told), cluster) };
}

/** Without lints, where it has been told who is who, of all connections or of some. */
export async function tried(
  policies: readonly Policy[],
  { cluster, coverage }: { readonly cluster: ClusterView; readonly coverage: Coverage },
  told: readonly Told[],
): Promise<Trial> {
  const evaluate = createEvaluator(policies, { cluster });
  const groups = new Groups();
  const totals = Object.fromEntries(
    OUTCOMES.map((outcome) => [outcome, { kinds: 0, connections: 0 }]),
  ) as Record<Outcome, { kinds: number; connections: number }>;
  await inSlices(told, (one) => {
    const decision = evaluate(one.observation);
    const outcome = outcomeOf(one, decision);
    totals[outcome].kinds += 1;
    totals[outcome].connections += one.observation.count;
    groups.enter(one, outcome, decision);
  });
  return {
    policies,
    totals,
    groups: groups.list(),
    basis: basisOf(coverage, told),
  };
}

function outcomeOf({ observation, relation, expected }: Told, { answer }: Decision): Outcome {
  if (answer === 'unknown' || answer === 'subject_to_l7') return 'unknown';
  const passed: Record<Verdict, boolean> = { allowed: true, audited: true, denied: false };
  if (!passed[observation.verdict]) return answer === 'allowed' ? 'newly_allowed' : 'still_denied';
  if (answer === 'allowed') return 'still_allowed';
  return relation === 'cross_tenant' && !expected ? 'stopped_crossing' : 'newly_denied';
}

class Groups {
  readonly #groups = new Map<string, Group>();
  readonly #numbers = new Map<string, number>();

  list(): Group[] {
    return [...this.#groups.values()];
  }

  enter(told: Told, outcome: Outcome, decision: Decision): void {
    const { observation, relation, expected, sourceWorkload, destinationWorkload } = told;
    const { count, firstSeen, lastSeen } = observation;
    const source = ownerOf(told.source);
    const destination = ownerOf(told.destination);
    const port = portOf(observation);
    const because = reasonFor(outcome, decision);
    const words = [outcome, source, sourceWorkload, destination, destinationWorkload, port, because];
    const key = `${words.map((word) => this.#number(word)).join()} ${String(expected)}`;
    const known = this.#groups.get(key);
    if (known === undefined) {
      this.#groups.set(key, {
        outcome,
        source,
        sourceWorkload,
        destination,
        destinationWorkload,
        relation,
        port,
        expected,
        because,
        connections: count,
        firstSeen,
        lastSeen,
        example: observation,
      });
      return;
    }
    known.connections += count;
    known.firstSeen = Math.min(known.firstSeen, firstSeen);
    if (lastSeen > known.lastSeen) known.example = observation;
    known.lastSeen = Math.max(known.lastSeen, lastSeen);
  }

  /** Words are many times the same, and may hold whatever would separate them. */
  #number(word: string): number {
    const known = this.#numbers.get(word) ?? this.#numbers.size;
    this.#numbers.set(word, known);
    return known;
  }
}

function byWeight(a: Group, b: Group): number {
  return OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome) || b.connections - a.connections;
}

function reasonFor(outcome: Outcome, { egress, ingress }: Decision): string {
  if (outcome === 'still_allowed' || outcome === 'still_denied') return '';
  const deciding = [
    ['egress', egress],
    ['ingress', ingress],
  ] as const;
  const wanted = { denied: 'denied', unknown: 'unknown', allowed: 'allowed' } as const;
  const word =
    outcome === 'unknown' ? wanted.unknown : outcome === 'newly_allowed' ? wanted.allowed : wanted.denied;
  return deciding
    .filter(([, { answer }]) => answer === word || (word === 'unknown' && answer === 'subject_to_l7'))
    .map(([direction, { answer, because }]) => `${direction}: ${answerWords(answer, because)}`)
    .join('; ');
}

function answerWords(answer: string, because: Because): string {
  switch (because.kind) {
    case 'default_deny':
      return `no rule of ${namedOnce(because.rules)} allows it`;
    case 'rules': {
      if (answer === 'denied') return `denied by ${named(because.rules, true)}`;
      if (answer === 'allowed') return `allowed by ${named(because.rules, true)}`;
      return `the requests decide, by ${named(because.rules, true)}`;
    }
    case 'unknown':
      return because.rules.length === 0 ? because.why : `${because.why} (${named(because.rules, true)})`;
    case 'no_policy':
      return 'no policy selects it';
    case 'no_default_deny':
      return 'policies select it, and none denies what it does not allow';
    case 'localhost':
      return 'a node always reaches its own pods';
    case 'not_an_endpoint':
      return 'no policy applies there';
  }
}

/** More than this is no longer read. */
const MOST_NAMED = 3;

/** One list of rules stands behind all that they deny. */
const denying = new WeakMap<readonly RuleRef[], string>();

function namedOnce(rules: readonly RuleRef[]): string {
  const known = denying.get(rules) ?? named(rules, false);
  denying.set(rules, known);
  return known;
}

function named(rules: readonly RuleRef[], withPath: boolean): string {
  const names = rules.map(({ policy: { namespace, name }, path }) =>
    [namespace === '' ? name : `${namespace}/${name}`, ...(withPath ? [path] : [])].join(' '),
  );
  const once = [...new Set(names)];
  const more = once.length - MOST_NAMED;
  return `${once.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What lints know of the cluster. */
function observedOf(told: readonly Told[]): Parameters<typeof lintPolicies>[1] {
  const tenants = new Map<string, Set<readonly string[]>>();
  const addresses = new Map<readonly string[], string>();
  for (const { observation, source, destination } of told) {
    for (const [party, { labels, ip }] of [
      [source, observation.source],
      [destination, observation.destination],
    ] as const) {
      addresses.set(labels, ip);
      if (party.kind !== 'tenant') continue;
      const known = tenants.get(party.tenant.name) ?? new Set();
      tenants.set(party.tenant.name, known.add(labels));
    }
  }
  return {
    tenants: [...tenants].map(([tenant, labels]) => ({ tenant, labels: [...labels] })),
    addresses: [...addresses].map(([labels, ip]) => ({ labels, ip })),
  };
}

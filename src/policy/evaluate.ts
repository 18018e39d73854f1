/**
 * What a set of policies does to a connection.
 *
 * Policies add up: a rule that denies beats every rule that allows, and where a
 * policy selects an endpoint, what no rule allows is denied (cilium
 * pkg/policy/repository.go, computePolicyEnforcementAndRules; mapstate.go).
 */
import { type About, Applicable, type Applied } from './applicable.js';
import { type ClusterView, DEFAULT_CLUSTER } from './context.js';
import type { Connection, Side } from './connection.js';
import { combine, type Decision, type DirectionDecision } from './decision.js';
import { matchPort, type MatchOptions, matchSubject } from './match.js';
import type { Direction, PortRange, Policy, Rule, Subject } from './rule.js';
import { knowSide, type KnownSide } from './subject.js';
import { all, type Ternary } from './ternary.js';
import { type Matched, verdict } from './verdict.js';

export interface EvaluationOptions extends Partial<MatchOptions> {
  readonly cluster?: ClusterView | undefined;
  /** `allow-localhost`: Cilium's agent sets `always` in Kubernetes (daemon/cmd/daemon.go). */
  readonly allowLocalhost?: 'always' | 'policy' | undefined;
}

export type Evaluate = (connection: Connection) => Decision;

/**
 * Sides are remembered by their array of labels, of which the decoder makes one
 * for the same bytes: pass the arrays on as they are.
 */
export function createEvaluator(policies: readonly Policy[], options: EvaluationOptions = {}): Evaluate {
  const match: MatchOptions = {
    hostFirewall: options.hostFirewall,
    cidrMatchesNodes: options.cidrMatchesNodes ?? false,
    namedPort: options.namedPort ?? (() => undefined),
  };
  const cluster = (options.cluster ?? DEFAULT_CLUSTER).name;
  const localhost = (options.allowLocalhost ?? 'always') === 'always';
  const subjects = bySubject(policies.flatMap((policy) => policy.rules));
  const known = new WeakMap<readonly string[], JudgedSide>();
  const prepared = new Map<string, Applicable>();

  /** One for all sides that the same rules apply to. */
  const applicable = (direction: Direction, side: KnownSide): Applicable => {
    const applying = subjects.map(({ subject }) => matchSubject(subject, side, match));
    const key = `${direction} ${applying.join()}`;
    let found = prepared.get(key);
    if (found === undefined) {
      const applied = subjects.flatMap(({ rules }, index): Applied[] => {
        const applies = applying[index] ?? 'no';
        return applies === 'no' ? [] : rules[direction].map((rule) => ({ rule, applies }));
      });
      prepared.set(key, (found = new Applicable(applied, match)));
    }
    return found;
  };

  const judged = ({ labels }: Side): JudgedSide => {
    let found = known.get(labels);
    if (found === undefined) {
      const side = knowSide(labels, cluster);
      found = { side, ingress: applicable('ingress', side), egress: applicable('egress', side) };
      known.set(labels, found);
    }
    return found;
  };

  return (connection) => {
    const source = judged(connection.source);
    const destination = judged(connection.destination);
    const towards = (own: JudgedSide, other: JudgedSide, direction: Direction): DirectionDecision => {
      const address = direction === 'egress' ? connection.destination : connection.source;
      const about = own[direction].about(other.side, address);
      return verdict({
        side: own.side,
        applicable: own[direction],
        matched: about.flatMap((one) => onPorts(one, connection, match)),
        fromLocalhost: localhost && direction === 'ingress' && other.side.isHost,
      });
    };
    return combine(towards(source, destination, 'egress'), towards(destination, source, 'ingress'));
  };
}

/** A side, and the rules of each direction that apply to it. */
interface JudgedSide {
  readonly side: KnownSide;
  readonly ingress: Applicable;
  readonly egress: Applicable;
}

/** The rules of a policy share one subject. */
interface Subjected {
  readonly subject: Subject;
  readonly rules: Readonly<Record<Direction, Rule[]>>;
}

function bySubject(rules: readonly Rule[]): Subjected[] {
  const found = new Map<Subject, Subjected>();
  for (const rule of rules) {
    const known = found.get(rule.subject) ?? { subject: rule.subject, rules: { ingress: [], egress: [] } };
    found.set(rule.subject, known);
    known.rules[rule.direction].push(rule);
  }
  return [...found.values()];
}

function onPorts({ rule, certain }: About, connection: Connection, options: MatchOptions): Matched[] {
  if (rule.ports === undefined) return [{ rule, range: undefined, certain }];
  return rule.ports.flatMap((range: PortRange): Matched[] => {
    const sure: Ternary = all([certain, matchPort(range, connection, options)]);
    return sure === 'no' ? [] : [{ rule, range, certain: sure }];
  });
}

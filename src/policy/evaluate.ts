/**
 * What a set of policies does to a connection.
 *
 * Policies add up: a rule that denies beats every rule that allows, and where a
 * policy selects an endpoint, what no rule allows is denied (cilium
 * pkg/policy/repository.go, computePolicyEnforcementAndRules; mapstate.go).
 */
import { type ClusterView, DEFAULT_CLUSTER } from './context.js';
import type { Connection, Side } from './connection.js';
import { combine, type Decision, type DirectionDecision } from './decision.js';
import { matchPeers, matchPort, type MatchOptions, matchSubject } from './match.js';
import type { Direction, PortRange, Policy, Rule } from './rule.js';
import { knowSide, type KnownSide } from './subject.js';
import { all, type Ternary } from './ternary.js';
import { type Applied, type Matched, verdict } from './verdict.js';

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
  const rules = policies.flatMap((policy) => policy.rules);
  const known = new WeakMap<readonly string[], JudgedSide>();

  const judged = (side: Side): JudgedSide => {
    let found = known.get(side.labels);
    if (found === undefined) {
      found = judge(knowSide(side.labels, cluster), rules, match);
      known.set(side.labels, found);
    }
    return found;
  };

  return (connection) => {
    const source = judged(connection.source);
    const destination = judged(connection.destination);
    const towards = (own: JudgedSide, other: JudgedSide, direction: Direction): DirectionDecision =>
      verdict({
        side: own.side,
        applied: own[direction],
        matched: matches(own[direction], other, direction, connection, match),
        fromLocalhost: localhost && direction === 'ingress' && other.side.isHost,
      });
    return combine(towards(source, destination, 'egress'), towards(destination, source, 'ingress'));
  };
}

/** A side, and the rules of each direction that apply to it. */
interface JudgedSide {
  readonly side: KnownSide;
  readonly ingress: readonly Applied[];
  readonly egress: readonly Applied[];
}

function judge(side: KnownSide, rules: readonly Rule[], options: MatchOptions): JudgedSide {
  const of = (direction: Direction): Applied[] =>
    rules.flatMap((rule) => {
      if (rule.direction !== direction) return [];
      const applies = matchSubject(rule.subject, side, options);
      return applies === 'no' ? [] : [{ rule, applies }];
    });
  return { side, ingress: of('ingress'), egress: of('egress') };
}

function matches(
  applied: readonly Applied[],
  other: JudgedSide,
  direction: Direction,
  connection: Connection,
  options: MatchOptions,
): Matched[] {
  const address = direction === 'egress' ? connection.destination : connection.source;
  return applied.flatMap(({ rule, applies }): Matched[] => {
    const peers = all([applies, matchPeers(rule, other.side, address, options)]);
    if (peers === 'no') return [];
    if (rule.ports === undefined) return [{ rule, range: undefined, certain: peers }];
    return rule.ports.flatMap((range: PortRange): Matched[] => {
      const certain: Ternary = all([peers, matchPort(range, connection, options)]);
      return certain === 'no' ? [] : [{ rule, range, certain }];
    });
  });
}

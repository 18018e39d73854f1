/** From the rules that match in one direction to its answer. */
import { type Applicable, type Applied, refsOf } from './applicable.js';
import type { Because, DirectionDecision } from './decision.js';
import type { PortRange, Rule } from './rule.js';
import type { KnownSide } from './subject.js';
import type { Ternary } from './ternary.js';

/** A rule that is about the connection, or may be, by one of its ports. */
export interface Matched {
  readonly rule: Rule;
  /** undefined: the rule says no port. */
  readonly range: PortRange | undefined;
  readonly certain: Ternary;
}

interface Question {
  readonly side: KnownSide;
  readonly applicable: Applicable;
  readonly matched: readonly Matched[];
  /** The connection comes from the node that the pod runs on, which Cilium lets pass. */
  readonly fromLocalhost: boolean;
}

export function verdict({ side, applicable, matched, fromLocalhost }: Question): DirectionDecision {
  if (applicable.applied.length === 0 && !side.isInit)
    return allowed({ kind: side.kind === 'endpoint' ? 'no_policy' : 'not_an_endpoint' });
  const denies = matched.filter(({ rule }) => rule.effect === 'deny');
  const sure = certain(denies);
  if (sure.length > 0) return { answer: 'denied', because: { kind: 'rules', rules: refsOf(sure) } };
  const permitted = permission({ side, applicable, matched, fromLocalhost });
  // Denied anyway, or not to be told whether it is denied before anything may allow it.
  return denies.length === 0 || permitted.answer === 'denied' ? permitted : unknown(denies, side);
}

function permission({ side, applicable, matched, fromLocalhost }: Question): DirectionDecision {
  const allows = matched.filter(({ rule }) => rule.effect === 'allow');
  const sure = certain(allows);
  const proxied = needsProxy(allows);
  if (sure.length > 0 || fromLocalhost) {
    if (proxied.length > 0)
      return { answer: 'subject_to_l7', because: { kind: 'rules', rules: refsOf(proxied) } };
    return allowed(sure.length > 0 ? { kind: 'rules', rules: refsOf(sure) } : { kind: 'localhost' });
  }
  // An endpoint without labels yet is closed in any case (repository.go, reserved:init).
  const defaultDeny = side.isInit ? 'yes' : applicable.defaultDeny;
  if (defaultDeny === 'no')
    return allows.some(({ range }) => range?.layer7 !== undefined)
      ? unknown(allows, side)
      : allowed({ kind: 'no_default_deny' });
  if (allows.length > 0) return unknown(allows, side);
  if (defaultDeny === 'maybe') return unknown(applicable.deciding, side);
  return { answer: 'denied', because: { kind: 'default_deny', rules: applicable.decidingRefs } };
}

/**
 * Rules on requests that no other rule makes void. A rule without them does so
 * where it is about the very same ports (cilium pkg/policy/rule.go,
 * mergePortProto); elsewhere the proxy decides, which is not guessed. Nor does
 * `enableDefaultDeny: false`, which does not reach layer 7.
 */
function needsProxy(allows: readonly Matched[]): Matched[] {
  const plain = allows.filter(({ range, certain: sure }) => range?.layer7 === undefined && sure === 'yes');
  return allows.filter(({ range }) => {
    if (range?.layer7 === undefined) return false;
    return range.layer7 === 'proxy' || !plain.some((other) => isSamePorts(other.range, range));
  });
}

function isSamePorts(plain: PortRange | undefined, range: PortRange): boolean {
  if (plain === undefined) return false;
  const sameProtocol = plain.protocol === range.protocol || plain.protocol === 'any';
  return sameProtocol && plain.from === range.from && plain.to === range.to && plain.name === range.name;
}

function allowed(because: Because): DirectionDecision {
  return { answer: 'allowed', because };
}

function unknown(open: readonly (Matched | Applied)[], side: KnownSide): DirectionDecision {
  return { answer: 'unknown', because: { kind: 'unknown', why: reason(open, side), rules: refsOf(open) } };
}

/** What would have to be known. The first is enough: a person reads one reason. */
function reason(open: readonly (Matched | Applied)[], side: KnownSide): string {
  if (side.kind === 'unknown') return 'labels are missing: whom the policies select cannot be told';
  for (const one of open) {
    if ('applies' in one ? one.applies === 'maybe' : one.rule.subject.kind === 'node')
      return 'policies for nodes apply only with the host firewall, and by labels that are not seen';
    const { peers } = one.rule;
    const field = peers === 'nobody' ? undefined : peers.find((peer) => peer.kind === 'unknown');
    if (field?.kind === 'unknown') return `${field.field} cannot be told from what was observed`;
    if ('range' in one && one.range?.name !== undefined)
      return `the number of port ${one.range.name} is not known`;
  }
  return 'labels or the address of the other side are missing';
}

function certain(matched: readonly Matched[]): Matched[] {
  return matched.filter((match) => match.certain === 'yes');
}

/**
 * One spec of a Cilium policy as rules: what Sanitize refuses is refused, what it
 * fills in is filled in (cilium pkg/policy/api/rule_validation.go; pkg/policy/utils/parserules.go).
 */
import { check, ciliumPeers } from './ciliumpeers.js';
import { ciliumPorts } from './ciliumports.js';
import type { WrittenRule, WrittenSpec } from './ciliumschema.js';
import type { Context } from './context.js';
import { type Path, pathText } from './problem.js';
import type { Direction, Rule, Subject } from './rule.js';
import { ciliumKey } from './labelsyntax.js';
import { subjectSelector } from './scope.js';
import { toSelector } from './selector.js';

const LISTS = [
  { field: 'ingress', direction: 'ingress', effect: 'allow' },
  { field: 'ingressDeny', direction: 'ingress', effect: 'deny' },
  { field: 'egress', direction: 'egress', effect: 'allow' },
  { field: 'egressDeny', direction: 'egress', effect: 'deny' },
] as const;

export function specRules(spec: WrittenSpec, path: Path, context: Context): Rule[] {
  const subject = subjectOf(spec, path, context);
  if (LISTS.every(({ field }) => (spec[field]?.length ?? 0) === 0))
    context.complain(
      path,
      'got no rule, expected at least one in ingress, ingressDeny, egress or egressDeny; `ingress: [{}]` is the one that allows nothing',
    );
  if (subject === undefined) return [];
  return LISTS.flatMap(({ field, direction, effect }) =>
    (spec[field] ?? []).map((rule: WrittenRule, index): Rule => {
      const here = [...path, field, index];
      if (rule.authentication !== undefined)
        context.note([...here, 'authentication'], 'not evaluated: the connection must authenticate as well');
      return {
        policy: context.ref,
        path: pathText(here),
        direction,
        effect,
        subject,
        defaultDeny: deniesByDefault(spec, direction),
        peers: ciliumPeers(rule, direction, subject.selector, here, context),
        ports: ciliumPorts(
          rule,
          { ingress: direction === 'ingress', node: subject.kind === 'node' },
          here,
          context,
        ),
      };
    }),
  );
}

/** Any rule turns it on, a rule that denies and one that says nothing as well, unless the policy says otherwise. */
function deniesByDefault({ enableDefaultDeny }: WrittenSpec, direction: Direction): boolean {
  return enableDefaultDeny?.[direction] ?? true;
}

function subjectOf(spec: WrittenSpec, path: Path, context: Context): Subject | undefined {
  const { endpointSelector, nodeSelector } = spec;
  if ((endpointSelector === undefined) === (nodeSelector === undefined)) {
    const got = endpointSelector === undefined ? 'neither' : 'both';
    context.complain(path, `got ${got}, expected either endpointSelector ({} for all pods) or nodeSelector`);
    return undefined;
  }
  if (endpointSelector !== undefined) {
    check(endpointSelector, [...path, 'endpointSelector'], context);
    return { kind: 'endpoint', selector: subjectSelector(endpointSelector, context) };
  }
  if (nodeSelector === undefined) return undefined;
  if (context.ref.namespace !== '')
    context.complain(
      [...path, 'nodeSelector'],
      'got a nodeSelector, expected endpointSelector: only a CiliumClusterwideNetworkPolicy applies to nodes',
    );
  check(nodeSelector, [...path, 'nodeSelector'], context);
  return { kind: 'node', selector: toSelector(nodeSelector, ciliumKey) };
}

/**
 * Rules on what is said inside a connection. They are recognised, never guessed:
 * a connection that they cover is allowed, subject to them.
 */
import type { WrittenPortRule } from './ciliumschema.js';
import { dnsName } from './ciliumpeers.js';
import type { Context } from './context.js';
import type { Path } from './problem.js';
import type { Layer7 } from './rule.js';

export interface PortRuleSituation {
  readonly ingress: boolean;
  /** A policy for nodes, not pods. */
  readonly node: boolean;
}

type Layer7Rules = NonNullable<WrittenPortRule['rules']>;

/** In the order of pkg/policy/api/rule_validation.go, PortRule.sanitize and L7Rules.sanitize. */
export function layer7Of(
  portRule: WrittenPortRule,
  situation: PortRuleSituation,
  path: Path,
  context: Context,
): Layer7 | undefined {
  const { rules, listener, serverNames, terminatingTLS, originatingTLS } = portRule;
  const said = rules === undefined ? 0 : count(rules);
  const complain = (message: string): void => context.complain([...path, 'rules'], message);
  if (rules !== undefined) checkKind(rules, [...path, 'rules'], context);
  if (rules !== undefined && said > 0) {
    checkRules(rules, portRule, situation, [...path, 'rules'], context);
    if (serverNames !== undefined && terminatingTLS === undefined)
      complain(
        'got rules beside serverNames, expected terminatingTLS as well: what is encrypted cannot be read',
      );
    if (listener !== undefined) complain('got rules beside a listener, expected one of them');
  }
  if (rules?.l7 !== undefined && rules.l7proto === undefined)
    complain('got l7 alone, expected l7proto as well');
  if (listener !== undefined && situation.ingress)
    context.complain(
      [...path, 'listener'],
      'got a listener in an ingress rule, expected one in egress rules only',
    );
  if (serverNames !== undefined || terminatingTLS !== undefined || originatingTLS !== undefined)
    return 'proxy';
  if (listener !== undefined) return 'proxy';
  return said > 0 || (rules?.l7proto ?? '') !== '' ? 'rules' : undefined;
}

function count({ http = [], kafka = [], dns = [], l7 = [] }: Layer7Rules): number {
  return http.length + kafka.length + dns.length + l7.length;
}

/** The schema asks for the field even where its list is empty. */
function checkKind(rules: Layer7Rules, path: Path, context: Context): void {
  const kinds = (['http', 'kafka', 'dns', 'l7proto'] as const).filter((kind) => rules[kind] !== undefined);
  if (kinds.length !== 1)
    context.complain(
      path,
      `got ${kinds.join(' and ') || 'none'}, expected one of http, kafka, dns, or l7proto (with l7): write a rule for each`,
    );
}

function checkRules(
  rules: Layer7Rules,
  { ports = [] }: WrittenPortRule,
  { ingress, node }: PortRuleSituation,
  path: Path,
  context: Context,
): void {
  const dns = (rules.dns?.length ?? 0) > 0;
  if (dns && ingress)
    context.complain(
      [...path, 'dns'],
      'got DNS rules in an ingress rule, expected them in egress rules only',
    );
  if (node && (ingress || !dns))
    context.complain(path, 'got rules on requests, expected none in a policy for nodes');
  if (rules.dns !== undefined && ports.length === 0)
    context.complain([...path, 'dns'], 'got DNS rules without a port, expected port "53"');
  for (const [index, name] of (rules.dns ?? []).entries()) dnsName(name, [...path, 'dns', index], context);
  for (const { protocol = 'ANY', port = '', endPort = 0 } of ports) {
    if (!dns && protocol !== 'TCP')
      context.complain(path, `got rules on requests with protocol ${protocol}, expected TCP`);
    if (port === '0')
      context.complain(path, 'got rules on requests for port 0, expected a port of their own');
    if (dns && endPort > Number(port))
      context.complain(path, 'got DNS rules with a range of ports, expected one port');
  }
}

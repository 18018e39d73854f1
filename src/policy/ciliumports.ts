/** Ports and ICMP types of a rule (cilium pkg/policy/api/rule_validation.go, pkg/policy/rule.go mergeL4Filter). */
import type { WrittenIcmps, WrittenPort, WrittenPortRule } from './ciliumschema.js';
import type { Context } from './context.js';
import { icmpNames, icmpType } from './icmp.js';
import { given, type Path } from './problem.js';
import type { Layer7, PortProtocol, PortRange } from './rule.js';
import { layer7Of, type PortRuleSituation } from './layer7.js';
import { portName, portNumber, range } from './port.js';

const PROTOCOLS = {
  TCP: 'tcp',
  UDP: 'udp',
  SCTP: 'sctp',
  VRRP: 'vrrp',
  IGMP: 'igmp',
  ANY: 'any',
} as const satisfies Record<string, PortProtocol>;

/** @returns undefined where neither ports nor ICMP types are said: an empty list says nothing, either */
export function ciliumPorts(
  rule: { readonly toPorts?: readonly WrittenPortRule[] | undefined; readonly icmps?: WrittenIcmps },
  situation: PortRuleSituation,
  path: Path,
  context: Context,
): readonly PortRange[] | undefined {
  const { toPorts = [], icmps = [] } = rule;
  if (toPorts.length > 0 && icmps.length > 0)
    context.complain(path, 'got icmps and toPorts in one rule, expected one of them: write a rule for each');
  if (toPorts.length === 0 && icmps.length === 0) return undefined;
  return [
    ...toPorts.flatMap((portRule, index) =>
      portRanges(portRule, situation, [...path, 'toPorts', index], context),
    ),
    ...icmps.flatMap(({ fields = [] }, index) =>
      fields.flatMap((field, at) => icmp(field, [...path, 'icmps', index, 'fields', at], context)),
    ),
  ];
}

function portRanges(
  portRule: WrittenPortRule,
  situation: PortRuleSituation,
  path: Path,
  context: Context,
): PortRange[] {
  const layer7 = layer7Of(portRule, situation, path, context);
  return (portRule.ports ?? []).flatMap((port, index) =>
    portRange(port, layer7, [...path, 'ports', index], context),
  );
}

function portRange(
  written: WrittenPort,
  layer7: Layer7 | undefined,
  path: Path,
  context: Context,
): PortRange[] {
  const { port, endPort = 0, protocol = 'ANY' } = written;
  const base = { protocol: PROTOCOLS[protocol], layer7 };
  if (port === undefined || port === '') {
    context.complain([...path, 'port'], 'got none, expected a port: "0" stands for all of them');
    return [];
  }
  const name = portName(port);
  if (name !== undefined) return [{ ...base, from: 0, to: 0, name }];
  const number = portNumber(port);
  if (number === undefined) {
    context.complain(
      [...path, 'port'],
      `got ${given(port)}, expected a number from 0 to 65535 or a port's name`,
    );
    return [];
  }
  if (number !== 0 && (protocol === 'VRRP' || protocol === 'IGMP')) {
    context.complain([...path, 'port'], `got ${given(port)}, expected "0": ${protocol} has no ports`);
    return [];
  }
  if (endPort !== 0 && endPort < number)
    context.note(
      [...path, 'endPort'],
      `${endPort} is below the port, and Cilium reads the port alone: write the higher one (in 1.19.7 such a range beside other rules for the port can end the agent's computation)`,
    );
  return [{ ...base, ...range(number, endPort), name: undefined }];
}

type IcmpField = NonNullable<NonNullable<WrittenIcmps>[number]['fields']>[number];

function icmp({ family = 'IPv4', type }: IcmpField, path: Path, context: Context): PortRange[] {
  const number = typeof type === 'number' ? type : (decimal(type) ?? icmpType(family, type));
  if (number === undefined || number < 0 || number > 255) {
    context.complain(
      [...path, 'type'],
      `got ${given(type)}, expected a number from 0 to 255 or one of ${icmpNames(family).join(', ')}`,
    );
    return [];
  }
  if (number === 0)
    context.note(
      [...path, 'type'],
      'Cilium reads type 0 as port 0, which stands for all: this allows or denies every ICMP type of the family',
    );
  const protocol = family === 'IPv4' ? 'icmp' : 'icmpv6';
  return [{ protocol, ...range(number, 0), name: undefined, layer7: undefined }];
}

function decimal(text: string): number | undefined {
  return /^(0|[1-9]\d{0,2})$/.test(text) ? Number(text) : undefined;
}

/** Ports of a NetworkPolicy (kubernetes pkg/apis/networking/validation, ValidateNetworkPolicyPort). */
import type { Context } from './context.js';
import type { WrittenNetworkPort } from './networkschema.js';
import { portName, range } from './port.js';
import { given, type Path } from './problem.js';
import type { PortRange } from './rule.js';

const PROTOCOLS = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

/** @returns undefined where the rule lists none: every protocol */
export function networkPorts(
  list: readonly WrittenNetworkPort[] | undefined,
  path: Path,
  context: Context,
): readonly PortRange[] | undefined {
  if (list === undefined || list.length === 0) return undefined;
  return list.flatMap((port, index) => one(port, [...path, 'ports', index], context));
}

function one(
  { protocol = 'TCP', port, endPort }: WrittenNetworkPort,
  path: Path,
  context: Context,
): PortRange[] {
  const base = { protocol: PROTOCOLS[protocol], layer7: undefined };
  if (endPort !== undefined && typeof port !== 'number') {
    context.complain(
      [...path, 'endPort'],
      'got an endPort, expected a port by number beside it: a range begins with a number',
    );
    return [];
  }
  if (port === undefined) return [{ ...base, ...range(0, 0), name: undefined }];
  if (typeof port === 'string') {
    const name = portName(port);
    // A string of digits is no name: Kubernetes asks for the number.
    if (name !== undefined && name === port) return [{ ...base, from: 0, to: 0, name }];
    context.complain(
      [...path, 'port'],
      `got ${given(port)}, expected a number, or a port's name in lower case`,
    );
    return [];
  }
  if (port < 1 || port > 65_535) {
    context.complain([...path, 'port'], `got ${given(port)}, expected a number from 1 to 65535`);
    return [];
  }
  if (endPort !== undefined && (endPort < port || endPort > 65_535)) {
    context.complain([...path, 'endPort'], `got ${given(endPort)}, expected a number from ${port} to 65535`);
    return [];
  }
  return [{ ...base, ...range(port, endPort ?? 0), name: undefined }];
}

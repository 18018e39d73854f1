/** What tells one pair and one connection from another, here and in the browser. */
import type { CrossingReport, MatrixPair } from '../api.js';

export function pairKey(source: string, destination: string): string {
  return JSON.stringify([source, destination]);
}

/** Grows whenever anything of the pair changes. */
export function pairVersion({ connections, lastSeen }: MatrixPair): string {
  const total = connections.allowed + connections.audited + connections.denied;
  return `${lastSeen} ${String(total).padStart(16, '0')}`;
}

/** Hubble gives flows a uuid since Cilium 1.14; before, no two connections of one moment share all of these. */
export function crossingKey({
  uuid,
  time,
  source,
  destination,
  protocol,
  port,
  node,
}: CrossingReport): string {
  if (uuid !== '') return uuid;
  return JSON.stringify([time, source.address, destination.address, protocol, port, node]);
}

/** Cross-tenant traffic that has been agreed on (`expected` in the configuration). */
import type { ExpectedTraffic, Layer4 } from '../model.js';

/**
 * @param sourceName display name of the source tenant
 * @param now milliseconds since the epoch: an agreement past its `until` no longer applies
 * @returns the agreement that covers the traffic, or undefined: unexpected
 */
export type FindAgreement = (
  sourceName: string,
  destinationName: string,
  l4: Layer4,
  now: number,
) => ExpectedTraffic | undefined;

/** The first entry that fits decides, so a file reads from top to bottom. */
export function createExpected(entries: readonly ExpectedTraffic[]): FindAgreement {
  return (sourceName, destinationName, l4, now) => {
    for (const entry of entries) {
      if (!fits(entry.source, sourceName) || !fits(entry.destination, destinationName)) continue;
      if (coversPort(entry, l4) && (entry.until === undefined || now < entry.until)) return entry;
    }
    return undefined;
  };
}

function fits(pattern: string, name: string): boolean {
  return pattern === '*' || pattern === name;
}

function coversPort(entry: ExpectedTraffic, l4: Layer4): boolean {
  if (entry.ports.length === 0) return true;
  return entry.ports.some(
    ({ port, protocol }) => protocol === l4.protocol && (port === undefined || port === l4.destinationPort),
  );
}

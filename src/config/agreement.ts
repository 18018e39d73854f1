/** The parts of an entry of `expected`: a side, a port, a day. */
import type { ExpectedTraffic, Protocol } from '../model.js';
import type { Read } from './kinds.js';

export const SIDE = "a tenant's name as it is shown, such as team-a or team-a-ns/team-a, or * for any";

/**
 * A tenant's display name (made from cluster, namespace and vCluster, or
 * configured), or `*`. Never a pattern: an agreement names who agreed. The one
 * kind of name with a star in it (right before the slash) is that of a tenant whose
 * configured namespaces are a pattern and who was given no name.
 */
export function parseSide(given: string): Read<string> {
  if (given === '*') return { ok: true, value: given };
  if (given.startsWith('__')) {
    return { ok: false, expected: `${SIDE}; only traffic between tenants can be expected` };
  }
  const isName = /^[^\s\p{C}*]+(?: [^\s\p{C}*]+)*$/u.test(given.replace('*/', '/')) && given.length <= 253;
  return isName ? { ok: true, value: given } : { ok: false, expected: SIDE };
}

export const PORT =
  'a port with its protocol such as 5432/tcp, 53/udp or 3868/sctp (ports 1 to 65535), or icmp';

export function parsePort(given: string): Read<ExpectedTraffic['ports'][number]> {
  if (given === 'icmp') return { ok: true, value: { port: undefined, protocol: 'icmp' } };
  const match = /^([1-9]\d{0,4})\/(tcp|udp|sctp)$/.exec(given);
  const port = Number(match?.[1]);
  if (match === null || port > 65_535) return { ok: false, expected: PORT };
  return { ok: true, value: { port, protocol: match[2] as Protocol } };
}

export const UNTIL =
  'a date such as 2027-03-01 (through the end of that day, UTC) or a time such as 2027-03-01T12:00:00Z';

const DAY = 86_400_000;

/**
 * A day counts whole: an agreement until 2027-03-01 still holds on that day.
 *
 * @returns milliseconds since the epoch from which the agreement no longer applies
 */
export function parseUntil(given: string): Read<number> {
  const match = /^(\d{4}-\d\d-\d\d)(?:[Tt](\d\d:\d\d:\d\d(?:\.\d{1,9})?)([Zz]|[+-]\d\d:\d\d))?$/.exec(given);
  const [, day = '', time, zone = 'Z'] = match ?? [];
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // Date.parse takes 2027-02-30 for 2 March: the day must survive the round trip.
  const exists = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
  const at = time === undefined ? midnight + DAY : Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  return exists && !Number.isNaN(at) ? { ok: true, value: at } : { ok: false, expected: UNTIL };
}

export const REASON =
  'a reason, up to 500 characters: who agreed to it and why; it is shown wherever the traffic is';

export function parseReason(given: string): Read<string> {
  const reason = given.trim();
  const fits = reason !== '' && reason.length <= 500 && !/\p{Cc}/u.test(reason);
  return fits ? { ok: true, value: reason } : { ok: false, expected: REASON };
}

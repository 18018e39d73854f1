import { createHash } from 'node:crypto';
import type { Flow, HubbleEvent } from '../model.js';
import { Uuid } from './uuid.js';

/** 128 bits that tell one event from another, as four words. */
export type Fingerprint = Int32Array;
type LostEvents = Extract<HubbleEvent, { kind: 'lost_events' }>;

/** Value of a hexadecimal digit by its character code, -1 for any other. */
const DIGITS = new Int8Array(128).fill(-1);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  DIGITS[digit.charCodeAt(0)] = value;
  DIGITS[digit.toUpperCase().charCodeAt(0)] = value;
}
const DASH = 0x2d;

/** Reads a UUID in its canonical form (8-4-4-4-12, RFC 9562); false for anything else, and then `into` is of no use. */
function readUuid(uuid: string, into: Fingerprint): boolean {
  if (uuid.length !== 36) return false;
  // A flag instead of an early return: one -1 makes it negative, and the loop stays without branches on data.
  let bad = 0;
  let value = 0;
  let digits = 0;
  for (let i = 0; i < 36; i++) {
    const code = uuid.charCodeAt(i);
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      if (code !== DASH) bad = -1;
      continue;
    }
    const digit = DIGITS[code] ?? -1;
    bad |= digit;
    value = (value << 4) | digit;
    digits += 1;
    if ((digits & 7) === 0) into[(digits >> 3) - 1] = value;
  }
  return bad >= 0;
}

/** SHA-256, shortened: slow, but only for what carries no UUID, and no tenant can steer two flows into one. */
function hash(parts: readonly unknown[], into: Fingerprint): void {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  for (let word = 0; word < 4; word++) into[word] = digest.readInt32LE(word * 4);
}

/**
 * Writes a flow's fingerprint: its UUID, which the agent gives to each event
 * once and every relay passes on (Cilium 1.14 and newer), or else a hash of
 * what tells two packets apart.
 */
export function fingerprintFlow(flow: Flow, into: Fingerprint): void {
  const { uuid } = flow;
  if (uuid instanceof Uuid) {
    into[0] = uuid.a;
    into[1] = uuid.b;
    into[2] = uuid.c;
    into[3] = uuid.d;
    return;
  }
  const text = String(uuid);
  if (readUuid(text, into)) return;
  if (text !== '') {
    hash(['uuid', text], into);
    return;
  }
  const { l4 } = flow;
  const addresses = [
    String(flow.sourceIp),
    String(flow.destinationIp),
    l4.protocol,
    l4.sourcePort,
    l4.destinationPort,
    l4.flags,
  ];
  const event = [flow.eventType, flow.subType, flow.verdict, flow.source.id, flow.destination.id];
  hash(['flow', flow.nodeName, flow.time, ...addresses, ...event], into);
}

/** Writes the fingerprint of a report of loss, which has no UUID and stands in the ring like any flow. */
export function fingerprintLoss(loss: LostEvents, into: Fingerprint): void {
  hash(['lost', loss.nodeName, loss.source, loss.cpu ?? null, loss.time ?? null, loss.count], into);
}

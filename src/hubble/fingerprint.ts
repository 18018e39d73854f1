import { createHash } from 'node:crypto';
import type { Flow, HubbleEvent } from '../model.js';
import { Uuid, uuidOf } from './uuid.js';

/** 128 bits that tell one event from another, as four words. */
export type Fingerprint = Int32Array;
type LostEvents = Extract<HubbleEvent, { kind: 'lost_events' }>;

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
  const uuid = flow.uuid instanceof Uuid ? flow.uuid : uuidOf(String(flow.uuid));
  if (uuid !== undefined) {
    into[0] = uuid.a;
    into[1] = uuid.b;
    into[2] = uuid.c;
    into[3] = uuid.d;
    return;
  }
  const text = String(flow.uuid);
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

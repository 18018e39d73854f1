import { TcpFlag, type Layer4, type Protocol } from '../model.js';
import type { Wire } from './wire.js';

/** A flow without ports, or of a protocol that has none. */
export const NO_LAYER4: Layer4 = Object.freeze({
  protocol: 'other',
  sourcePort: 0,
  destinationPort: 0,
  flags: 0,
  icmpVersion: 0,
});

/** How deep `flow.TCP` and its like stand in a GetFlowsResponse. */
const DEPTH = 3;

/**
 * `flow.Layer4`: one of five headers. Where a message holds more than one, the
 * highest number counts, as proto-loader's `oneofs` has it; Hubble sends one.
 */
export function readLayer4(wire: Wire): Layer4 {
  const outer = wire.enter();
  let layer4 = NO_LAYER4;
  let chosen = 0;
  while (wire.pos < wire.end) {
    const tag = wire.uint32();
    const field = tag >>> 3;
    if (field < 1 || field > 5) {
      wire.skip(tag & 7, DEPTH - 1);
      continue;
    }
    const read = readHeader(wire, field);
    if (field < chosen) continue;
    chosen = field;
    layer4 = read;
  }
  wire.leave(outer);
  return layer4;
}

const PROTOCOLS: readonly Protocol[] = ['other', 'tcp', 'udp', 'icmp', 'icmp', 'sctp'];

/** All five have their two numbers in fields 1 and 2; TCP has its flags in 3. */
function readHeader(wire: Wire, field: number): Layer4 {
  const outer = wire.enter();
  let sourcePort = 0;
  let destinationPort = 0;
  let flags = 0;
  while (wire.pos < wire.end) {
    const tag = wire.uint32();
    const member = tag >>> 3;
    if (member === 1) sourcePort = wire.uint32();
    else if (member === 2) destinationPort = wire.uint32();
    else if (member === 3 && field === 1) flags = readFlags(wire);
    else wire.skip(tag & 7, DEPTH);
  }
  wire.leave(outer);
  const icmpVersion = field === 3 ? 4 : field === 4 ? 6 : 0;
  return { protocol: PROTOCOLS[field] ?? 'other', sourcePort, destinationPort, flags, icmpVersion };
}

/** `flow.TCPFlags`: nine bools, numbered as their bits are ordered. */
function readFlags(wire: Wire): number {
  const outer = wire.enter();
  let flags = 0;
  while (wire.pos < wire.end) {
    const tag = wire.uint32();
    const field = tag >>> 3;
    if (field < 1 || field > 9) {
      wire.skip(tag & 7, DEPTH + 1);
      continue;
    }
    const bit = TcpFlag.FIN << (field - 1);
    flags = wire.bool() ? flags | bit : flags & ~bit;
  }
  wire.leave(outer);
  return flags;
}

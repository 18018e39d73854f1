import type { Wire } from './wire.js';

/**
 * Milliseconds since the epoch for Google's `Timestamp`, fraction included; undefined outside 1970 to 9999.
 *
 * Protobuf allows years from 1 on, but no flow is older than Hubble: what comes
 * before 1970 is Go's zero time or damage, and either means that nobody knows.
 */
export function milliseconds(seconds: number, nanos: number): number | undefined {
  if (!(seconds >= 0 && seconds <= 253_402_300_799) || !(nanos >= 0 && nanos <= 999_999_999))
    return undefined;
  return seconds * 1000 + nanos / 1e6;
}

/** `google.protobuf.Timestamp`, two messages deep in what it stands in. */
export function readTimestamp(wire: Wire, depth: number): number | undefined {
  const outer = wire.enter();
  let seconds = 0;
  let nanos = 0;
  while (wire.pos < wire.end) {
    const tag = wire.uint32();
    switch (tag >>> 3) {
      case 1:
        seconds = readSeconds(wire);
        break;
      case 2:
        nanos = wire.int32();
        break;
      default:
        wire.skip(tag & 7, depth);
    }
  }
  wire.leave(outer);
  return milliseconds(seconds, nanos);
}

function readSeconds(wire: Wire): number {
  wire.long();
  return (wire.high | 0) * 0x1_0000_0000 + wire.low;
}

/** `google.protobuf.BoolValue` and `Int32Value`: a varint in field 1. */
export function readWrapped(wire: Wire, depth: number): number {
  const outer = wire.enter();
  let value = 0;
  while (wire.pos < wire.end) {
    const tag = wire.uint32();
    if (tag >>> 3 === 1) value = wire.int32();
    else wire.skip(tag & 7, depth);
  }
  wire.leave(outer);
  return value;
}

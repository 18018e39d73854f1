/** A flow as bytes: what a node's control port takes thousands a second of. */
import { codec } from '../../src/simulator/codecs.js';

/** Fields of `flow.Flow` with the proto's names; enums as words, `time` as seconds and nanos. */
export type FlowFields = Readonly<Record<string, unknown>>;

const { encode } = codec<unknown, { flow: FlowFields }>(
  'observer/observer.proto',
  'observer.Observer',
  'GetFlows',
);

/**
 * The fields, encoded. Protobuf merges what is concatenated, so that what many
 * flows share (their endpoints with all labels) is encoded once.
 */
export function flowPart(fields: FlowFields): Buffer {
  // A response with nothing but a flow is tag, length, flow.
  const bytes = encode({ flow: fields });
  let start = 1;
  while ((bytes[start] ?? 0) > 127) start += 1;
  return bytes.subarray(start + 1);
}

/** The length before the message, as the port reads it. */
export function delimited(parts: readonly Buffer[]): Buffer {
  let length = parts.reduce((sum, part) => sum + part.length, 0);
  const prefix: number[] = [];
  while (length > 127) {
    prefix.push((length & 127) | 128);
    length >>>= 7;
  }
  prefix.push(length);
  return Buffer.concat([Buffer.from(prefix), ...parts]);
}

/** Milliseconds since the epoch, fraction included, as a protobuf timestamp. */
export function stamp(ms: number): { seconds: number; nanos: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) % 1e9 };
}

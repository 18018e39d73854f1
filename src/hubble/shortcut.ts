import type { Batch } from './batch.js';
import { Frames } from './frames.js';

/** The release of `@grpc/grpc-js` whose inside this file knows; package.json pins it, and a test holds both together. */
export const KNOWN_GRPC_JS = '1.14.7';

/**
 * What is known of the innermost call of grpc-js (`Http2SubchannelCall`,
 * build/src/subchannel-call.js): each piece of the HTTP/2 stream goes to
 * `decoder.write`, and the frames that it returns on their way upwards.
 */
interface InnermostCall {
  decoder: { readonly maxReadMessageLength: number; write(chunk: Buffer): Buffer[] };
}

/**
 * Takes the messages of a call where grpc-js takes its frames apart.
 *
 * Above that place stand a queue, a tick of its own for each message, a pause of
 * the stream, and a stack of filters with three promises: more than half of what
 * a flow costs (docs/performance.md). All else stays with grpc-js: the connection,
 * flow control, headers, trailers and status.
 *
 * To be called while the headers are received: no message has come then, and all
 * calls below are there.
 *
 * @param call what `Channel.createCall` gave
 * @param version of the `@grpc/grpc-js` that is loaded
 * @returns undefined when it is done; else why not: then messages come as they always have
 */
export function takeShortcut(call: unknown, version: string, batch: Batch): string | undefined {
  if (version !== KNOWN_GRPC_JS)
    return `@grpc/grpc-js is ${version}, and its inside is known of ${KNOWN_GRPC_JS} only`;
  const inner = innermost(call);
  if (inner === undefined) return `the calls of @grpc/grpc-js ${version} are not built as expected`;
  const theirs = inner.decoder;
  const { maxReadMessageLength } = theirs;
  const handBack = (rest: Buffer): Buffer[] => {
    inner.decoder = theirs;
    return theirs.write(rest);
  };
  const take = batch.take.bind(batch);
  const ours = new Frames({ take, longest: maxReadMessageLength, handBack });
  const write = (chunk: Buffer): Buffer[] => {
    const rest = ours.write(chunk);
    batch.flush();
    return rest;
  };
  inner.decoder = { maxReadMessageLength, write };
  return undefined;
}

/** ResolvingCall, RetryingCall, LoadBalancingCall, Http2SubchannelCall; the second may have several of the third, and has one. */
function innermost(call: unknown): InnermostCall | undefined {
  const attempts = property(property(call, 'child'), 'underlyingCalls');
  if (!Array.isArray(attempts) || attempts.length !== 1) return undefined;
  const inner = property(property(attempts[0], 'call'), 'child');
  return isInnermost(inner) ? inner : undefined;
}

function isInnermost(inner: unknown): inner is InnermostCall {
  const decoder = property(inner, 'decoder');
  const waiting = property(inner, 'unpushedReadMessages');
  return (
    typeof property(inner, 'http2Stream') === 'object' &&
    typeof property(decoder, 'write') === 'function' &&
    Number.isInteger(property(decoder, 'maxReadMessageLength')) &&
    // Nothing of a message has come: 0 is NO_DATA (build/src/stream-decoder.js).
    property(decoder, 'readState') === 0 &&
    Array.isArray(waiting) &&
    waiting.length === 0
  );
}

function property(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[name] : undefined;
}

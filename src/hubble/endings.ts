import { type EndReason, type Failure, failure } from './failures.js';
import { refusesMask } from './request.js';

/** A gRPC status as it ends a call. `code` is undefined when grpc-js could not tell (a broken compressed message). */
export interface CallStatus {
  readonly code: number | undefined;
  readonly details: string;
}

/** gRPC's status codes (grpc/doc/statuscodes.md) that mean one thing here. The rest is told apart below. */
const BY_CODE: Readonly<Record<number, EndReason>> = {
  0: 'closed_by_server',
  1: 'reset',
  3: 'invalid_request',
  4: 'stalled',
  7: 'permission_denied',
  12: 'unimplemented',
  13: 'reset',
  16: 'unauthenticated',
};

const UNAVAILABLE = 14;
const RESOURCE_EXHAUSTED = 8;

/** grpc-js reports a cut connection with the same code as a server that says "not now" (subchannel-call.js, 1.14). */
const CUT =
  /connection dropped|ECONNRESET|EPIPE|ETIMEDOUT|socket hang up|transport is closing|error reading from server/i;

function reasonOf({ code, details }: CallStatus): EndReason {
  if (code === RESOURCE_EXHAUSTED) {
    if (/larger than max/i.test(details)) return 'message_too_large';
    // What is left of GOAWAY ENHANCE_YOUR_CALM: grpc-js keeps its "too_many_pings" to itself.
    return /too_many_pings|bandwidth exhausted/i.test(details) ? 'too_many_pings' : 'unavailable';
  }
  if (code !== 0 && refusesMask(details)) return 'invalid_request';
  if (code === UNAVAILABLE) return CUT.test(details) ? 'reset' : 'unavailable';
  return (code === undefined ? undefined : BY_CODE[code]) ?? 'other';
}

/** Why a call that had reached the server ended, from its status alone. */
export function fromStatus(status: CallStatus): Failure {
  const reason = reasonOf(status);
  return failure(reason, status.code === 0 ? 'the server ended the stream' : status.details);
}

/**
 * Codes that only a server can have sent: it is alive, whatever it thinks of
 * the call. Those that grpc-js also makes up by itself are not among them.
 */
const ANSWERS: ReadonlySet<number> = new Set([3, 5, 6, 7, 9, 10, 11, 12, 15, 16]);

/** Whether a failed call was answered all the same: the server lives. */
export function isAnswer({ code }: CallStatus): boolean {
  return code !== undefined && ANSWERS.has(code);
}

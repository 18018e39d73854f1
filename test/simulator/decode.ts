import { loadSync, type MethodDefinition } from '@grpc/proto-loader';
import type { Flow, Response } from './client.js';

const OPTIONS = { keepCase: true, longs: Number, defaults: true, oneofs: true, includeDirs: ['proto'] };
const observer = loadSync('observer/observer.proto', OPTIONS)['observer.Observer'] as Readonly<
  Record<'GetFlows', MethodDefinition<object, object>>
>;

/** A GetFlowsResponse as a client decodes it, defaults filled in. */
export function decodeResponse(bytes: Buffer): Response & { flow?: Flow & { trace_reason: number } } {
  return observer.GetFlows.responseDeserialize(bytes) as Response & {
    flow?: Flow & { trace_reason: number };
  };
}

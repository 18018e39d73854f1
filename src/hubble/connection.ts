import type { Flow, HubbleEvent } from '../model.js';
import type { Failure } from './failures.js';
import type { FlowsRequest } from './request.js';

/** What one node says of itself (`observer.Node`, or `ServerStatus` of a node that is spoken to directly). */
export interface NodeReport {
  /** '' for a node that is spoken to directly: it does not tell. */
  readonly name: string;
  readonly address: string;
  readonly state: 'connected' | 'unavailable' | 'error';
  readonly version: string;
  /** Milliseconds since its Hubble started; 0 when it did not say. */
  readonly uptimeMs: number;
  /** Flows in its ring, and how many the ring holds; 0 when it did not say. */
  readonly numFlows: number;
  readonly maxFlows: number;
  /** Flows it has seen since it started, before any filter. */
  readonly seenFlows: number;
}

/** Who answers: a relay with nodes behind it, or one node's own Hubble. */
export type NodesAnswer =
  | { readonly kind: 'relay'; readonly nodes: readonly NodeReport[] }
  | { readonly kind: 'node'; readonly nodes: readonly [NodeReport] };

/** `grpc.health.v1`; `answered` is a server without that service: alive all the same. */
export type Health = 'serving' | 'not_serving' | 'answered';

export interface FlowsListener {
  /** Synchronous, once for each message. */
  message(event: HubbleEvent): void;
  /** Versions that the server put into its headers, '' where it did not. */
  versions(relay: string, node: string): void;
  /** At most once, and never after `cancel()`. */
  ended(failure: Failure): void;
}

/**
 * One connection. What it promises: `flows` never throws; the others reject
 * with a RelayError and never hang past their deadline.
 */
export interface RelayConnection {
  flows(request: FlowsRequest, listener: FlowsListener): { cancel(): void };
  /** The flows that a request without `follow` brings. */
  read(request: FlowsRequest, deadlineMs: number): Promise<readonly Flow[]>;
  /** The same, but when the time is up, what has come until then. */
  readFor(request: FlowsRequest, ms: number): Promise<readonly Flow[]>;
  health(deadlineMs: number): Promise<Health>;
  nodes(deadlineMs: number): Promise<NodesAnswer>;
  /** Why nothing has come over this connection. */
  whySilent(): Promise<Failure>;
  close(): void;
}

/** Makes a connection; rejects with a RelayError when it cannot even try (a certificate file that is missing). */
export type Connect = (
  /** Called when the connection still works but should be left for a new one: `goaway`, `certificates_changed`. */
  move: (failure: Failure) => void,
) => RelayConnection | Promise<RelayConnection>;

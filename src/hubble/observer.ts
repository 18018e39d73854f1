import type { HubbleEvent, LostEventSource } from '../model.js';
import type { Blindness } from './coverage.js';
import type { Failure } from './failures.js';
import type { NodeWatch } from './nodes.js';
import type { MaskLevel } from './request.js';

/** When an event is to be taken as observed; milliseconds of our clock. */
export interface At {
  readonly receivedAt: number;
  /** `receivedAt` for what is live; the flow's own time for history that a long re-read brings. */
  readonly seenAt: number;
}

/** Takes each event once: flows, what could not be read, and what a newer server sends. Synchronous; must not throw. */
export type Deliver = (
  event: Extract<HubbleEvent, { kind: 'flow' | 'unreadable' | 'unknown' }>,
  at: At,
) => void;

/** One method for each thing that can happen to the subscription; whoever listens logs and counts. */
export interface SubscriptionObserver {
  /** A stream was asked for; nothing is known of it yet. `since`: milliseconds since the epoch. */
  streamOpened(details: { server: string; since: number; mask: MaskLevel }): void;
  /** The stream is known to live: crosstalk_hubble_up is 1 from here to `streamEnded`. */
  streamProven(details: { server: string }): void;
  /** It ended, or never came to be. `retryInMs` undefined: we do not come back (shutdown). */
  streamEnded(details: Failure & { retryInMs: number | undefined; wasProven: boolean }): void;
  /** Hot: an event that had been delivered before. */
  duplicate(): void;
  /** A report of loss, once each. */
  lostEvents(details: { node: string; source: LostEventSource; count: number }): void;
  /** The number of nodes in each state, whenever one changes. */
  nodesChanged(counts: Readonly<Record<NodeWatch, number>>): void;
  /** One node changed its state; `message` is the relay's, '' where it gave none. */
  nodeChanged(details: { node: string; state: NodeWatch; message: string }): void;
  /** Time became certain to be blind; `seconds` is what crosstalk_blind_seconds_total rises by. */
  gap(details: Blindness): void;
  /** The server does not know a field we asked for; the next request asks with `next`. */
  maskRefused(details: { message: string; next: MaskLevel }): void;
  /** The state file cannot be written, or what it holds cannot be used. */
  fileTrouble(details: { message: string }): void;
}

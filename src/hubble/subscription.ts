import type { HubbleEvent } from '../model.js';
import { NodeAnnouncer } from './announcer.js';
import { type Backoff, createBackoff } from './backoff.js';
import type { Connect, RelayConnection } from './connection.js';
import { Coverage, lost } from './coverage.js';
import { type Failure, failure, isMove } from './failures.js';
import { type Findings, inspect } from './inspection.js';
import { Intake } from './intake.js';
import type { CursorStore } from './marks.js';
import { Nodes, type NodeWatch } from './nodes.js';
import type { Deliver, SubscriptionObserver } from './observer.js';
import { followRequest, type FlowsFilter, type MaskLevel, nextMask, refusesMask } from './request.js';
import { Resume } from './resume.js';
import { Session } from './session.js';
import { every, type Timers } from './timers.js';

/**
 * Fingerprints kept to tell re-reads apart: 128 nodes with Hubble's default
 * ring of 4,095 events each, since a re-read brings no more than the rings hold.
 * 12 MiB when full, 20 while all of them are re-read; more nodes share it.
 */
export const DEFAULT_UUIDS = 128 * 4_096;

/** A stream that lived this long worked: the next failure starts the backoff anew. */
const WORKED_MS = 10_000;
/** A crash loses at most this much of the cursor, and only tells some flows of it twice. */
const SAVE_EVERY_MS = 10_000;
/** A silent node is tried again after 1, 2, 4 … minutes: if a new stream did not help, many will not either. */
const FIRST_RECYCLE_MS = 60_000;
const MOST_RECYCLES = 5;

export interface SubscriptionOptions {
  /** As the operator wrote it; only shown. */
  readonly server: string;
  readonly connect: Connect;
  readonly filter: FlowsFilter;
  /** `--flows.since` in milliseconds: how far back to read at a first start. */
  readonly flowsSinceMs: number;
  readonly clock: () => number;
  readonly random: () => number;
  readonly timers: Timers;
  readonly uuidCapacity: number;
  /** undefined: nothing survives a restart. */
  readonly cursor: CursorStore | undefined;
  readonly deliver: Deliver;
  readonly observe: SubscriptionObserver;
}

export interface NodeStatus {
  readonly name: string;
  readonly state: NodeWatch;
  readonly version: string;
  readonly lastFlowTime: number | undefined;
  readonly seenFlows: number | undefined;
  readonly lostEvents: number;
  /** Since when its flows may not have reached us, where that is not settled yet. */
  readonly unseenSince: number | undefined;
}

/** For `/api/v1/status`. Times are milliseconds since the epoch. */
export interface SubscriptionStatus {
  readonly state: 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';
  readonly server: string;
  /** What the present or last stream was told to read since. */
  readonly since: number | undefined;
  readonly provenSince: number | undefined;
  readonly nodes: readonly NodeStatus[];
  readonly lastFlowTime: number | undefined;
  readonly blindSeconds: number;
  readonly reconnects: number;
  readonly lastError: Failure | undefined;
  readonly features: {
    readonly fieldMask: MaskLevel;
    /** Who answers; undefined: not known yet. */
    readonly kind: 'relay' | 'node' | undefined;
    readonly relayVersion: string;
    readonly nodeVersion: string;
  };
}

/** The stream that outlives its connections: every event once, and what could not be read accounted for. */
export interface Subscription {
  start(): void;
  status(): SubscriptionStatus;
  /** Ends the stream and writes the cursor. */
  close(): Promise<void>;
}

/** Does nothing before `start()`. */
export function createSubscription(options: SubscriptionOptions): Subscription {
  return new Supervisor(options);
}

/** What is kept about one stream while it lasts. */
interface Stream {
  readonly session: Session;
  readonly asked: number;
  readonly openedAt: number;
  provenSince: number | undefined;
  /** It brought something of a node: its clean end is then an end, and not a relay without nodes. */
  sawNode: boolean;
  lastNodeError: string;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'streaming'; readonly stream: Stream }
  | { readonly kind: 'waiting'; readonly cancel: () => void }
  | { readonly kind: 'closed' };

class Supervisor implements Subscription {
  private readonly options: SubscriptionOptions;
  private readonly nodes: Nodes;
  private readonly coverage = new Coverage();
  private readonly intake: Intake;
  private readonly announcer: NodeAnnouncer;
  private readonly resume: Resume;
  private readonly backoff: Backoff;
  private state: State = { kind: 'idle' };
  private stopSaving: () => void = () => undefined;
  private mask: MaskLevel = 'full';
  private kind: 'relay' | 'node' | undefined;
  private versions = { relayVersion: '', nodeVersion: '' };
  private attempts = 0;
  private since: number | undefined;
  private lastError: Failure | undefined;

  constructor(options: SubscriptionOptions) {
    const { clock, observe, deliver, cursor, flowsSinceMs } = options;
    // Read once: a start that two readings put a millisecond apart would be a millisecond of blind time.
    const now = clock();
    this.options = options;
    this.nodes = new Nodes(options.uuidCapacity, now);
    this.announcer = new NodeAnnouncer(this.nodes, observe);
    this.backoff = createBackoff(options.random);
    const nodeReturned = (): void => {
      this.announce();
      this.stream()?.session.look();
    };
    this.intake = new Intake({ nodes: this.nodes, deliver, observe, nodeReturned });
    const trouble = (message: string): void => observe.fileTrouble({ message });
    this.resume = new Resume({ nodes: this.nodes, store: cursor, flowsSinceMs, now, trouble });
  }

  start(): void {
    if (this.state.kind !== 'idle') return;
    this.stopSaving = every(this.options.timers, SAVE_EVERY_MS, () => void this.save());
    // Or who is killed before the first interval is over was never there, and the next blind time begins nowhere.
    if (this.resume.isFirstStart) {
      this.intake.changed = true;
      void this.save();
    }
    this.open();
  }

  async close(): Promise<void> {
    const { state } = this;
    if (state.kind === 'closed') return;
    if (state.kind === 'waiting') state.cancel();
    if (state.kind === 'streaming') state.stream.session.end(failure('shutdown', 'shutting down'));
    this.state = { kind: 'closed' };
    this.stopSaving();
    this.intake.changed = true;
    await this.save();
  }

  status(): SubscriptionStatus {
    const stream = this.stream();
    return {
      state: this.state.kind === 'streaming' ? (this.streaming() ? 'open' : 'connecting') : this.state.kind,
      server: this.options.server,
      since: this.since,
      provenSince: stream?.provenSince,
      nodes: nodeStatuses(this.nodes, this.streaming()),
      lastFlowTime: this.intake.lastFlowTime,
      blindSeconds: this.coverage.blindSeconds,
      reconnects: Math.max(0, this.attempts - 1),
      lastError: this.lastError,
      features: { fieldMask: this.mask, kind: this.kind, ...this.versions },
    };
  }

  private stream(): Stream | undefined {
    return this.state.kind === 'streaming' ? this.state.stream : undefined;
  }

  private streaming(): boolean {
    return this.stream()?.session.proven ?? false;
  }

  private open(): void {
    const { connect, timers, clock, filter, observe, server } = this.options;
    const openedAt = clock();
    const asked = this.resume.since(openedAt);
    this.intake.opened(asked, openedAt);
    this.since = asked;
    this.attempts += 1;
    const stream: Stream = {
      session: new Session({
        connect,
        timers,
        clock,
        request: followRequest({ filter, since: asked, mask: this.mask }),
        events: {
          message: (event, receivedAt) => this.message(stream, event, receivedAt),
          proven: () => this.proven(stream),
          versions: (relayVersion, nodeVersion) => (this.versions = { relayVersion, nodeVersion }),
          ended: (why) => this.ended(stream, why),
          inspect: (connection) => this.inspect(stream, connection),
        },
      }),
      asked,
      openedAt,
      provenSince: undefined,
      sawNode: false,
      lastNodeError: '',
    };
    this.state = { kind: 'streaming', stream };
    observe.streamOpened({ server, since: asked, mask: this.mask });
    void stream.session.start();
  }

  private message(stream: Stream, event: HubbleEvent, receivedAt: number): void {
    switch (event.kind) {
      case 'flow':
        stream.sawNode = true;
        this.intake.flow(event, receivedAt);
        break;
      case 'lost_events':
        this.intake.loss(event, receivedAt);
        break;
      case 'node_status':
        this.nodeStatus(stream, event, receivedAt);
        break;
      case 'unreadable':
      case 'unknown':
        this.options.deliver(event, { receivedAt, seenAt: receivedAt });
    }
  }

  private nodeStatus(
    stream: Stream,
    event: Extract<HubbleEvent, { kind: 'node_status' }>,
    receivedAt: number,
  ): void {
    if (event.state === 'connected') stream.sawNode = true;
    if (event.state === 'error') stream.lastNodeError = `${event.nodeNames.join(', ')}: ${event.message}`;
    // It is the nodes that read the mask: a relay passes it on, and their refusal back.
    if (event.state === 'error' && this.mask !== 'none' && refusesMask(event.message)) {
      stream.session.end(failure('invalid_request', event.message));
      return;
    }
    this.intake.nodeStatus(event, receivedAt);
    this.announcer.announce(this.streaming(), event.message);
  }

  private proven(stream: Stream): void {
    stream.provenSince = this.options.clock();
    this.resume.worked();
    // Which nodes there are is worth a write: to who comes after, an unknown one that restarted is a new one.
    this.intake.changed = true;
    void this.save();
    this.options.observe.streamProven({ server: this.options.server });
    this.announce();
  }

  private ended(stream: Stream, end: Failure): void {
    const why = this.explained(stream, end);
    const now = this.options.clock();
    for (const node of this.nodes) {
      if (node.name !== '') lost(node, 'stream_ended', now);
      node.attached = false;
    }
    const retryInMs = why.reason === 'shutdown' ? undefined : this.retryIn(stream, why, now);
    if (why.reason !== 'shutdown') this.lastError = why;
    this.state =
      retryInMs === undefined
        ? { kind: 'closed' }
        : { kind: 'waiting', cancel: this.options.timers.after(retryInMs, () => this.open()) };
    this.options.observe.streamEnded({ ...why, retryInMs, wasProven: stream.provenSince !== undefined });
    this.announce();
  }

  /** A relay without nodes ends every stream at once and in good order; that is no good order. */
  private explained(stream: Stream, why: Failure): Failure {
    if (why.reason !== 'closed_by_server') return why;
    if (!stream.sawNode && this.kind !== 'node')
      return failure('no_nodes', 'the relay has no node to read from');
    return stream.lastNodeError === ''
      ? why
      : { ...why, message: `${why.message}, after ${stream.lastNodeError}` };
  }

  private retryIn(stream: Stream, why: Failure, now: number): number {
    const worked = stream.provenSince !== undefined && now - stream.provenSince >= WORKED_MS;
    if (worked) this.backoff.reset();
    if (why.reason === 'invalid_request' && refusesMask(why.message) && this.simplify(why.message)) return 0;
    // Without the condition, a server that sends everybody away at once would be asked without pause.
    return isMove(why.reason) && worked ? 0 : this.backoff.next();
  }

  private simplify(message: string): boolean {
    const next = nextMask(this.mask);
    if (next === undefined) return false;
    this.mask = next;
    this.options.observe.maskRefused({ message, next });
    return true;
  }

  private async inspect(stream: Stream, connection: RelayConnection): Promise<'relay' | 'node' | undefined> {
    const { nodes, coverage, mask } = this;
    const { filter, clock } = this.options;
    const { session, asked, openedAt } = stream;
    const alive = (): boolean => session.alive;
    const scene = { connection, nodes, coverage, filter, mask, clock, asked, openedAt, alive };
    // Announced also when the nodes could not be asked: that one of them is frozen may be all there is to tell.
    const found = await inspect(scene).finally(() => this.announce());
    if (found === undefined) return undefined;
    this.kind = found.kind;
    for (const blind of found.blind) this.options.observe.gap(blind);
    this.recycle(stream, found);
    this.announce();
    return found.kind;
  }

  /** Opens the stream anew for nodes that this one cannot bring; not again and again for one that stays silent. */
  private recycle({ session }: Stream, { moved, silent }: Findings): void {
    const now = this.options.clock();
    const due = silent.filter(({ node: name, since }) => {
      const node = this.nodes.get(name, now);
      if (node.state !== 'silent') lost(node, 'node_silent', now);
      node.state = 'silent';
      if (now < node.recycleAfter) return false;
      node.recycleAfter = now + FIRST_RECYCLE_MS * 2 ** Math.min(node.recycles, MOST_RECYCLES);
      node.recycles += 1;
      this.resume.reachBack(since);
      return true;
    });
    const names = [...moved, ...due.map(({ node }) => node)];
    if (names.length > 0) session.end(failure('recycled', `flows of ${names.join(', ')} do not reach us`));
  }

  private announce(): void {
    this.announcer.announce(this.streaming());
  }

  private async save(): Promise<void> {
    const { cursor, clock, observe } = this.options;
    if (cursor === undefined || !this.intake.changed) return;
    this.intake.changed = false;
    this.resume.save(clock());
    await cursor.flush().catch((error: unknown) => {
      this.intake.changed = true;
      observe.fileTrouble({ message: error instanceof Error ? error.message : String(error) });
    });
  }
}

function nodeStatuses(nodes: Nodes, streaming: boolean): readonly NodeStatus[] {
  return [...nodes]
    .filter(({ name }) => name !== '')
    .map((node) => ({
      name: node.name,
      state: streaming ? node.state : 'unavailable',
      version: node.heard?.report.version ?? '',
      lastFlowTime: node.pulse.lastTime,
      seenFlows: node.heard?.report.seenFlows,
      lostEvents: node.lostEvents,
      unseenSince: node.gap?.from,
    }));
}

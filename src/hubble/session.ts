import type { HubbleEvent } from '../model.js';
import type { Connect, RelayConnection } from './connection.js';
import { type Failure, failure, RelayError } from './failures.js';
import type { FlowsRequest } from './request.js';
import { every, type Timers } from './timers.js';

/**
 * Health checks: a server that freezes right after one is found out by the two
 * that follow, 8 + 8 + 5 = 21 s later. More often than keepalive pings, so that
 * a Go server sees other frames between them (channel.ts).
 */
export const HEALTH_EVERY_MS = 8_000;
const HEALTH_DEADLINE_MS = 5_000;
const MISSES_ALLOWED = 1;

/** A relay with nodes tells of them first (relay/observer/server.go); also bounds a connection attempt into a black hole. */
const FIRST_MESSAGE_MS = 10_000;
/** A node's own Hubble may have nothing to say for long; then it is asked who it is. */
const ASK_AFTER_MS = 1_000;
/** A node that appears is looked at soon, while its ring still tells from when on it was read. */
const LOOK_AFTER_MS = 1_000;
/** Each inspection makes the relay ask all its nodes, and each may count a phantom loss for it (cilium/cilium#46584). */
const INSPECT_EVERY_MS = 30_000;

export interface SessionEvents {
  message(event: HubbleEvent, receivedAt: number): void;
  /** Once, when the stream is known to live. */
  proven(): void;
  versions(relay: string, node: string): void;
  /** Once, at the end of all. */
  ended(failure: Failure): void;
  /**
   * Looks at the nodes over this connection; `node` when it turns out to be a
   * single one. May reject: then it is tried again at the next turn.
   */
  inspect(connection: RelayConnection): Promise<'relay' | 'node' | undefined>;
}

export interface SessionOptions {
  readonly connect: Connect;
  readonly request: FlowsRequest;
  readonly timers: Timers;
  readonly clock: () => number;
  readonly events: SessionEvents;
}

/** What a stream holds while it lasts, and what lets it go. */
interface Line {
  readonly connection: RelayConnection;
  readonly stops: readonly (() => void)[];
  stopLook: (() => void) | undefined;
}

/** Each state owns what must be let go when it is left. */
type State =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'unproven'; readonly line: Line; readonly stopWaiting: () => void }
  | { readonly kind: 'proven'; readonly line: Line }
  | { readonly kind: 'ended' };

/** One connection with one stream on it, from the first attempt to its end. */
export class Session {
  /** Last time that anything came from the other side. */
  lastSign = -Infinity;

  private readonly options: SessionOptions;
  private state: State = { kind: 'connecting' };
  private misses = 0;
  private inspecting = false;
  private inspectAgain = false;

  constructor(options: SessionOptions) {
    this.options = options;
  }

  get alive(): boolean {
    return this.state.kind === 'unproven' || this.state.kind === 'proven';
  }

  get proven(): boolean {
    return this.state.kind === 'proven';
  }

  /** Never rejects: what goes wrong is an end. */
  async start(): Promise<void> {
    try {
      const connection = await this.options.connect((why) => this.end(why));
      if (this.state.kind === 'connecting') this.open(connection);
      else connection.close();
    } catch (error) {
      this.end(error instanceof RelayError ? error.failure : failure('other', String(error)));
    }
  }

  /** Inspects the nodes soon, out of turn; asked many times, it does so once a second. */
  look(): void {
    if (this.state.kind !== 'unproven' && this.state.kind !== 'proven') return;
    const { line } = this.state;
    line.stopLook ??= this.options.timers.after(LOOK_AFTER_MS, () => {
      line.stopLook = undefined;
      void this.inspect(line.connection);
    });
  }

  /** Ends it, once; whoever comes first gives the reason. */
  end(why: Failure): void {
    const { state } = this;
    if (state.kind === 'ended') return;
    this.state = { kind: 'ended' };
    if (state.kind === 'unproven') state.stopWaiting();
    if (state.kind !== 'connecting') letGo(state.line);
    this.options.events.ended(why);
  }

  private open(connection: RelayConnection): void {
    const { timers, request, events } = this.options;
    const call = connection.flows(request, {
      message: (event) => this.message(connection, event),
      versions: (relay, node) => events.versions(relay, node),
      ended: (why) => this.end(why),
    });
    const stops = [
      every(timers, HEALTH_EVERY_MS, () => void this.check(connection)),
      every(timers, INSPECT_EVERY_MS, () => void this.inspect(connection)),
      () => call.cancel(),
      () => connection.close(),
    ];
    const stopAsking = timers.after(ASK_AFTER_MS, () => void this.inspect(connection));
    const stopWatchdog = timers.after(FIRST_MESSAGE_MS, () => void this.giveUp(connection));
    const stopWaiting = (): void => {
      stopAsking();
      stopWatchdog();
    };
    this.state = { kind: 'unproven', line: { connection, stops, stopLook: undefined }, stopWaiting };
  }

  private message(connection: RelayConnection, event: HubbleEvent): void {
    if (!this.alive) return;
    const now = this.options.clock();
    this.lastSign = now;
    this.options.events.message(event, now);
    if (this.prove()) void this.inspect(connection);
  }

  private prove(): boolean {
    if (this.state.kind !== 'unproven') return false;
    this.state.stopWaiting();
    this.state = { kind: 'proven', line: this.state.line };
    this.options.events.proven();
    return true;
  }

  private async giveUp(connection: RelayConnection): Promise<void> {
    const why = await connection.whySilent();
    if (this.state.kind === 'unproven') this.end(why);
  }

  /** One health check. A message that came meanwhile says the same, and louder. */
  private async check(connection: RelayConnection): Promise<void> {
    const began = this.options.clock();
    try {
      await connection.health(HEALTH_DEADLINE_MS);
      if (!this.alive) return;
      this.misses = 0;
      this.lastSign = this.options.clock();
    } catch (error) {
      this.misses = this.lastSign >= began ? 0 : this.misses + 1;
      const message = error instanceof Error ? error.message : String(error);
      if (this.misses > MISSES_ALLOWED)
        this.end(failure('stalled', `two health checks without an answer: ${message}`));
    }
  }

  /** Looks at the nodes; asked again while it does, it looks once more when it is done. */
  private async inspect(connection: RelayConnection): Promise<void> {
    if (this.inspecting) {
      this.inspectAgain = true;
      return;
    }
    this.inspecting = true;
    try {
      const kind = await this.options.events.inspect(connection);
      if (kind === 'node') this.prove();
    } catch (error) {
      // A question that was not answered is asked again at the next turn; anything else is a fault of ours, and told.
      if (!(error instanceof RelayError))
        this.end(failure('other', `inspecting the nodes: ${String(error)}`));
    }
    this.inspecting = false;
    if (!this.inspectAgain || !this.alive) return;
    this.inspectAgain = false;
    await this.inspect(connection);
  }
}

function letGo(line: Line): void {
  line.stopLook?.();
  for (const stop of line.stops) stop();
}

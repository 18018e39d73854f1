/**
 * One Alertmanager, on a loop of its own: a slow or dead one delays no other.
 *
 * Nothing is queued. Each round posts what is active then, so a round that fails
 * loses nothing, and an Alertmanager that lost its memory has everything back
 * within `alerts.resend`. A violation that just began does not wait for the round,
 * nor one that goes on when the end that was posted is near: it would be taken for
 * ended, and a minute later for begun.
 */
import { deliver } from './delivery.js';
import { alertOf } from './message.js';
import { post, type AlertmanagerAccess, type Posted, type PostResult } from './post.js';
import type { Violation } from './violations.js';

/** Time to come; the same as the stream's. */
export interface AlertTimers {
  /** Calls `run` once after `ms` milliseconds; the returned function takes it back. */
  after(ms: number, run: () => void): () => void;
}

export interface AlertObserver {
  /** One post, whatever came of it. */
  alertsPosted(post: { alertmanager: string; result: PostResult }): void;
  /** A round is through. */
  alertsSent(round: { alertmanager: string; count: number }): void;
  alertmanagerFailed(failure: {
    alertmanager: string;
    result: PostResult;
    message: string;
    /** undefined: the process ends. */
    retryInMs: number | undefined;
  }): void;
  /** It will not take this alert; it is not sent there again. */
  alertRefused(refusal: { alertmanager: string; violation: Violation; message: string }): void;
}

export interface AlertmanagerOptions {
  readonly access: AlertmanagerAccess;
  /** The violations that have not ended. */
  readonly active: () => readonly Violation[];
  readonly externalUrl: string | undefined;
  readonly resendMs: () => number;
  readonly timers: AlertTimers;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly random: () => number;
  readonly observe: AlertObserver;
  readonly timeoutMs?: number;
}

export interface Alertmanager {
  start(): void;
  /** A violation began, or one goes on that would end soon. */
  nudge(): void;
  /** One last post of everything, for at most so long. */
  close(withinMs: number): Promise<void>;
}

const TIMEOUT_MS = 10_000;
/** Violations that begin together go together. */
const COALESCE_MS = 500;
/** Waits after failures: from one to the other, doubling. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 15_000;

/** `urgent`: what it does not know of, or would see end before the next round but one. */
type Scope = 'all' | 'urgent';

export function createAlertmanager(options: AlertmanagerOptions): Alertmanager {
  return new Loop(options);
}

class Loop implements Alertmanager {
  readonly #options: AlertmanagerOptions;
  /** The end that it was told of each violation. The objects live as long as the violations. */
  readonly #told = new WeakMap<Violation, number>();
  /** What it will not take. */
  readonly #dropped = new WeakSet<Violation>();
  readonly #closing = new AbortController();
  /** Takes back the round that is due, or the one for new violations. */
  readonly #due: Record<Scope, (() => void) | undefined> = { all: undefined, urgent: undefined };
  #isBusy = false;
  #isNudged = false;
  /** In a row. */
  #failures = 0;

  constructor(options: AlertmanagerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#plan('all', 0);
  }

  nudge(): void {
    if (this.#closing.signal.aborted || this.#failures > 0) return; // the retry sends everything
    if (this.#isBusy) this.#isNudged = true;
    else if (this.#due.urgent === undefined) this.#plan('urgent', COALESCE_MS);
  }

  async close(withinMs: number): Promise<void> {
    this.#cancel();
    this.#closing.abort();
    const limit = new AbortController();
    const cancel = this.#options.timers.after(withinMs, () => limit.abort());
    const failure = await this.#round('all', limit.signal);
    cancel();
    if (failure !== undefined) this.#failed(failure, undefined);
  }

  #plan(scope: Scope, ms: number): void {
    this.#due[scope]?.();
    this.#due[scope] = this.#options.timers.after(ms, () => {
      this.#due[scope] = undefined;
      // While one round is under way the next waits for it.
      if (this.#isBusy) this.#plan(scope, COALESCE_MS);
      else void this.#turn(scope);
    });
  }

  #cancel(): void {
    this.#due.all?.();
    this.#due.urgent?.();
    this.#due.all = this.#due.urgent = undefined;
  }

  async #turn(scope: Scope): Promise<void> {
    this.#isBusy = true;
    const failure = await this.#round(scope, this.#closing.signal);
    this.#isBusy = false;
    const isNudged = this.#isNudged;
    this.#isNudged = false;
    if (this.#closing.signal.aborted) return;
    if (failure !== undefined) {
      const retryInMs = this.#nextRetry();
      this.#failed(failure, retryInMs);
      this.#cancel();
      this.#plan('all', retryInMs);
      return;
    }
    this.#failures = 0;
    if (scope === 'all') this.#plan('all', this.#options.resendMs());
    if (isNudged) this.#plan('urgent', COALESCE_MS);
  }

  /** @returns what ended it early */
  async #round(scope: Scope, aborted: AbortSignal): Promise<Posted | undefined> {
    const { access, active, externalUrl, observe, timeoutMs = TIMEOUT_MS } = this.#options;
    const alertmanager = access.url;
    const due = active().filter(
      (violation) => !this.#dropped.has(violation) && (scope === 'all' || this.#isUrgent(violation)),
    );
    if (scope === 'urgent' && due.length === 0) return undefined;
    const ends = new Map(due.map((violation) => [violation, violation.endsAt]));
    const { taken, refused, failure } = await deliver(due, async (batch) => {
      const body = JSON.stringify(batch.map((violation) => alertOf(violation, externalUrl)));
      const posted = await post(access, body, { timeoutMs, aborted });
      if (!aborted.aborted) observe.alertsPosted({ alertmanager, result: posted.result });
      return posted;
    });
    for (const violation of taken) this.#told.set(violation, ends.get(violation) ?? 0);
    for (const { item, message } of refused) {
      this.#dropped.add(item);
      observe.alertRefused({ alertmanager, violation: item, message });
    }
    if (failure === undefined) observe.alertsSent({ alertmanager, count: taken.length });
    return failure;
  }

  #isUrgent(violation: Violation): boolean {
    const told = this.#told.get(violation);
    if (told === undefined) return true;
    return told < violation.endsAt && told < this.#options.clock() + 2 * this.#options.resendMs();
  }

  #failed({ result, message }: Posted, retryInMs: number | undefined): void {
    const alertmanager = this.#options.access.url;
    this.#options.observe.alertmanagerFailed({ alertmanager, result, message, retryInMs });
  }

  /** Somewhere in the upper half: analyzers that lost one Alertmanager must not come back in step. */
  #nextRetry(): number {
    const longest = Math.min(LAST_RETRY_MS, this.#options.resendMs());
    const ceiling = Math.min(longest, FIRST_RETRY_MS * 2 ** this.#failures);
    this.#failures += 1;
    return Math.round(ceiling * (0.5 + this.#options.random() / 2));
  }
}

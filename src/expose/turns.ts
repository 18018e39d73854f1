/**
 * Answers are made one at a time, with a rest between them. Making one blocks the
 * event loop for milliseconds (a thousand crossings as JSON: about ten), and
 * Node.js would make the answers of all connections in one turn, while flows wait.
 * Whoever reaches the port could then make Hubble's ring overrun by asking often.
 * An authentication against that was not enough: in most clusters there is none.
 */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

export interface Turns {
  /** Runs the work when its turn has come; rejects with what it throws. */
  take<T>(work: () => T | Promise<T>): Promise<T>;
}

export interface Clockwork {
  /** Milliseconds, monotonic. */
  now(): number;
  pause(ms: number): Promise<unknown>;
}

const REAL: Clockwork = {
  now: () => performance.now(),
  pause: (ms) => pause(ms, undefined, { ref: false }),
};

/** @param rest how long to rest after a work, in multiples of its duration: 3 leaves three quarters to the flows */
export function createTurns(rest: number, clockwork: Clockwork = REAL): Turns {
  let last: Promise<unknown> = Promise.resolve();

  async function run<T>(work: () => T | Promise<T>): Promise<{ result: T; restMs: number }> {
    await nextTurn();
    const startedAt = clockwork.now();
    const result = await work();
    return { result, restMs: (clockwork.now() - startedAt) * rest };
  }

  return {
    async take(work) {
      const mine = last.then(() => run(work));
      // Below a millisecond there is nothing to make up for, and a timer takes at least one.
      last = mine.then(
        async ({ restMs }) => (restMs < 1 ? undefined : clockwork.pause(restMs)),
        () => undefined,
      );
      return (await mine).result;
    },
  };
}

/** Those who ask while an answer is being made get that answer: a second reader costs nothing. */
export function singleFlight<T>(work: () => Promise<T>): () => Promise<T> {
  let flight: Promise<T> | undefined;
  return () => {
    flight ??= work().finally(() => {
      flight = undefined;
    });
    return flight;
  };
}

/**
 * Those whose wait for the same thing ends together are given the same: it is made once, when its turn has come, and
 * never before the last of them asked.
 */
export function together<T>(turns: Turns): (what: string, work: () => T | Promise<T>) => Promise<T> {
  const waiting = new Map<string, Promise<T>>();
  return (what, work) => {
    const known = waiting.get(what);
    if (known !== undefined) return known;
    const made = turns.take(() => {
      waiting.delete(what);
      return work();
    });
    waiting.set(what, made);
    return made;
  };
}

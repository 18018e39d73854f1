/** Shortest ceiling: a relay that restarts is back within a second or two. */
const FIRST_MS = 500;
/** Longest ceiling: grpc-js's own 120 s would leave us blind for two minutes after the relay is back. */
const MAX_MS = 10_000;

export interface Backoff {
  /** Milliseconds to wait before the next attempt. */
  next(): number;
  /** After a connection that worked. */
  reset(): void;
}

/**
 * Full jitter: anywhere between nothing and a ceiling that doubles. Many
 * analyzers that lost one relay must not come back in step.
 */
export function createBackoff(random: () => number): Backoff {
  let ceiling = FIRST_MS;
  return {
    next() {
      const wait = Math.round(random() * ceiling);
      ceiling = Math.min(MAX_MS, ceiling * 2);
      return wait;
    },
    reset() {
      ceiling = FIRST_MS;
    },
  };
}

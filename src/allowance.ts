/** How often something may be said: a token bucket. Pure: the time is an argument. */

export interface Allowance {
  /** Whether it may be said now; what is held back is counted. @param now milliseconds since the epoch */
  take(now: number): boolean;
  /** What was held back since the last call of this. */
  heldBack(): number;
}

/**
 * @param burst how many may be said at once after a silence
 * @param perSecond how many in the long run
 */
export function createAllowance(burst: number, perSecond: number): Allowance {
  let tokens = burst;
  let filledAt = -Infinity;
  let held = 0;
  return {
    take(now) {
      // A clock that steps back must not drain the bucket; -Infinity fills it at the first call.
      tokens = Math.min(burst, tokens + (Math.max(0, now - filledAt) / 1_000) * perSecond);
      filledAt = now;
      if (tokens < 1) {
        held += 1;
        return false;
      }
      tokens -= 1;
      return true;
    },
    heldBack() {
      const count = held;
      held = 0;
      return count;
    },
  };
}

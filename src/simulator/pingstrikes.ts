/** A Go server's patience with keepalive pings (grpc-go internal/transport, keepalive.EnforcementPolicy). */
const MIN_TIME_MS = 5 * 60_000;
const MIN_TIME_WITHOUT_STREAM_MS = 2 * 3_600_000;
const MAX_STRIKES = 2;

/**
 * Counts the pings of one connection that come too soon after the one before.
 * Whatever the server sends makes it forget: only on a quiet stream are pings
 * too many. Relays set no policy of their own, so Go's defaults are theirs.
 */
export class PingStrikes {
  #strikes = 0;
  #lastMs = -Infinity;
  #forgiven = false;

  /** The server has sent headers or data. */
  sent(): void {
    this.#forgiven = true;
  }

  /**
   * @param nowMs of any clock that does not jump
   * @returns whether this was one too many: the connection is to be closed
   */
  ping(nowMs: number, openStreams: number): boolean {
    const sinceLast = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (this.#forgiven) {
      this.#forgiven = false;
      this.#strikes = 0;
      return false;
    }
    if (sinceLast < (openStreams > 0 ? MIN_TIME_MS : MIN_TIME_WITHOUT_STREAM_MS)) this.#strikes++;
    return this.#strikes > MAX_STRIKES;
  }
}

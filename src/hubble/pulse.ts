/** A node's past is kept in pieces of this length: a silence within one is not seen. */
const PIECE_MS = 250;
/** 64 seconds of it; longer than its state is asked for (30 s) plus the relay's delays. */
const PIECES = 256;
/** How long what is live waits behind a re-read; a long one of many nodes takes longer, and is mended by the first quick flow. */
const SETTLING_MS = 10_000;
/** A flow this much older than the last one, outside a re-read, is a clock that was set back. */
const STEP_BACK_MS = 60_000;

/** A stretch without flows; `to` undefined: it lasts. */
export interface Silence {
  readonly from: number;
  readonly to: number | undefined;
}

/**
 * When flows of one node happened, by that node's clock: the last one, and the
 * first and last of each quarter of the past 64 seconds, so that "when did it fall
 * silent?" can be answered after the fact. The relay tells of a lost node up to 10 s late, when
 * what it missed may already have been re-read.
 */
export class Pulse {
  /** Time of the last flow, by the node's clock; undefined before the first. */
  lastTime: number | undefined;
  /** When it was received, by ours. */
  lastReceived = -Infinity;
  /** Smallest delay seen between a flow and its receipt: the difference of the clocks, and what the way takes. */
  private lag: number | undefined;
  /** Flows from before this tell of a re-read, not of the clocks. */
  private liveFrom: number;
  private readonly firsts = new Float64Array(PIECES).fill(-Infinity);
  private readonly lasts = new Float64Array(PIECES).fill(-Infinity);

  /** @param now since when flows of the node are read live; our clock */
  constructor(now: number) {
    this.liveFrom = now;
  }

  /**
   * The node is read anew: what its ring held comes first. The delay of such a
   * flow is its age, and taken for a difference of the clocks it would move
   * every blind time by as much.
   */
  reopened(now: number): void {
    this.liveFrom = now;
  }

  /** Hot: once a flow. `live`: it is new and, as far as is known, no part of a re-read. */
  beat(time: number, receivedAt: number, live: boolean): void {
    if (live) {
      if (this.lastTime !== undefined && time < this.lastTime - STEP_BACK_MS) this.clockSetBack();
      const lag = receivedAt - time;
      if (time >= this.liveFrom + SETTLING_MS && (this.lag === undefined || lag < this.lag)) this.lag = lag;
    }
    if (live || this.lastTime === undefined || time > this.lastTime) this.lastTime = time;
    this.lastReceived = receivedAt;
    this.mark(time);
  }

  private mark(time: number): void {
    const piece = Math.floor(time / PIECE_MS);
    // Beyond 32 bits, where bitwise operators end.
    const slot = piece % PIECES;
    const last = this.lasts[slot] ?? -Infinity;
    const kept = Math.floor(last / PIECE_MS);
    if (piece < kept) return;
    if (piece > kept || time < (this.firsts[slot] ?? -Infinity)) this.firsts[slot] = time;
    if (time > last) this.lasts[slot] = time;
  }

  private clockSetBack(): void {
    this.firsts.fill(-Infinity);
    this.lasts.fill(-Infinity);
    this.lag = undefined;
    this.liveFrom = -Infinity;
  }

  /** A time of our clock as the node's clock would have said it. */
  onNodeClock(ours: number): number {
    return ours - (this.lag ?? 0);
  }

  /**
   * The longest silence that began before `latest` and lasted beyond `earliest`,
   * told at `now`. It begins at `earliest` where no flow before is known. Times of the node's
   * clock.
   */
  silence(earliest: number, latest: number, now: number): Silence {
    const beats = [...this.lasts.keys()]
      .map((slot) => ({ first: this.firsts[slot] ?? -Infinity, last: this.lasts[slot] ?? -Infinity }))
      .filter(({ last }) => last !== -Infinity)
      .sort((a, b) => a.first - b.first);
    let found: Silence | undefined;
    let longest = -1;
    let from = earliest;
    for (const { first, last } of beats) {
      if (first > earliest && from < latest && first - from > longest) {
        found = { from, to: first };
        longest = first - from;
      }
      from = last;
    }
    return found === undefined || (from < latest && now - from > longest) ? { from, to: undefined } : found;
  }
}

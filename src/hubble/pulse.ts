import { type Silence, Silences } from './silences.js';

/** How long what is live waits behind a re-read; a long one of many nodes takes longer, and is mended by the first quick flow. */
const SETTLING_MS = 10_000;
/** A flow this much older than the last one, outside a re-read, is a clock that was set back. */
const STEP_BACK_MS = 60_000;
/** Nothing received for this long is remembered as a pause; and how many of them. */
const PAUSE_MS = 1_000;
const MOST_PAUSES = 16;

/** A time in which nothing was received, by our clock, and the last flow before it, by the node's. */
interface Pause {
  readonly from: number;
  readonly to: number;
  readonly lastTime: number;
}

/**
 * When flows of one node happened, by that node's clock: the last one, and where
 * it was silent, so that "when did it fall silent?" can be answered after the
 * fact. The relay tells of a lost node up to 10 s late, when what it missed may
 * already have been re-read.
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
  private readonly silences = new Silences();
  private readonly pauses: Pause[] = [];

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
    if (receivedAt - this.lastReceived >= PAUSE_MS) this.paused(receivedAt);
    if (live) {
      if (this.lastTime !== undefined && time < this.lastTime - STEP_BACK_MS) this.clockSetBack();
      const lag = receivedAt - time;
      if (time >= this.liveFrom + SETTLING_MS && (this.lag === undefined || lag < this.lag)) this.lag = lag;
    }
    if (live || this.lastTime === undefined || time > this.lastTime) this.lastTime = time;
    this.lastReceived = receivedAt;
    this.silences.beat(time);
  }

  private paused(until: number): void {
    this.pauses.push({ from: this.lastReceived, to: until, lastTime: this.lastTime ?? -Infinity });
    if (this.pauses.length > MOST_PAUSES) this.pauses.shift();
  }

  /** The last flow before the pause that lasted over `ours`; Infinity: flows were coming then. By the node's clock. */
  lastBefore(ours: number): number {
    if (ours >= this.lastReceived) return this.lastTime ?? -Infinity;
    return this.pauses.find(({ from, to }) => from <= ours && to > ours)?.lastTime ?? Infinity;
  }

  private clockSetBack(): void {
    this.silences.forget();
    this.pauses.length = 0;
    this.lag = undefined;
    this.liveFrom = -Infinity;
  }

  /** A time of our clock as the node's clock would have said it. */
  onNodeClock(ours: number): number {
    return ours - (this.lag ?? 0);
  }

  /**
   * A time that is only known to lie between two of our clock, as the node's clock may have said it: the quickest
   * flow's delay is the difference of the clocks, or, on a way that is jammed, none of it.
   */
  within(first: number, last: number): readonly [earliest: number, latest: number] {
    return [Math.min(first, this.onNodeClock(first)), Math.max(last, this.onNodeClock(last))];
  }

  /** The longest silence around a time that is not known better, told at `now`; times of the node's clock. */
  silence(earliest: number, latest: number, now: number): Silence {
    return this.silences.around(earliest, latest, now);
  }
}

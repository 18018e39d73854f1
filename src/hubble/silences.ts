/** A stretch without flows; `to` undefined: it lasts. */
export interface Silence {
  readonly from: number;
  readonly to: number | undefined;
}

/** How many seconds are kept; longer than a node's state is asked for (30 s) plus the relay's delays. */
const SECONDS = 64;

/** One second of a node: its first and last flow, and the longest silence between them. */
interface Second {
  readonly number: number;
  first: number;
  last: number;
  /** The last flow that came, which in a re-read is not the youngest. */
  reached: number;
  from: number;
  to: number;
}

/**
 * When a node said nothing, of the past 64 seconds that it spoke in, by its own
 * clock. What is re-read fills the silences it falls into, because a ring is
 * re-read in order and whole from where it begins.
 */
export class Silences {
  private readonly seconds: (Second | undefined)[] = [];

  /** Hot: a flow happened at `time`. */
  beat(time: number): void {
    const number = Math.floor(time / 1000);
    const slot = number & (SECONDS - 1);
    const second = this.seconds[slot];
    if (second === undefined || number > second.number)
      this.seconds[slot] = { number, first: time, last: time, reached: time, from: time, to: time };
    else if (number === second.number) add(second, time);
  }

  forget(): void {
    this.seconds.length = 0;
  }

  /**
   * The longest silence that began before `latest` and lasted beyond `earliest`,
   * told at `now`. It begins at `earliest` where no flow before is known.
   */
  around(earliest: number, latest: number, now: number): Silence {
    const spoken = this.seconds.filter((second) => second !== undefined).sort((a, b) => a.number - b.number);
    // Of those before, some gave their place to later ones: what is between the others may not have been silent.
    const oldest = (spoken.at(-1)?.number ?? 0) - SECONDS;
    const seconds = spoken.filter(({ number }) => number > oldest);
    let found: Silence = { from: earliest, to: undefined };
    let longest = -1;
    const consider = (from: number, to: number | undefined): void => {
      const length = (to ?? now) - from;
      if (from >= latest || (to !== undefined && to <= earliest) || length <= longest) return;
      found = { from, to };
      longest = length;
    };
    let before = earliest;
    for (const { first, last, from, to } of seconds) {
      consider(before, first);
      consider(from, to);
      before = last;
    }
    consider(before, undefined);
    return longest < 0 ? { from: before, to: undefined } : found;
  }
}

function add(second: Second, time: number): void {
  if (time < second.reached) {
    // Read again from here on: what was a silence may be none.
    second.from = Math.min(second.from, time);
    second.to = Math.min(second.to, time);
  } else if (time - second.reached > second.to - second.from) {
    second.from = second.reached;
    second.to = time;
  }
  second.reached = time;
  second.first = Math.min(second.first, time);
  second.last = Math.max(second.last, time);
}

/** A stretch of time in milliseconds, `from` before `to`. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Enough for a bad year; beyond it the oldest are forgotten, which could at worst count an hour of that year twice. */
const MOST = 1_000;

/** Time that was covered by at least one interval, however many overlap. */
export class Union {
  private readonly merged: Interval[] = [];

  /** Adds an interval; returns how many milliseconds it covers that none covered before. */
  add({ from, to }: Interval): number {
    if (!(to > from)) return 0;
    const overlapping = this.merged.filter((known) => known.from <= to && known.to >= from);
    const covered = overlapping.reduce(
      (sum, known) => sum + Math.min(to, known.to) - Math.max(from, known.from),
      0,
    );
    const whole = {
      from: Math.min(from, ...overlapping.map((known) => known.from)),
      to: Math.max(to, ...overlapping.map((known) => known.to)),
    };
    const rest = this.merged.filter((known) => !overlapping.includes(known));
    const place = rest.filter((known) => known.from < whole.from).length;
    rest.splice(place, 0, whole);
    this.merged.splice(0, this.merged.length, ...rest.slice(-MOST));
    return to - from - covered;
  }
}

/**
 * Who leaves when there is no room, of numbers 0, 1, 2 …: a hand goes round, and
 * spares once who was seen since it last came by. Nearly the least recently used,
 * for a byte each, instead of a list that every touch would have to mend.
 */
export class Hand {
  private seen = new Uint8Array(64);
  private at = 0;

  /** Hot: it was used. */
  touch(number: number): void {
    this.seen[number] = 1;
  }

  /** It came, and was not used again yet: a scan of what comes only once leaves before what comes again. */
  enter(number: number): void {
    if (number >= this.seen.length) {
      const larger = new Uint8Array(Math.max(number + 1, this.seen.length * 2));
      larger.set(this.seen);
      this.seen = larger;
    }
    this.seen[number] = 0;
  }

  /** Whether it was used since the hand came by. */
  isFresh(number: number): boolean {
    return this.seen[number] === 1;
  }

  /** The next to leave, of so many. */
  choose(count: number): number {
    for (;;) {
      const number = this.at < count ? this.at : 0;
      this.at = number + 1;
      if (this.seen[number] !== 1) return number;
      this.seen[number] = 0;
    }
  }
}

/**
 * A node's memory of its last events: Hubble's ring (cilium
 * pkg/hubble/container/ring.go), with the corners that a reader gets to feel.
 *
 * Positions count all events ever written. One slot is always being written,
 * and the reader cannot know whether the newest event is complete: so the last
 * one written is held back until the next one comes.
 */
export class Ring<T> {
  readonly #slots: (T | undefined)[];
  #written = 0;

  /** @param capacity 2^n - 1, up to 65535, as Hubble demands; its default is 4095 */
  constructor(capacity: number) {
    const valid = Number.isInteger(capacity) && capacity > 0 && capacity <= 65_535;
    if (!valid || (capacity & (capacity + 1)) !== 0) {
      throw new RangeError(
        `simulator: ring capacity ${capacity}: expected 2^n - 1 from 1 to 65535, such as 4095`,
      );
    }
    this.#slots = new Array<T | undefined>(capacity + 1);
  }

  get capacity(): number {
    return this.#slots.length - 1;
  }

  /** How many events could be held, not how many can be read: Hubble's `num_flows`. */
  get size(): number {
    return Math.min(this.#written, this.capacity);
  }

  write(event: T): void {
    this.#slots[this.#written % this.#slots.length] = event;
    this.#written++;
  }

  /** The newest position that can be read. Negative while fewer than two events were written. */
  newest(): number {
    return this.#written - 2;
  }

  /** Where `first` begins to read (ring.go OldestWrite). */
  oldest(): number {
    return Math.max(0, this.#written - this.#slots.length);
  }

  /**
   * @returns the event; `ahead` of the writer: not there yet; `overwritten`: gone.
   *
   * A negative position comes of a reader that started on an empty ring: Hubble
   * takes it for one at the end of the counter's range, and the reader waits
   * until the slot it falls on has been written, a whole ring later.
   */
  read(position: number): { readonly event: T } | 'ahead' | 'overwritten' {
    const newest = this.#written - 1;
    if (position < 0) return this.#written >= this.#slots.length + position + 1 ? 'overwritten' : 'ahead';
    if (position >= newest) return 'ahead';
    if (position <= newest - this.#slots.length) return 'overwritten';
    const event = this.#slots[position % this.#slots.length];
    return event === undefined ? 'ahead' : { event };
  }
}

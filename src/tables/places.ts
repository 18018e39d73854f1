/** Slots a table starts with: a power of two. */
const FIRST_SLOTS = 16;

/**
 * Where in a table something may stand, by its hash: an index by open addressing
 * in one flat array. It knows no keys: it proposes positions whose hash is the
 * same, and whoever asks compares.
 *
 * The whole hash stands beside the position, so that most of what is not meant is
 * never touched, and a slot that becomes free is closed without asking anyone.
 * 10 to 20 bytes a position, where a `Map` takes forty and more and keeps the
 * garbage collector busy.
 */
export class Places {
  /** In pairs: position + 1 (0: free), and its hash. */
  private slots = new Int32Array(FIRST_SLOTS * 2);
  private mask = FIRST_SLOTS - 1;
  private size = 0;
  private cursor = 0;
  private readonly fullest: number;

  /**
   * @param fullest share of the slots that are taken at most. Who is nearly always asked for what is there may fill more:
   * what is not there is only known at the next free slot.
   */
  constructor(fullest = 2 / 3) {
    this.fullest = fullest;
  }

  get bytes(): number {
    return this.slots.byteLength;
  }

  /** The first position with this hash, 32 bits of which the low ones must be good; -1: none. */
  first(hash: number): number {
    this.cursor = hash & this.mask;
    return this.proposal(hash);
  }

  /** The position after the one that {@link first} or this gave last; nothing may have been added or removed since. */
  next(hash: number): number {
    this.cursor = (this.cursor + 1) & this.mask;
    return this.proposal(hash);
  }

  /** Enters a position that is not in it. */
  add(position: number, hash: number): void {
    this.size += 1;
    if (this.size > (this.mask + 1) * this.fullest) this.grow();
    this.enter(position + 1, hash);
  }

  /** Takes out a position that is in it, with the hash that it came with. */
  remove(position: number, hash: number): void {
    const { mask } = this;
    let slot = hash & mask;
    while (this.slots[slot * 2] !== position + 1) slot = (slot + 1) & mask;
    this.size -= 1;
    this.close(slot);
  }

  private proposal(hash: number): number {
    const { slots, mask } = this;
    let slot = this.cursor;
    for (;;) {
      const entry = slots[slot * 2] ?? 0;
      if (entry === 0 || slots[slot * 2 + 1] === hash) {
        this.cursor = slot;
        return entry - 1;
      }
      slot = (slot + 1) & mask;
    }
  }

  private enter(entry: number, hash: number): void {
    let slot = hash & this.mask;
    while (this.slots[slot * 2] !== 0) slot = (slot + 1) & this.mask;
    this.slots[slot * 2] = entry;
    this.slots[slot * 2 + 1] = hash;
  }

  /** Empties a slot and moves up those behind it that it had pushed along, so that every search still ends right. */
  private close(slot: number): void {
    const { slots, mask } = this;
    let hole = slot;
    for (let probe = (hole + 1) & mask; ; probe = (probe + 1) & mask) {
      const entry = slots[probe * 2] ?? 0;
      if (entry === 0) break;
      const hash = slots[probe * 2 + 1] ?? 0;
      if (((probe - hash) & mask) < ((probe - hole) & mask)) continue;
      slots[hole * 2] = entry;
      slots[hole * 2 + 1] = hash;
      hole = probe;
    }
    slots[hole * 2] = 0;
  }

  private grow(): void {
    const { slots } = this;
    this.mask = this.mask * 2 + 1;
    this.slots = new Int32Array((this.mask + 1) * 2);
    for (let at = 0; at < slots.length; at += 2) {
      const entry = slots[at] ?? 0;
      if (entry !== 0) this.enter(entry, slots[at + 1] ?? 0);
    }
  }
}

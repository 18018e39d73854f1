const PAGE = 64 * 1024;
/** Pages that are cleaned before one is opened. With three, what is in use stays above two thirds of all. */
const CLEANED_PER_PAGE = 3;
/** A place is a page's number and where in it: 16 bits each. */
const NOWHERE = 0xffff_ffff;

interface Page {
  readonly bytes: Buffer;
  used: number;
  /** Who was put here, in order; some have left, or were put elsewhere since. */
  readonly owners: number[];
}

/**
 * Bytes of many owners, close together: numbers 0, 1, 2 … own some bytes each.
 *
 * Pages are filled one after the other. Before a new one is opened, what is still
 * in use of the oldest is put behind what came last, and they are gone: so the
 * memory is bounded by what is in use, whatever sizes come and leave, and no turn
 * copies more than {@link CLEANED_PER_PAGE} pages. Six bytes an owner beside its
 * own, and nothing for the garbage collector to look at.
 */
export class Arena {
  private places = new Uint32Array(16).fill(NOWHERE);
  private lengths = new Uint16Array(16);
  private readonly pages: (Page | undefined)[] = [];
  /** Numbers of the pages, the oldest first. */
  private order: number[] = [];
  private readonly unused: number[] = [];
  private inUse = 0;

  /** Bytes that are owned. */
  get owned(): number {
    return this.inUse;
  }

  /** Bytes of the pages. */
  get bytes(): number {
    return this.order.length * PAGE;
  }

  /** How many bytes an owner has. */
  lengthOf(owner: number): number {
    return this.lengths[owner] ?? 0;
  }

  /** Gives `bytes[start, end)`, 1 to 65,535 of them, to an owner that has none. */
  put(owner: number, bytes: Buffer, start: number, end: number): void {
    if (owner >= this.places.length) this.makeRoom(owner);
    const length = end - start;
    if (!this.hasRoom(length) && this.bytes > this.inUse * 1.5 + 2 * PAGE)
      for (let cleaned = 0; cleaned < CLEANED_PER_PAGE; cleaned += 1) this.clean();
    this.inUse += length;
    this.append(owner, bytes, start, length);
  }

  /** Takes them away. */
  free(owner: number): void {
    this.inUse -= this.lengths[owner] ?? 0;
    this.places[owner] = NOWHERE;
  }

  /** Whether an owner's bytes are `bytes[start, end)`, every one. */
  equals(owner: number, bytes: Buffer, start: number, end: number): boolean {
    if (this.lengths[owner] !== end - start) return false;
    const place = this.places[owner] ?? NOWHERE;
    const page = this.pages[place >>> 16];
    if (page === undefined) return false;
    const at = place & 0xffff;
    return page.bytes.compare(bytes, start, end, at, at + end - start) === 0;
  }

  /** An owner's bytes as text. */
  text(owner: number): string {
    const place = this.places[owner] ?? NOWHERE;
    const at = place & 0xffff;
    return this.pages[place >>> 16]?.bytes.toString('utf8', at, at + this.lengthOf(owner)) ?? '';
  }

  /** Behind what came last. */
  private append(owner: number, bytes: Buffer, start: number, length: number): void {
    if (!this.hasRoom(length)) this.open();
    const number = this.order.at(-1) ?? 0;
    const page = this.pages[number];
    if (page === undefined) throw new Error('arena: the last page is open');
    bytes.copy(page.bytes, page.used, start, start + length);
    this.places[owner] = number * 0x1_0000 + page.used;
    this.lengths[owner] = length;
    page.owners.push(owner);
    page.used += length;
  }

  private hasRoom(length: number): boolean {
    const last = this.order.at(-1);
    return last !== undefined && (this.pages[last]?.used ?? PAGE) + length <= PAGE;
  }

  private open(): void {
    const number = this.unused.pop() ?? this.pages.length;
    this.pages[number] = { bytes: Buffer.allocUnsafeSlow(PAGE), used: 0, owners: [] };
    this.order.push(number);
  }

  /** Puts what is in use of the oldest page behind all others, and lets the page go. */
  private clean(): void {
    const [oldest] = this.order;
    const page = oldest === undefined ? undefined : this.pages[oldest];
    if (oldest === undefined || page === undefined || this.order.length < 2) return;
    for (const owner of page.owners) {
      const place = this.places[owner] ?? NOWHERE;
      if (place !== NOWHERE && place >>> 16 === oldest)
        this.append(owner, page.bytes, place & 0xffff, this.lengthOf(owner));
    }
    this.order.shift();
    this.pages[oldest] = undefined;
    this.unused.push(oldest);
  }

  private makeRoom(owner: number): void {
    const size = Math.max(owner + 1, this.places.length * 2);
    const places = new Uint32Array(size).fill(NOWHERE);
    places.set(this.places);
    this.places = places;
    const lengths = new Uint16Array(size);
    lengths.set(this.lengths);
    this.lengths = lengths;
  }
}

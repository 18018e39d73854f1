import { landing } from '../tables/digest.js';

/** Takes one message, `bytes[start, end)`; false: no more are wanted. The bytes are the network's: copy what is to be kept. */
export type TakeMessage = (bytes: Buffer, start: number, end: number) => boolean;

/** A flag (0: not compressed) and the message's length, 32 bits, big end first (gRPC over HTTP/2, Length-Prefixed-Message). */
const HEADER = 5;
/** As much of a message as is copied together without growing: flows are of one or two KiB. */
const FIRST_HELD = 16 * 1024;
const NOTHING: Buffer[] = [];

/**
 * Finds the messages in the stream of a call, and hands each on where it lies,
 * which is where bytes are digested without being copied again: a piece of 16 KiB
 * is moved there as fast as its first byte is read.
 *
 * What is not an ordinary message is not ours to judge: from a compressed frame
 * or one that is too long on, everything goes to gRPC's own reader.
 */
export class Frames {
  private readonly take: TakeMessage;
  private readonly longest: number;
  /** Called with all that is left when an extraordinary frame begins; gives what their reader gives. */
  private readonly handBack: (rest: Buffer) => Buffer[];
  /** The beginning of a message whose end has not come. */
  private held = Buffer.allocUnsafe(FIRST_HELD);
  private length = 0;
  private stopped = false;

  /** @param options.longest bytes of a message at most; -1: any */
  constructor(options: { take: TakeMessage; longest: number; handBack: (rest: Buffer) => Buffer[] }) {
    this.take = options.take;
    this.longest = options.longest === -1 ? Infinity : options.longest;
    this.handBack = options.handBack;
  }

  /** The next piece of the stream. @returns what their reader makes of what is handed back to it: nearly always nothing */
  write(chunk: Buffer): Buffer[] {
    if (this.stopped) return NOTHING;
    let pos = 0;
    if (this.length > 0) {
      pos = this.complete(chunk);
      if (this.length > 0) return this.isExtraordinary(this.held) ? this.giveUp(chunk, pos) : NOTHING;
    }
    const { length } = chunk;
    const bytes = land(chunk);
    while (pos + HEADER <= length) {
      const size = sizeAt(bytes, pos);
      if (bytes[pos] !== 0 || size > this.longest) return this.giveUp(chunk, pos);
      const end = pos + HEADER + size;
      if (end > length) break;
      if (!this.hand(bytes, pos + HEADER, end)) return NOTHING;
      pos = end;
    }
    this.hold(chunk, pos, length);
    return NOTHING;
  }

  /** Adds to the message that is held what the piece has of it. @returns where the next one begins; the end, if none is wanted */
  private complete(chunk: Buffer): number {
    let pos = 0;
    if (this.length < HEADER) {
      pos = Math.min(HEADER - this.length, chunk.length);
      this.hold(chunk, 0, pos);
      if (this.length < HEADER || this.isExtraordinary(this.held)) return pos;
    }
    const whole = HEADER + sizeAt(this.held, 0);
    const end = Math.min(chunk.length, pos + whole - this.length);
    this.hold(chunk, pos, end);
    if (this.length === whole) {
      const bytes = this.held;
      this.letGo();
      if (!this.hand(bytes, HEADER, whole)) return chunk.length;
    }
    return end;
  }

  private isExtraordinary(header: Buffer): boolean {
    return this.length >= HEADER && (header[0] !== 0 || sizeAt(header, 0) > this.longest);
  }

  private hold(chunk: Buffer, from: number, to: number): void {
    const length = this.length + to - from;
    if (length > this.held.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.held.length * 2));
      this.held.copy(larger, 0, 0, this.length);
      this.held = larger;
    }
    chunk.copy(this.held, this.length, from, to);
    this.length = length;
  }

  private letGo(): void {
    this.length = 0;
    if (this.held.length > FIRST_HELD) this.held = Buffer.allocUnsafe(FIRST_HELD);
  }

  /** @returns whether more are wanted */
  private hand(bytes: Buffer, start: number, end: number): boolean {
    try {
      this.stopped = !this.take(bytes, start, end);
    } catch (error) {
      raise(error);
      this.stopped = true;
    }
    return !this.stopped;
  }

  private giveUp(chunk: Buffer, pos: number): Buffer[] {
    const rest = Buffer.concat([this.held.subarray(0, this.length), chunk.subarray(pos)]);
    this.letGo();
    return this.handBack(rest);
  }
}

/** Throws where nobody catches: gRPC would take a fault of ours for a bad frame and end the stream, and it has to end the process. */
export function raise(fault: unknown): void {
  setImmediate(() => {
    throw fault;
  });
}

/** The piece, where it is best read from. */
function land(chunk: Buffer): Buffer {
  if (chunk.length > landing.length) return chunk;
  landing.set(chunk);
  return landing;
}

function sizeAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at + 1);
}

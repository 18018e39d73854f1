import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/**
 * A TCP connection that can be told to misbehave. Sits between the socket and
 * HTTP/2, because HTTP/2 in Node takes the socket's handle for itself: pausing
 * the socket from outside would have no effect.
 */
export class Gate extends Duplex {
  readonly #socket: Socket;
  #frozen = false;
  readonly #held: (() => void)[] = [];

  constructor(socket: Socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    // A connection that breaks is what a gate is for: nobody else needs to hear of it.
    this.on('error', () => undefined);
  }

  /** Neither reads nor writes from now on, and does not say so: a stopped process, a black hole. */
  freeze(): void {
    this.#frozen = true;
    this.#socket.pause();
  }

  /** Goes on where it stood. */
  thaw(): void {
    this.#frozen = false;
    for (const write of this.#held.splice(0)) write();
    this.#socket.resume();
  }

  /** TCP RST: what was on its way is lost. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** TCP FIN after what has been written. */
  finish(): void {
    this.#socket.destroySoon();
  }

  /** Bytes that are not HTTP/2. */
  inject(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  override _read(): void {
    if (!this.#frozen) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#pass(() => this.#socket.write(chunk, done));
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#pass(() => {
      this.#socket.cork();
      for (const { chunk } of chunks.slice(0, -1)) this.#socket.write(chunk);
      this.#socket.write(chunks.at(-1)?.chunk ?? Buffer.alloc(0), done);
      this.#socket.uncork();
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#pass(() => this.#socket.end(done));
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#held.length = 0;
    this.#socket.destroy();
    done(error);
  }

  #pass(write: () => void): void {
    if (this.#frozen) this.#held.push(write);
    else write();
  }
}

import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';

/** gRPC status codes (grpc.io, status codes), those that are used here. */
export const GrpcCode = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** How a call ends. */
export interface Status {
  readonly code: number;
  readonly message?: string;
}

/** Thrown by a handler: the call ends with this status. */
export class GrpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The server's side of one gRPC call over HTTP/2 (grpc PROTOCOL-HTTP2.md):
 * messages with a five-byte prefix, the status in the trailers.
 */
export class Call {
  readonly method: string;
  readonly metadata: IncomingHttpHeaders;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: Readonly<Record<string, string>>;
  /** Called for everything that goes to the client. */
  onSend: () => void = () => undefined;
  #ended = false;

  constructor(
    stream: ServerHttp2Stream,
    request: IncomingHttpHeaders,
    headers: Readonly<Record<string, string>>,
  ) {
    this.#stream = stream;
    this.#headers = headers;
    this.metadata = request;
    this.method = request[':path'] ?? '';
    // A client that goes away is ordinary: handlers hear of it by onClosed.
    stream.on('error', () => undefined);
  }

  /** Whether another message may be sent now; if not, `onDrain` says when. */
  get writable(): boolean {
    return !this.closed && !this.#stream.writableNeedDrain;
  }

  get closed(): boolean {
    return this.#ended || this.#stream.destroyed || this.#stream.closed;
  }

  onDrain(listener: () => void): void {
    this.#stream.on('drain', listener);
  }

  onClosed(listener: () => void): void {
    this.#stream.once('close', listener);
  }

  /** The request's message, once it is there whole. A server-streaming or unary call has exactly one. */
  onRequest(listener: (message: Buffer) => void): void {
    let received = Buffer.alloc(0);
    this.#stream.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 5 || received.length < 5 + received.readUInt32BE(1)) return;
      this.#stream.removeAllListeners('data').resume();
      listener(received.subarray(5, 5 + received.readUInt32BE(1)));
    });
  }

  /** @param flag 0; 1 says that the message is compressed */
  send(message: Uint8Array, flag = 0): void {
    if (this.closed) return;
    this.#respond();
    const prefix = Buffer.alloc(5);
    prefix.writeUInt8(flag, 0);
    prefix.writeUInt32BE(message.length, 1);
    this.#stream.write(Buffer.concat([prefix, message]));
    this.onSend();
  }

  /** Ends the call; OK where no status is given. */
  end(status: Status = { code: GrpcCode.OK }): void {
    if (this.closed) return;
    const trailers = {
      'grpc-status': String(status.code),
      ...(status.message === undefined ? {} : { 'grpc-message': encodeURIComponent(status.message) }),
    };
    if (this.#stream.headersSent) {
      this.#stream.on('wantTrailers', () => this.#stream.sendTrailers(trailers));
      this.#stream.end();
    } else {
      this.#stream.respond({ ...this.#responseHeaders(), ...trailers }, { endStream: true });
    }
    this.#ended = true;
    this.onSend();
  }

  /** HTTP/2 RST_STREAM without a gRPC status. */
  reset(code: number = constants.NGHTTP2_INTERNAL_ERROR): void {
    this.#ended = true;
    this.#stream.close(code);
  }

  #respond(): void {
    if (!this.#stream.headersSent) this.#stream.respond(this.#responseHeaders(), { waitForTrailers: true });
  }

  #responseHeaders(): Record<string, string | number> {
    return { ':status': 200, 'content-type': 'application/grpc', ...this.#headers };
  }
}

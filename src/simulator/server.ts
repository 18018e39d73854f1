import {
  constants,
  createSecureServer,
  createServer,
  type Http2Server,
  type Http2Session,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import { Call, GrpcCode, GrpcError } from './call.js';
import { Gate } from './gate.js';
import { PingStrikes } from './pingstrikes.js';

export type Handler = (call: Call, request: Buffer) => void;

/** Certificates in PEM. With `clientCa` only clients that it signed are served (mTLS). */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string;
}

export interface ServerOptions {
  /** By path: `/observer.Observer/GetFlows`. Any other is UNIMPLEMENTED. */
  readonly handlers: ReadonlyMap<string, Handler>;
  /** Metadata on every response. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: ServerTls;
}

/**
 * A gRPC server on node:http2. Not @grpc/grpc-js's: that one keeps its sessions
 * to itself, and a simulator has to send the GOAWAY, the broken message and the
 * RST that real servers and networks send.
 */
export class GrpcServer {
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #http: Http2Server;
  readonly #gates = new Set<Gate>();
  readonly #sessions = new Map<Http2Session, PingStrikes>();
  readonly #calls = new Set<Call>();
  #listener: TcpServer | undefined;
  #frozen = false;

  constructor(options: ServerOptions) {
    this.#handlers = options.handlers;
    this.#headers = options.headers ?? {};
    this.#http = httpServer(options.tls);
    this.#http.on('session', (session) => this.#meet(session));
    this.#http.on('sessionError', () => undefined);
    // Plain text on the TLS port, or the other way round: the client's mistake, and its error.
    this.#http.on('tlsClientError', () => undefined);
    this.#http.on('stream', (stream, headers) => {
      const call = new Call(stream, headers, this.#headers);
      this.#calls.add(call);
      call.onClosed(() => this.#calls.delete(call));
      const strikes = stream.session === undefined ? undefined : this.#sessions.get(stream.session);
      call.onSend = () => strikes?.sent();
      call.onRequest((request) => this.#handle(call, request));
    });
  }

  /** Calls in progress. */
  get calls(): ReadonlySet<Call> {
    return this.#calls;
  }

  get connections(): number {
    return this.#gates.size;
  }

  /**
   * @param address `host:port` (port 0: any), or `unix:/path`
   * @returns the address bound, in the same form
   */
  async listen(address: string): Promise<string> {
    const listener = createTcpServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#listener = listener;
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(listenOptions(address), resolve);
    });
    const bound = listener.address();
    if (bound === null || typeof bound === 'string') return address;
    return `${address.slice(0, address.lastIndexOf(':'))}:${bound.port}`;
  }

  /** Stops listening and drops every connection: new ones are refused until {@link listen} is called again. */
  async close(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    const closed = new Promise<void>((resolve) => {
      if (listener === undefined) resolve();
      else listener.close(() => resolve());
    });
    this.disconnect();
    for (const gate of this.#gates) gate.destroy();
    await closed;
  }

  /** Resolves when the calls that have ended have left, or after a tenth of a second. */
  async finished(): Promise<void> {
    const giveUp = Date.now() + 100;
    do await new Promise((resolve) => setTimeout(resolve, 5));
    while (Date.now() < giveUp && [...this.#calls].some((call) => call.closed));
  }

  /** TCP RST on every connection. */
  reset(): void {
    for (const gate of this.#gates) gate.reset();
  }

  /** TCP FIN on every connection. */
  disconnect(): void {
    for (const gate of this.#gates) gate.finish();
  }

  /** Accepts connections but neither reads nor writes, as a stopped process does. */
  freeze(): void {
    this.#frozen = true;
    for (const gate of this.#gates) gate.freeze();
  }

  thaw(): void {
    this.#frozen = false;
    for (const gate of this.#gates) gate.thaw();
  }

  /** A graceful GOAWAY: streams go on, new calls need a new connection. */
  goaway(): void {
    for (const session of this.#sessions.keys()) session.goaway(constants.NGHTTP2_NO_ERROR);
  }

  /** What a Go server does to a client whose keepalive pings come too often: GOAWAY, then it hangs up. */
  tooManyPings(): void {
    for (const session of this.#sessions.keys()) calmDown(session);
  }

  /** Bytes that are not HTTP/2, on every connection. */
  inject(bytes: Buffer): void {
    for (const gate of this.#gates) gate.inject(bytes);
  }

  #accept(socket: Socket): void {
    const gate = new Gate(socket);
    this.#gates.add(gate);
    gate.once('close', () => this.#gates.delete(gate));
    if (this.#frozen) gate.freeze();
    this.#http.emit('connection', gate);
  }

  #meet(session: ServerHttp2Session): void {
    const strikes = new PingStrikes();
    let streams = 0;
    this.#sessions.set(session, strikes);
    session.on('error', () => undefined);
    session.once('close', () => this.#sessions.delete(session));
    session.on('stream', (stream) => {
      streams++;
      stream.once('close', () => streams--);
    });
    session.on('ping', () => {
      if (strikes.ping(performance.now(), streams)) calmDown(session);
    });
  }

  #handle(call: Call, request: Buffer): void {
    const handler = this.#handlers.get(call.method);
    if (handler === undefined) {
      call.end({ code: GrpcCode.UNIMPLEMENTED, message: `unknown method ${call.method}` });
      return;
    }
    try {
      handler(call, request);
    } catch (error) {
      call.end(statusOf(error));
    }
  }
}

function calmDown(session: Http2Session): void {
  session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'));
  // Once the frame has left.
  setImmediate(() => session.destroy());
}

/** A handler's error as the status its call ends with; an ordinary Error is what Go calls Unknown. */
export function statusOf(error: unknown): { code: number; message: string } {
  if (error instanceof GrpcError) return { code: error.code, message: error.message };
  return { code: GrpcCode.UNKNOWN, message: error instanceof Error ? error.message : String(error) };
}

function httpServer(tls: ServerTls | undefined): Http2Server {
  // Node's own limit would answer a slow reader with ENHANCE_YOUR_CALM; flow control is the limit here.
  const limits = { maxSessionMemory: 1000 };
  if (tls === undefined) return createServer(limits);
  const { cert, key, clientCa } = tls;
  return createSecureServer({
    ...limits,
    cert,
    key,
    // As Hubble demands.
    minVersion: 'TLSv1.3',
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  });
}

function listenOptions(address: string): { path: string } | { host: string; port: number } {
  if (address.startsWith('unix:')) return { path: address.slice('unix:'.length) };
  const colon = address.lastIndexOf(':');
  const port = Number(address.slice(colon + 1));
  if (colon === -1 || !Number.isInteger(port)) {
    throw new Error(`simulator: listen address "${address}": expected host:port or unix:/path`);
  }
  return { host: address.slice(0, colon), port };
}

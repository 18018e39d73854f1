/** One listen address: a server of Node.js with our limits, plain or TLS, and its orderly end. */
import http, { type RequestListener, type Server, type ServerOptions } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { splitHostPort } from '../config/addresses.js';
import { quoted } from '../config/problem.js';
import { watchCrowd } from './crowd.js';
import { HANDSHAKE_TIMEOUT_MS, RESPONSE_TIMEOUT_MS, SERVER_LIMITS } from './limits.js';
import { problem, PROBLEM_TYPE } from './problem.js';
import type { Identity } from './tls.js';

export interface Listener {
  /** `http://127.0.0.1:9967`, with the port that was bound. */
  readonly address: string;
  readonly server: Server;
  /** Of a TLS listener: what connections from now on are made with. */
  setIdentity(identity: Identity): void;
  /** Waits up to `graceMs` for answers on their way; idle connections end at once. */
  close(graceMs: number): Promise<void>;
}

export interface ListenerOptions {
  /** As in --web.listen-address. */
  readonly address: string;
  readonly handler: RequestListener;
  readonly tls:
    | { readonly identity: Identity; readonly askClients: boolean; admit: (socket: TLSSocket) => boolean }
    | undefined;
}

/** Rejects with a sentence that names the flag and the address. */
export async function openListener({ address, handler, tls }: ListenerOptions): Promise<Listener> {
  const { host, port } = splitHostPort(address) ?? { host: '', port: 0 };
  const secure = tls && createSecureServer(tls, handler);
  const server = secure ?? http.createServer(SERVER_LIMITS, handler);
  const crowd = watchCrowd(server);
  // Not a byte in either direction for so long: nobody is there.
  server.setTimeout(RESPONSE_TIMEOUT_MS, (socket) => socket.destroy());
  server.on('clientError', refuseUnreadable);
  // An expectation of 100-continue announces a body, and those are refused without one byte of it read.
  server.on('checkContinue', handler);
  await listen(server, host === '' ? { port } : { port, host }, address);

  return {
    address: urlOf(server, secure === undefined ? 'http' : 'https'),
    server,
    setIdentity: (identity) => secure?.setSecureContext(identity),
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => crowd.disperse(), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

/**
 * Certificates of clients are asked for here and judged by `admit`, since
 * Node.js knows only "any" and "valid", and a listener cannot change its mind.
 */
function createSecureServer(
  { identity, askClients, admit }: NonNullable<ListenerOptions['tls']>,
  handler: RequestListener,
): https.Server {
  const options: https.ServerOptions & ServerOptions = {
    ...SERVER_LIMITS,
    ...identity,
    requestCert: askClients,
    rejectUnauthorized: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  };
  const server = https.createServer(options, handler);
  server.prependListener('secureConnection', (socket) => {
    if (!admit(socket)) socket.destroy();
  });
  return server;
}

function listen(server: Server, where: { port: number; host?: string }, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message = `--web.listen-address ${quoted(address)}: ${listenFailure(error)}`;
      reject(new Error(message, { cause: error }));
    });
    server.listen(where, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function listenFailure({ code = '', message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'the address is in use already; stop what uses it, or choose another port (0 is any free one)';
    case 'EACCES':
      return 'this user may not listen there; choose a port from 1024 on';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address; leave the host out to listen on every interface';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name has no address; give an IP address, or leave the host out';
    default:
      return message;
  }
}

function urlOf(server: Server, scheme: string): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** What cannot be read as HTTP, or comes too slowly, gets its answer from here: no request exists yet. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, detail] = unreadable(error.code);
  const what = problem(status, '', { detail });
  const body = JSON.stringify(what);
  socket.write(
    `HTTP/1.1 ${status} ${what.title}\r\nContent-Type: ${PROBLEM_TYPE}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  socket.destroySoon();
}

function unreadable(code: string | undefined): [number, string] {
  if (code === 'HPE_HEADER_OVERFLOW')
    return [431, `headers of more than ${SERVER_LIMITS.maxHeaderSize} bytes`];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'the request took too long to arrive'];
  return [400, 'not readable as HTTP/1.1'];
}

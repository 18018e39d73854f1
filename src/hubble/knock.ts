import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type PeerCertificate } from 'node:tls';
import type { Certificates, TlsSettings } from './certificates.js';
import type { Target } from './target.js';

/** What a server shows to somebody who knocks at its port, below gRPC. */
export interface Door {
  readonly target: Target;
  /** undefined: plaintext. */
  readonly tls: { readonly settings: TlsSettings; readonly certificates: Certificates } | undefined;
}

/** Longer than a lost SYN is retried once, shorter than anybody waits. */
const KNOCK_MS = 4_000;
/** In TLS 1.3 the server's verdict on our certificate comes after our side is done. */
const VERDICT_MS = 1_000;

/** The client's half of an HTTP/2 start: preface and an empty SETTINGS frame (RFC 9113, 3.4). */
const HTTP2_START = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

function address(target: Target): { path: string } | { host: string; port: number } {
  return target.kind === 'unix' ? { path: target.path } : { host: target.host, port: target.port };
}

/** The error's code, or ''. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}

export type Reach = { readonly bytes: Buffer } | { readonly error: Error };

/** Connects, says `hello`, and waits for the first bytes or the end. */
function knock(
  open: () => Socket,
  event: 'connect' | 'secureConnect',
  hello: Buffer,
  wait: number,
): Promise<Reach> {
  return new Promise((resolve) => {
    const socket = open();
    const done = (reach: Reach): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      resolve(reach);
    };
    let timer = setTimeout(
      () => done({ error: Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }) }),
      KNOCK_MS,
    );
    socket.once(event, () => {
      clearTimeout(timer);
      timer = setTimeout(() => done({ bytes: Buffer.alloc(0) }), wait);
      socket.write(hello);
    });
    socket.once('data', (bytes: Buffer) => done({ bytes }));
    socket.once('error', (error) => done({ error }));
    socket.once('close', () =>
      done({ error: Object.assign(new Error('closed without an answer'), { code: 'ECLOSED' }) }),
    );
  });
}

/** Knocks in plaintext. */
export function knockPlain(target: Target): Promise<Reach> {
  return knock(() => connectTcp(address(target)), 'connect', HTTP2_START, VERDICT_MS);
}

/** Whether the answer begins with a SETTINGS frame. */
export const isHttp2 = (bytes: Buffer): boolean => bytes.length >= 9 && bytes[3] === 4;

function tlsOptions({ target, tls }: Door): ConnectionOptions {
  const host = target.kind === 'tcp' ? target.host : 'localhost';
  const name = tls?.settings.serverName ?? host;
  const { ca, cert, key } = tls?.certificates ?? {};
  return {
    ...address(target),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    // An address is no server name (RFC 6066); the check of the certificate takes it as `host`.
    ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
    host: target.kind === 'tcp' ? target.host : name,
    ALPNProtocols: ['h2'],
    // Only looked at here: what is wrong with the certificate is read from the open socket.
    rejectUnauthorized: false,
  };
}

export interface Handshake {
  readonly reach: Reach;
  /** Why Node.js does not believe the certificate: an OpenSSL code, or '' when it does or there was none to see. */
  readonly doubt: string;
  readonly certificate: PeerCertificate | undefined;
}

/** Node.js types it as an Error; it is OpenSSL's code as a string, an Error for a wrong name, and null when all is well. */
function doubtOf(error: unknown): string {
  if (error instanceof Error) return codeOf(error) || error.message;
  return typeof error === 'string' ? error : '';
}

/** Knocks with TLS, believing whatever certificate comes. */
export async function handshake(door: Door): Promise<Handshake> {
  const socket = connectTls(tlsOptions(door));
  let doubt = '';
  let certificate: PeerCertificate | undefined;
  socket.once('secureConnect', () => {
    doubt = doubtOf(socket.authorizationError);
    certificate = socket.getPeerCertificate();
  });
  const reach = await knock(() => socket, 'secureConnect', HTTP2_START, VERDICT_MS);
  return { reach, doubt, certificate };
}

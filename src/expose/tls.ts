/** TLS of the web side: `tls_server_config` of the web configuration, from its files to what Node.js takes. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureVersion, type TLSSocket } from 'node:tls';
import { plain } from '../outside.js';

/** Go's names of crypto/tls.ClientAuthType, which the format uses. */
export const CLIENT_AUTH = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
export type ClientAuth = (typeof CLIENT_AUTH)[number];

export const TLS_VERSIONS = { TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const satisfies Record<
  string,
  SecureVersion
>;

export interface TlsSettings {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientAuth: ClientAuth;
  readonly clientCaFile: string | undefined;
  readonly minVersion: keyof typeof TLS_VERSIONS;
  readonly maxVersion: keyof typeof TLS_VERSIONS;
}

/** What connections are made with; a subset of Node.js' SecureContextOptions. */
export interface Identity {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
}

/** Rejects with a sentence that names the key of the file and the path. */
export async function readIdentity(settings: TlsSettings): Promise<Identity> {
  const cert = await read('cert_file', settings.certFile);
  const key = await read('key_file', settings.keyFile);
  const ca =
    settings.clientCaFile === undefined ? undefined : await read('client_ca_file', settings.clientCaFile);
  checkCertificates('cert_file', settings.certFile, cert);
  if (ca !== undefined) checkCertificates('client_ca_file', settings.clientCaFile ?? '', ca);
  const identity: Identity = {
    cert,
    key,
    ...(ca && { ca }),
    minVersion: TLS_VERSIONS[settings.minVersion],
    maxVersion: TLS_VERSIONS[settings.maxVersion],
  };
  try {
    createSecureContext(identity);
  } catch (error) {
    const files = `cert_file ${settings.certFile} with key_file ${settings.keyFile}`;
    throw new Error(`${files} cannot be used: ${messageOf(error)}; both must be PEM, and fit each other`, {
      cause: error,
    });
  }
  return identity;
}

export function sameIdentity(a: Identity | undefined, b: Identity | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const isSame = (x: Buffer | undefined, y: Buffer | undefined): boolean =>
    x === undefined || y === undefined ? x === y : x.equals(y);
  const versions = a.minVersion === b.minVersion && a.maxVersion === b.maxVersion;
  return versions && isSame(a.cert, b.cert) && isSame(a.key, b.key) && isSame(a.ca, b.ca);
}

/** Whether the connection's certificate is what was asked for. The handshake has checked it against `ca` already. */
export function admitsClient(clientAuth: ClientAuth, socket: TLSSocket): boolean {
  const isGiven = socket.getPeerX509Certificate() !== undefined;
  switch (clientAuth) {
    case 'NoClientCert':
    case 'RequestClientCert':
      return true;
    case 'RequireAnyClientCert':
      return isGiven;
    case 'VerifyClientCertIfGiven':
      return !isGiven || socket.authorized;
    case 'RequireAndVerifyClientCert':
      return isGiven && socket.authorized;
  }
}

async function read(key: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`${key}: cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** OpenSSL takes a file without any certificate and then trusts nobody, without a word. */
function checkCertificates(key: string, path: string, pem: Buffer): void {
  const blocks =
    pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error(`${key}: ${path} holds no certificate, expected PEM`);
  try {
    for (const block of blocks) new X509Certificate(block);
  } catch (error) {
    throw new Error(`${key}: ${path} holds a certificate that cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function messageOf(error: unknown): string {
  return plain(error instanceof Error ? error.message : String(error));
}

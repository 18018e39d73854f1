import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { failure, RelayError } from './failures.js';
import { every, type Timers } from './timers.js';

/** The `--tls-*` flags. */
export interface TlsSettings {
  /** PEM bundles; none: the authorities that Node.js ships. */
  readonly caFiles: readonly string[];
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  /** The name to check the server's certificate against, instead of the host of `--server`. */
  readonly serverName: string | undefined;
  /** Encrypt, but believe any certificate. */
  readonly insecure: boolean;
}

/** What the files held when they were read. */
export interface Certificates {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

/** Certificates live for months; ten seconds after a rotation is soon enough, and three small reads cost nothing. */
const CHECK_EVERY_MS = 10_000;

async function read(flag: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new RelayError(
      failure(
        'certificate',
        `${flag}: cannot read ${path} (${why})`,
        `${flag} must name a PEM file this process may read.`,
      ),
      false,
    );
  }
}

function unusable(what: string, error: unknown): RelayError {
  const why = error instanceof Error ? error.message : String(error);
  return new RelayError(
    failure('certificate', `${what} cannot be used: ${why}`, `${what} must be PEM, and fit each other.`),
    false,
  );
}

/** Every certificate of every bundle is parsed: OpenSSL would take a bundle without any and then trust nobody. */
function checkAuthorities(ca: Buffer, files: readonly string[]): void {
  const blocks =
    ca.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw unusable(`--tls-ca-cert-files ${files.join(', ')}`, 'no certificate in it');
  try {
    for (const block of blocks) new X509Certificate(block);
  } catch (error) {
    throw unusable(`--tls-ca-cert-files ${files.join(', ')}`, error);
  }
}

function checkIdentity({ cert, key }: Certificates, tls: TlsSettings): void {
  if (cert === undefined && key === undefined) return;
  const what = `--tls-client-cert-file ${tls.certFile ?? '(not given)'} with --tls-client-key-file ${tls.keyFile ?? '(not given)'}`;
  if (cert === undefined || key === undefined) throw unusable(what, 'one of the two is missing');
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw unusable(what, error);
  }
}

/** Reads and checks the files; rejects with a RelayError that names flag and path. */
export async function readCertificates(tls: TlsSettings): Promise<Certificates> {
  const bundles = await Promise.all(tls.caFiles.map((path) => read('--tls-ca-cert-files', path)));
  const found: Certificates = {
    ca:
      bundles.length === 0
        ? undefined
        : Buffer.concat(bundles.flatMap((bundle) => [bundle, Buffer.from('\n')])),
    cert: tls.certFile === undefined ? undefined : await read('--tls-client-cert-file', tls.certFile),
    key: tls.keyFile === undefined ? undefined : await read('--tls-client-key-file', tls.keyFile),
  };
  if (found.ca !== undefined) checkAuthorities(found.ca, tls.caFiles);
  checkIdentity(found, tls);
  return found;
}

function same(a: Certificates, b: Certificates): boolean {
  const equal = (x: Buffer | undefined, y: Buffer | undefined): boolean =>
    x === undefined || y === undefined ? x === y : x.equals(y);
  return equal(a.ca, b.ca) && equal(a.cert, b.cert) && equal(a.key, b.key);
}

/**
 * Looks at the files every ten seconds and calls `changed` once when they hold
 * something new that can be used. Files caught half-written (a new key beside
 * the old certificate) are told as trouble once, and looked at again; the
 * connection made with the old ones goes on meanwhile. Returns what stops it.
 */
export function watchCertificates(options: {
  tls: TlsSettings;
  current: Certificates;
  timers: Timers;
  changed: () => void;
  trouble: (message: string) => void;
}): () => void {
  let told = '';
  let stopped = false;
  const stop = every(options.timers, CHECK_EVERY_MS, () => void look());
  async function look(): Promise<void> {
    try {
      const found = await readCertificates(options.tls);
      told = '';
      if (stopped || same(found, options.current)) return;
      halt();
      options.changed();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!stopped && message !== told) options.trouble(message);
      told = message;
    }
  }
  function halt(): void {
    stopped = true;
    stop();
  }
  return halt;
}

/** Certificates made for one test run. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}
const DAY = 86_400_000;

export async function authority(name: string): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** A certificate for `names`, valid from `from` to `to` days from now. */
export async function issued(
  ca: KeyPair,
  names: readonly string[],
  { from = -1, to = 30 }: { from?: number; to?: number } = {},
): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: names[0] ?? '' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca,
    notBeforeDate: new Date(Date.now() + from * DAY),
    notAfterDate: new Date(Date.now() + to * DAY),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2 as const, value })) },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** Writes texts to files of a new directory and returns their paths. */
export function files<Names extends string>(texts: Record<Names, string>): Record<Names, string> {
  const directory = mkdtempSync(join(tmpdir(), 'crosstalk-'));
  const entries = Object.entries<string>(texts).map(([name, text]) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return [name, path];
  });
  return Object.fromEntries(entries) as Record<Names, string>;
}

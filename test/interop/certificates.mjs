// Certificates as Cilium's chart makes them, written to files.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** @typedef {{ readonly cert: string, readonly key: string, readonly certFile: string, readonly keyFile: string }} Certificate */

const daysAgo = (days) => new Date(Date.now() - days * 86_400_000);

/** A CA of its own and what it issues. */
export async function authority() {
  const directory = mkdtempSync(join(tmpdir(), 'interop-'));
  const file = (name, text) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  const ca = await generate([{ name: 'commonName', value: 'Cilium CA' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  return {
    cert: ca.cert,
    certFile: file('ca.crt', ca.cert),
    /**
     * @param {string} name such as *.hubble-relay.cilium.io (relay, and towards nodes), or
     *   *.<cluster>.hubble-grpc.cilium.io (nodes)
     * @param {{ expired?: boolean }} options expired: until yesterday
     * @returns {Promise<Certificate>}
     */
    issue: async (name, { expired = false } = {}) => {
      const made = await generate([{ name: 'commonName', value: name }], {
        keyType: 'ec',
        algorithm: 'sha256',
        ca: { cert: ca.cert, key: ca.private },
        ...(expired && { notBeforeDate: daysAgo(2), notAfterDate: daysAgo(1) }),
        extensions: [
          { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
          { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
        ],
      });
      const as = expired ? `${name}.expired` : name;
      return {
        cert: made.cert,
        key: made.private,
        certFile: file(`${as}.crt`, made.cert),
        keyFile: file(`${as}.key`, made.private),
      };
    },
  };
}

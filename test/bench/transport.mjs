// What the way of the bytes changes: how large the server's writes are, TLS, the field mask.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { inRounds, measure, READERS, startSource } from './rounds.mjs';

const NAME = 'bench.test';

async function certificate() {
  const made = await generate([{ name: 'commonName', value: NAME }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: NAME }] }],
  });
  return { cert: made.cert, key: made.private };
}

/** @returns the runs of the daemon for each way */
export async function transport({ rounds, warmup, flows, quick }) {
  const directory = mkdtempSync(join(tmpdir(), 'crosstalk-bench-'));
  const tls = await certificate();
  const ca = join(directory, 'ca.pem');
  writeFileSync(ca, tls.cert);
  const secured = ['--tls', `--tls-ca-cert-files=${ca}`, `--tls-server-name=${NAME}`];
  const ways = {
    '64 flows a write, whole': { source: {} },
    '64 flows a write, field mask': { source: { masked: true } },
    ...(!quick && {
      '1 flow a write': { source: { messagesPerWrite: 1 } },
      '512 flows a write': { source: { messagesPerWrite: 512 } },
    }),
    TLS: { source: { tls }, flags: secured },
  };
  const sources = new Map();
  try {
    for (const [name, way] of Object.entries(ways)) sources.set(name, await startSource(way.source));
    const runs = await inRounds(ways, Math.min(rounds, 5), (way, name) =>
      measure(sources.get(name), READERS.daemon, { warmup: warmup / 2, flows: flows / 2, flags: way.flags }),
    );
    const bytes = Object.fromEntries([...sources].map(([name, { about }]) => [name, about.meanBytes]));
    return { bytes, runs: Object.fromEntries(runs) };
  } finally {
    for (const source of sources.values()) await source.stop();
    rmSync(directory, { recursive: true });
  }
}

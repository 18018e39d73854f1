// Where memory goes: what each endpoint, tracked connection and series adds, told by
// the heap after a full collection; and what the whole daemon has resident, empty and full.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, scrape, startDaemon, startScript, usage } from './process.mjs';

export async function memory({ quick }) {
  const scale = quick ? 0.1 : 1;
  const child = startScript(
    'filler.mjs',
    { endpoints: 100_000 * scale, connections: 200_000 * scale, pairs: 20_000 * scale },
    { execArgv: ['--expose-gc'] },
  );
  try {
    const [found] = await once(child, 'message');
    const empty = await resident(100, 100);
    return { ...found, empty, full: await resident(100_000 * scale, 200_000 * scale) };
  } finally {
    await end(child);
  }
}

/** The daemon's resident memory once so much has come, and the connections that it says it tracks. */
async function resident(endpoints, connections) {
  const directory = mkdtempSync(join(tmpdir(), 'crosstalk-bench-'));
  const config = join(directory, 'config.yaml');
  writeFileSync(
    config,
    `limits: { endpoints: ${endpoints + 5_000}, trackedConnections: ${connections + 5_000} }\n`,
  );
  const flood = startScript('flood.mjs', { endpoints, connections });
  try {
    const [{ port }] = await once(flood, 'message');
    const poured = once(flood, 'message');
    const { child, url } = await startDaemon(`127.0.0.1:${port}`, [`--config.file=${config}`]);
    await poured;
    await sleep(3_000);
    const { samples } = await scrape(url);
    const { rssBytes } = usage(child);
    await end(child);
    return { rssBytes, tracked: samples.get('crosstalk_tracked_connections') };
  } finally {
    await end(flood);
    rmSync(directory, { recursive: true });
  }
}

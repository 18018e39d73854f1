// What a flow costs the whole daemon where a cluster is smallest and where it is largest,
// once it has seen each endpoint a few times.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shapeOf } from './growth.mjs';
import { end, startDaemon } from './process.mjs';
import { inRounds, measure, startSource } from './rounds.mjs';

/** The first of each pair is what the second is compared with. */
const ENDS = { endpoints: [10, 100_000], tenants: [2, 2_000] };

/** What a flow costs, without what a scrape costs: that is told by the series. */
async function unscraped(address, flags) {
  const { child } = await startDaemon(address, flags);
  return { child, stop: () => end(child) };
}

/** @returns the runs of the daemon at both ends of each axis */
export async function ends({ rounds, warmup, flows, quick }) {
  const directory = mkdtempSync(join(tmpdir(), 'crosstalk-bench-'));
  const config = join(directory, 'config.yaml');
  writeFileSync(config, 'limits: { endpoints: 200000 }\n');
  const flags = [`--config.file=${config}`];
  const found = [];
  try {
    for (const [what, values] of Object.entries(ENDS)) {
      const sources = {};
      try {
        for (const value of values) sources[value] = await startSource(shapeOf(what, value, quick));
        const runs = await inRounds(sources, rounds, (source) =>
          measure(source, unscraped, { warmup: warmup * 3, flows: flows * 5, flags }),
        );
        found.push({ what, values: values.map((value) => ({ value, runs: runs.get(String(value)) })) });
      } finally {
        for (const source of Object.values(sources)) await source.stop();
      }
    }
    return { axes: found };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

// Builds the Grafana dashboards: grafana/*.ts to JSON. `npm run dashboards`;
// test/grafana/dashboards.test.ts fails when this was forgotten.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const tsc = spawnSync(
  process.execPath,
  [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/grafana`],
  { stdio: 'inherit' },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

const { dashboardFiles } = await import('../.cache/grafana/dashboards.js');
for (const [file, text] of Object.entries(dashboardFiles())) {
  const path = `${root}/grafana/${file}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/**
 * Draws docs/images/dashboard-*.svg: the shipped dashboards and rules, asked and
 * evaluated by the real Prometheus, while two analyzers watch a cluster in which
 * something happens. It takes a quarter of an hour.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';
import { dashboardFiles } from '../../../grafana/dashboards.js';
import { startCrosstalk } from '../../interop/crosstalk.js';
import { startPrometheus } from '../prometheus.js';
import { ask } from './answers.js';
import type { Model } from './model.js';
import { draw } from './picture.js';
import { AGREED, SHOWN, startStory } from './story.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const PICTURES = {
  'dashboards/tenant-isolation.json': 'dashboard-tenant-isolation.svg',
  'dashboards/crosstalk-operations.json': 'dashboard-operations.svg',
};

test('pictures of the dashboards', async () => {
  const story = await startStory();
  const alertmanager = await startAlertmanager();
  const config = join(mkdtempSync(join(tmpdir(), 'crosstalk-pictures-')), 'crosstalk.yaml');
  writeFileSync(config, AGREED);
  const flags = [`--config.file=${config}`, `--alertmanager.url=${alertmanager.url}`];
  const analyzers = await Promise.all([0, 1].map(() => startCrosstalk(story.address, ...flags)));
  const prometheus = await startPrometheus({
    targets: analyzers.map(({ url }) => url.replace('http://', '')),
    labels: [{ instance: 'crosstalk-0' }, { instance: 'crosstalk-1' }],
    rules: readFileSync(`${root}/deploy/rules/crosstalk.rules.yaml`, 'utf8'),
    interval: '5s',
  });
  await story.told;
  const to = Math.floor(Date.now() / 1000);
  for (const [file, picture] of Object.entries(PICTURES)) {
    const model = JSON.parse(dashboardFiles()[file] ?? '') as Model;
    const answers = await ask(model, prometheus, { from: to - SHOWN, to, step: 5 });
    writeFileSync(`${root}/docs/images/${picture}`, draw(model, answers));
  }
  await prometheus.stop();
  await Promise.all(analyzers.map((analyzer) => analyzer.stop()));
  await story.close();
  alertmanager.server.close();
});

/** Takes every alert. */
async function startAlertmanager(): Promise<{ server: Server; url: string }> {
  const server = createServer((request, answer) => {
    request.resume().on('end', () => answer.end());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/**
 * The real Prometheus scrapes two analyzers and evaluates the shipped rules, in
 * compressed time; every query of every panel and rule must have an answer, and
 * every alert of what happens must fire.
 */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { dashboardFiles } from '../../grafana/dashboards.js';
import { until } from '../interop/cluster.mjs';
import { startCrosstalk, type Crosstalk } from '../interop/crosstalk.js';
import { startEventfulCluster, type EventfulCluster } from './eventful.js';
import { compressed, startPrometheus, type Prometheus } from './prometheus.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shipped = readFileSync(`${root}/deploy/rules/crosstalk.rules.yaml`, 'utf8');
const rules = (
  parse(shipped) as { groups: { rules: { alert?: string; record?: string; expr: string }[] }[] }
).groups.flatMap(({ rules: of }) => of);

// A slow machine is not a failing one: most of it is waiting for series to exist.
vi.setConfig({ testTimeout: 300_000 });

/** 15 minutes are half a minute. */
const FACTOR = 30;
const AGREED = `expected:
  - { source: team-b, destination: team-a, ports: [5432/tcp], reason: shared billing database }
`;

let cluster: EventfulCluster;
let analyzer: Crosstalk;
/** A replica with limits that are far too small, and then a configuration that is refused. */
let cramped: Crosstalk;
let prometheus: Prometheus;
/** Takes every alert. */
const alertmanager = createServer((_, response) => response.end('{"status":"success"}'));
const directory = mkdtempSync(join(tmpdir(), 'crosstalk-e2e-'));

beforeAll(async () => {
  cluster = await startEventfulCluster();
  const config = join(directory, 'crosstalk.yaml');
  const small = join(directory, 'small.yaml');
  writeFileSync(config, AGREED);
  writeFileSync(small, `${AGREED}limits: { tenantPairs: 1, trackedConnections: 1000 }\n`);
  const { address } = cluster.simulator;
  await once(alertmanager.listen(0, '127.0.0.1'), 'listening');
  const told = `http://127.0.0.1:${(alertmanager.address() as AddressInfo).port}`;
  [analyzer, cramped] = await Promise.all([
    startCrosstalk(address, `--config.file=${config}`, `--alertmanager.url=${told}`),
    startCrosstalk(address, `--config.file=${small}`),
  ]);
  prometheus = await startPrometheus({
    targets: [analyzer, cramped].map(({ url }) => url.replace('http://', '')),
    rules: compressed(shipped, FACTOR),
    interval: '1s',
  });
  await Promise.all([analyzer.ready(), cramped.ready()]);
  writeFileSync(small, 'nonsense: true\n');
  cramped.kill('SIGHUP');
  await cramped.logged('config_reload_failed');
});
afterAll(async () => {
  await prometheus.stop();
  await Promise.all([analyzer.stop(), cramped.stop()]);
  await cluster.close();
  alertmanager.close();
});

/** Every query of the dashboards, as it is when nothing is chosen. */
function panelQueries(): { panel: string; expr: string }[] {
  return Object.entries(dashboardFiles())
    .filter(([file]) => file.startsWith('dashboards/'))
    .flatMap(([, text]) => {
      const { title, panels } = JSON.parse(text) as {
        title: string;
        panels: { title: string; targets?: { expr: string }[] }[];
      };
      return panels.flatMap((panel) =>
        (panel.targets ?? []).map(({ expr }) => ({
          panel: `${title} / ${panel.title}`,
          expr: expr.replaceAll('$__range', '1m').replace(/\$(cluster|source|destination|instance)\b/g, '.*'),
        })),
      );
    });
}

/** Of the queries, those that have no answer yet. */
async function unanswered<Q extends { expr: string }>(queries: readonly Q[]): Promise<Q[]> {
  const answers = await Promise.all(queries.map(({ expr }) => prometheus.query(expr)));
  return queries.filter((_, index) => answers[index]?.length === 0);
}

/** Asks again and again, and lets `stir` make things happen, until each has been answered once. */
async function allAnswered(
  queries: readonly { readonly expr: string }[],
  stir: () => void | Promise<void>,
): Promise<void> {
  let left = queries;
  await until(
    'an answer to every query',
    async () => {
      await stir();
      left = await unanswered(left);
      return left.length === 0;
    },
    200,
  ).catch((error: unknown) => {
    throw new Error(`no answer to ${left.map((query) => JSON.stringify(query)).join('\n')}`, {
      cause: error,
    });
  });
}

test('every query of every panel has an answer', async () => {
  const queries = panelQueries();
  expect(queries.length).toBeGreaterThan(40);
  let resetAt = 0;
  await allAnswered(queries, () => {
    // A stream that worked for ten seconds may be followed by the next at once; sooner, and each waits longer.
    if (Date.now() - resetAt < 15_000) return;
    resetAt = Date.now();
    cluster.simulator.relay.reset();
  });
});

test('every recording rule and every condition of an alert has data to go by', async () => {
  const conditions = rules.map(({ alert, record, expr }) => ({
    name: alert ?? record,
    // The metrics without what is asked of them: that they exist under these names and labels.
    expr: record ?? selectors(compressed(expr, FACTOR)),
  }));
  await allAnswered(conditions, () => undefined);
});

/** The selectors of an expression, any of which may answer. Of an absence, that it can be told: the metric itself. */
function selectors(expr: string): string {
  const found = [...expr.matchAll(/\b(?:crosstalk_[a-z_]+|up)\b(?:\{[^}]*\})?/g)].map(([text]) =>
    text.replace(/job=~"[^"]*"/, 'job="crosstalk"'),
  );
  return `count(${[...new Set(found)].join(') or count(')})`;
}

test('what happens fires, and what does not happen does not', async () => {
  const firing = async (): Promise<string[]> =>
    [
      ...new Set(
        (await prometheus.query('ALERTS{alertstate="firing"}')).map(
          ({ labels }) => labels['alertname'] ?? '',
        ),
      ),
    ].sort();
  const expected = [
    'CrossTenantTrafficAllowed',
    'CrossTenantTrafficAudited',
    'CrossTenantTrafficDenied',
    'CrosstalkConfigReloadFailed',
    'CrosstalkFlowsLost',
    'CrosstalkSeriesOverflow',
    'TenantIdentityConflict',
    'TenantTrafficUnidentified',
  ];
  const seen = new Set<string>();
  await until(
    'each alert',
    async () => {
      for (const alert of await firing()) seen.add(alert);
      return expected.every((alert) => seen.has(alert));
    },
    200,
  ).catch((error: unknown) => {
    throw new Error(`fired: ${[...seen].join(', ')}`, { cause: error });
  });
  expect([...seen].sort()).toEqual(expected);
  const crossings = await prometheus.query('ALERTS{alertname=~"CrossTenant.+", alertstate="firing"}');
  // The agreement covers one port of team-b's; the other stays an alert, and two replicas are one.
  const allowed = crossings.filter(({ labels }) => labels['alertname'] === 'CrossTenantTrafficAllowed');
  expect(
    allowed.map(({ labels }) => `${labels['source_tenant'] ?? ''} -> ${labels['destination_tenant'] ?? ''}`),
  ).toContain('team-b -> team-a');
  expect(new Set(allowed.map(({ labels }) => JSON.stringify(labels))).size).toBe(allowed.length);
});

test('a relay that is away is told, and so is a node', async () => {
  await cluster.simulator.nodes.kill('worker-3');
  await until(
    'the alert of a node',
    async () =>
      (await prometheus.query('ALERTS{alertname="CrosstalkNodesUnobserved", alertstate="firing"}')).length >
      0,
    200,
  );
  await cluster.simulator.nodes.start('worker-3');
  await cluster.simulator.relay.stop();
  await until(
    'the alert of a relay',
    async () =>
      (await prometheus.query('ALERTS{alertname="CrosstalkHubbleDown", alertstate="firing"}')).length > 0,
    200,
  );
  await cluster.simulator.relay.start();
  await until(
    'both to end',
    async () =>
      (await prometheus.query('ALERTS{alertname=~"CrosstalkHubbleDown|CrosstalkNodesUnobserved"}')).length ===
      0,
    200,
  );
});

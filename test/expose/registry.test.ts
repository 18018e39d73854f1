import { spawnSync } from 'node:child_process';
import { beforeEach, describe, expect, test } from 'vitest';
import { FAMILIES, type Numbers } from '../../src/account/families.js';
import { createLedger } from '../../src/account/ledger.js';
import { addLag, createMeters } from '../../src/account/meters.js';
import { createExposition } from '../../src/expose/registry.js';
import { T0, arrival, tenantParty } from '../fixtures/flows.js';
import { promtool } from '../tools.js';

let numbers: Numbers;
beforeEach(() => {
  numbers = {
    ledger: createLedger(20_000),
    meters: createMeters(
      {
        endReasons: ['unavailable', 'other'],
        nodeStates: ['connected', 'silent'],
        alertmanagers: ['http://am:9093'],
        postResults: ['success', 'failed'],
      },
      T0,
    ),
    tenants: () => 2,
    trackedConnections: () => 3,
    evictedConnections: () => 4,
    violations: () => 1,
    build: { version: '1.2.3', revision: 'abc', nodeVersion: 'v20' },
  };
});
const render = (defaults = false) => createExposition(FAMILIES, numbers, { defaults }).render();

function cross(source: string): void {
  numbers.ledger.crossing({
    flow: arrival(),
    source: tenantParty(source),
    destination: tenantParty('team-a'),
    occurrence: { connection: 1, isNew: true, verdict: 'allowed' },
    agreement: undefined,
    policies: [],
    seenAt: T0,
  });
}

test('what a scrape of a new daemon shows: every counter whose labels are known stands at 0', async () => {
  expect(await render()).toMatchSnapshot();
});

test('a crossing is on the next scrape, letter for letter', async () => {
  cross('team-b');
  const text = await render();
  expect(text).toContain(
    'crosstalk_cross_tenant_connections_total{source_tenant="team-b",destination_tenant="team-a",' +
      'verdict="allowed",protocol="tcp",expected="false"} 1\n',
  );
  expect(text).toContain(
    'crosstalk_cross_tenant_last_seen_timestamp_seconds{source_tenant="team-b",destination_tenant="team-a",' +
      `verdict="allowed",expected="false"} ${T0 / 1000}\n`,
  );
});

test('the lag histogram is cumulative, and its count is that of all flows', async () => {
  for (const seconds of [-1, 0.05, 0.3, 7_200]) addLag(numbers.meters.lag, seconds);
  const text = await render();
  expect(text).toContain('crosstalk_flow_lag_seconds_bucket{le="0.1"} 2\n');
  expect(text).toContain('crosstalk_flow_lag_seconds_bucket{le="3600"} 3\n');
  expect(text).toContain('crosstalk_flow_lag_seconds_bucket{le="+Inf"} 4\n');
  expect(text).toContain('crosstalk_flow_lag_seconds_sum 7200.35\n');
  expect(text).toContain('crosstalk_flow_lag_seconds_count 4\n');
});

describe('label values', () => {
  test('that differ stay different series, whatever separators they hold', async () => {
    cross('a,destination_tenant:b');
    cross('a');
    const text = await render();
    expect(text.match(/^crosstalk_cross_tenant_connections_total\{/gm)).toHaveLength(2);
  });
  test('cannot break out of their quotes', async () => {
    cross('x"} 1\nfake_metric{a="\\');
    expect(await render()).toContain('source_tenant="x\\"} 1\\nfake_metric{a=\\"\\\\"');
  });
});

test('families of many series are rendered in pages: each HELP and each series stands once', async () => {
  const total = 5_500;
  for (let i = 0; i < total; i += 1) cross(`t${i}`);
  const text = await render();
  expect(text.match(/^# HELP crosstalk_cross_tenant_connections_total /gm)).toHaveLength(1);
  const series = text.match(/^crosstalk_cross_tenant_connections_total\{.*$/gm) ?? [];
  expect(new Set(series).size).toBe(total);
});

test('every family of the contract is there, under its name, type and labels', async () => {
  expect(FAMILIES.map(({ name, type, labels }) => `${name} ${type} ${labels.join(',')}`)).toMatchSnapshot();
});

test('the event loop turns between pages, so that flows do not wait for a scrape', async () => {
  for (let i = 0; i < 10_000; i += 1) cross(`t${i}`);
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 0);
  await render();
  clearInterval(counting);
  expect(turns).toBeGreaterThan(0);
});

test('promtool check metrics finds nothing to complain about', async () => {
  cross('team-b');
  addLag(numbers.meters.lag, 0.3);
  const check = spawnSync(promtool(), ['check', 'metrics'], { input: await render(true), encoding: 'utf8' });
  expect(check.stderr + check.stdout).toBe('');
  expect(check.status).toBe(0);
});

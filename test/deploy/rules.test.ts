/** The Prometheus rules as they are shipped, by Prometheus' own tool. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { PROMETHEUS_RULE_FILE, prometheusRule, RULES_FILE } from '../../scripts/rules.mjs';
import { promtool } from '../tools.js';

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = readFileSync(`${root}/${RULES_FILE}`, 'utf8');
const rules = (parse(source) as RuleFile).groups.flatMap((group) => group.rules);
const alerts = rules.filter((rule) => rule.alert !== undefined);
const unitTests = readdirSync(`${root}/test/deploy/rules`).map((file) => `${root}/test/deploy/rules/${file}`);

/** Names are what silences, routes and people rely on. */
const SEVERITIES = {
  CrossTenantTrafficAllowed: 'critical',
  CrossTenantTrafficAudited: 'warning',
  CrossTenantTrafficDenied: 'info',
  TenantTrafficUnidentified: 'warning',
  TenantIdentityConflict: 'warning',
  CrosstalkDown: 'critical',
  CrosstalkHubbleDown: 'critical',
  CrosstalkNodesUnobserved: 'warning',
  CrosstalkFlowsLost: 'warning',
  CrosstalkBlind: 'critical',
  CrosstalkLagging: 'warning',
  CrosstalkSeriesOverflow: 'warning',
  CrosstalkConfigReloadFailed: 'warning',
};

test('promtool accepts the rules', () => {
  expect(
    execFileSync(promtool(), ['check', 'rules', `${root}/${RULES_FILE}`], { encoding: 'utf8' }),
  ).toContain(`${rules.length} rules found`);
});

test.each(unitTests)('promtool test rules %s', (file) => {
  expect(execFileSync(promtool(), ['test', 'rules', file], { encoding: 'utf8' })).toContain('SUCCESS');
});

test('the object for prometheus-operator says the same (npm run docs)', () => {
  const object = readFileSync(`${root}/${PROMETHEUS_RULE_FILE}`, 'utf8');
  expect(object).toBe(prometheusRule(source));
  expect(parse(object)).toMatchObject({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    spec: parse(source) as object,
  });
});

test('the alerts are those that were promised, by name and severity', () => {
  expect(Object.fromEntries(alerts.map(({ alert, labels }) => [alert, labels?.['severity']]))).toEqual(
    SEVERITIES,
  );
});

describe.each(alerts.map((rule) => [rule.alert ?? '', rule] as const))('%s', (name, rule) => {
  test('says who tells it, what it is and what to do', () => {
    expect(rule.labels?.['source']).toBe('rules');
    expect(rule.annotations?.['summary']).not.toContain('{{');
    expect(rule.annotations?.['description']?.length).toBeGreaterThan(50);
    expect(rule.annotations?.['runbook_url']).toMatch(new RegExp(`/deploy/runbooks/${name}\\.md$`));
  });
  test('has a runbook that leads from what it means to what to do', () => {
    const runbook = readFileSync(`${root}/deploy/runbooks/${name}.md`, 'utf8');
    expect(runbook.split('\n')[0]).toBe(`# ${name}`);
    const sections = runbook.split('\n').filter((line) => line.startsWith('## '));
    expect(sections).toEqual(['## Meaning', '## Impact', '## Diagnosis', '## Mitigation']);
  });
  test('is seen to fire in a unit test', () => {
    const all = unitTests.map((file) => readFileSync(file, 'utf8')).join('\n');
    expect(all).toMatch(
      new RegExp(
        `ALERTS\\{alertname="${name}", alertstate="firing"|alertname: ${name}\\n +exp_alerts:\\n +- `,
      ),
    );
  });
});

test('no alert asks how much a counter grew without asking whether it is new', () => {
  for (const { alert, expr } of alerts) {
    const grew = [...expr.matchAll(/increase\(/g)].length;
    expect([alert, [...expr.matchAll(/unless last_over_time\(/g)].length]).toEqual([alert, grew]);
  }
});

/** The dashboards as they are shipped, held to the code that builds them and to the metrics there are. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { dashboardFiles } from '../../grafana/dashboards.js';
import { FAMILIES } from '../../src/account/families.js';
import { RELATIONS, VERDICTS } from '../../src/model.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly links?: readonly { readonly url: string }[];
  readonly fieldConfig?: {
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options: unknown };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
}
interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = Object.entries(dashboardFiles());
const provisioned = files
  .filter(([file]) => file.startsWith('dashboards/'))
  .map(([file, text]) => [file, JSON.parse(text) as Dashboard] as const);

test.each(files)('grafana/%s is what the code builds (npm run dashboards)', (file, text) => {
  expect(readFileSync(`${root}/grafana/${file}`, 'utf8')).toBe(text);
});

test('the import form asks for its data source and is otherwise the same', () => {
  for (const [file, dashboard] of provisioned) {
    const form = JSON.parse(
      readFileSync(`${root}/grafana/${file.replace('dashboards/', 'grafana.com/')}`, 'utf8'),
    ) as Dashboard & { readonly __inputs: readonly { readonly pluginId: string }[] };
    expect(form.__inputs.map(({ pluginId }) => pluginId)).toEqual(['prometheus']);
    expect(form.panels).toEqual(dashboard.panels);
    expect(form.uid).toBe(dashboard.uid);
  }
});

/** Metrics that a query may name: ours, the recording rules', and what Prometheus and Node.js add. */
const recorded = readFileSync(`${root}/deploy/rules/crosstalk.rules.yaml`, 'utf8');
const KNOWN = new Set([
  ...FAMILIES.flatMap(({ name, type }) => (type === 'histogram' ? [`${name}_bucket`] : [name])),
  ...(parse(recorded) as { groups: { rules: { record?: string }[] }[] }).groups.flatMap(({ rules }) =>
    rules.flatMap(({ record }) => record ?? []),
  ),
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'nodejs_heap_size_used_bytes',
  'nodejs_eventloop_lag_p99_seconds',
]);

describe.each(provisioned)('%s', (_, dashboard) => {
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

  test('every panel says what it shows', () => {
    expect(
      panels.filter(({ description = '' }) => description.length < 10).map(({ title }) => title),
    ).toEqual([]);
  });
  test('every query names metrics that there are', () => {
    const names = queries.flatMap((expr) =>
      [...expr.matchAll(/\b((?:crosstalk|nodejs|process|scrape)[a-z0-9_:]*)\b(?=[{[) ]|$)/g)].map(
        ([, name]) => name,
      ),
    );
    expect(names.length).toBeGreaterThan(panels.length);
    expect(names.filter((name) => !KNOWN.has(name ?? ''))).toEqual([]);
  });
  test('nobody asks how much a counter of a pair grew: those are born at 1', () => {
    expect(queries.filter((expr) => /(?:increase|rate)\(crosstalk_cross_tenant/.test(expr))).toEqual([]);
  });
  test('the data source and every label are the viewer’s choice', () => {
    expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
    const named = new Set(
      queries.flatMap((expr) => [...expr.matchAll(/\$([a-z]+)/g)].map(([, name]) => name)),
    );
    const variables = dashboard.templating.list.map(({ name }) => name);
    expect([...named].filter((name) => !variables.includes(name ?? ''))).toEqual([]);
  });
  test('links to runbooks lead somewhere', () => {
    const runbooks = panels.flatMap(({ links = [] }) =>
      links.map(({ url }) => url.split('/main/')[1] ?? url),
    );
    expect(runbooks.length).toBeGreaterThan(2);
    expect(runbooks.filter((path) => !existsSync(`${root}/${path}`))).toEqual([]);
  });
  test('uid, numbers and places stay what they are', () => {
    expect(dashboard.uid).toMatch(/^crosstalk-[a-z-]+$/);
    expect(dashboard.panels.map(({ id }) => id)).toEqual(dashboard.panels.map((__, index) => index + 1));
  });
});

describe('Tenant isolation', () => {
  const panels = provisioned.find(([file]) => file.includes('isolation'))?.[1].panels ?? [];
  const overrides = (title: string) =>
    panels
      .filter((panel) => panel.title === title)
      .flatMap(({ fieldConfig }) => fieldConfig?.overrides ?? []);

  test('every relation has a colour, so that none gets the red of a crossing by chance', () => {
    const colored = overrides('All traffic of tenants, by who is at its ends');
    expect(colored.map(({ matcher }) => matcher.options).sort()).toEqual([...RELATIONS].sort());
  });
  test('a verdict is coloured by whether it was expected', () => {
    const verdict = overrides('Pairs, the most recent first').find(
      ({ matcher }) => matcher.options === 'Verdict',
    );
    const [mapping] = verdict?.properties[0]?.value as [{ options: Record<string, { color: string }> }];
    expect(Object.keys(mapping.options).sort()).toEqual(
      VERDICTS.flatMap((word) => [`${word} false`, `${word} true`]).sort(),
    );
    expect(mapping.options['allowed false']?.color).toBe('red');
    expect(mapping.options['allowed true']?.color).toBe('green');
  });
  test('a cell without a value does not say what the whole panel says without one', () => {
    const tables = panels.filter(({ type }) => type === 'table');
    expect(tables.length).toBe(3);
    for (const { title } of tables) {
      const number = overrides(title).find(
        ({ matcher }) => matcher.id === 'byType' && matcher.options === 'number',
      );
      expect(number?.properties.map(({ id }) => id)).toContain('noValue');
    }
  });
});

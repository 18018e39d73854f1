/** The chart's files that other files of this project decide (npm run docs); what it renders is for test/kubernetes. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  CHART,
  chartCopies,
  chartValues,
  VALUES_FILE,
  VALUES_SCHEMA_FILE,
  valuesSchema,
} from '../../scripts/chart.mjs';
import { schemaText } from '../../scripts/docs.mjs';
import { jsonSchema } from '../../src/config/schema.js';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const values = chartValues();
const schema = valuesSchema(jsonSchema('draft-7'));
const accepts = new Ajv({ strict: false, allErrors: true }).compile(schema);

describe('the chart says what the rest of the project says', () => {
  test.each(Object.entries(chartCopies()))('%s', (file, text) => {
    expect(read(file)).toBe(text);
  });

  test(VALUES_SCHEMA_FILE, async () => {
    expect(read(VALUES_SCHEMA_FILE)).toBe(await schemaText(schema, VALUES_SCHEMA_FILE));
  });

  test('chart, application and package are of one version', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    const chart = parse(read(`${CHART}/Chart.yaml`)) as { version: string; appVersion: string };
    expect(chart).toMatchObject({ version, appVersion: version });
  });
});

describe('values', () => {
  test('the defaults are accepted', () => {
    expect(accepts(parse(read(VALUES_FILE))), JSON.stringify(accepts.errors)).toBe(true);
  });

  test('a value that nobody described is an error', () => {
    expect(() => chartValues('mode: deployment\n')).toThrow('mode has no "# -- " comment');
  });

  test.each(values.map(({ path, value }) => [path, value] as const))(
    '%s of another type is refused',
    (path, value) => {
      expect(accepts(at(path, typeof value === 'object' ? 'a text' : { a: 'map' }))).toBe(false);
    },
  );

  test.each(sections())('%s refuses what it does not know', (section) => {
    const path = section === '' ? 'unheardOf' : `${section}.unheardOf`;
    expect(accepts(at(path, 1))).toBe(false);
  });

  test('patterns are in the words of RE2, which Helm reads them with', () => {
    const patterns = [...JSON.stringify(schema).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)];
    expect(patterns.length).toBeGreaterThan(0);
    for (const [, pattern = ''] of patterns) expect(JSON.parse(pattern)).not.toMatch(/\(\?[=!<]|\\[1-9]/);
  });
});

function sections(): string[] {
  const all = values.flatMap(({ path }) => {
    const parents = path.split('.').slice(0, -1);
    return parents.map((_, depth) => parents.slice(0, depth + 1).join('.'));
  });
  return ['', ...new Set(all)];
}

function at(path: string, value: unknown): unknown {
  return path
    .split('.')
    .reverse()
    .reduce((inner, name) => ({ [name]: inner }), value);
}

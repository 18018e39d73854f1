/** The chart's files that other files of this project decide (npm run docs); what it renders is for test/kubernetes. */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import {
  CHART,
  chartCopies,
  chartValues,
  VALUES_FILE,
  VALUES_SCHEMA_FILE,
  valuesSchema,
} from '../../scripts/chart.mjs';
import { schemaText } from '../../scripts/docs.mjs';
import { readConfig } from '../../src/config/config.js';
import { problemLines } from '../../src/config/problem.js';
import { jsonSchema } from '../../src/config/schema.js';
import { readWebConfig } from '../../src/expose/webconfig.js';

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

describe('what the chart renders is what the analyzer reads', () => {
  const golden = new URL('../kubernetes/golden/', import.meta.url);
  const files = readdirSync(golden)
    .filter((file) => !file.endsWith('.values.yaml'))
    .map((file) => [file, readFileSync(new URL(file, golden), 'utf8')] as const)
    .flatMap(([file, text]) => parseAllDocuments(text).map((document) => [file, document.toJS()] as const))
    .map(([file, object]) => [file, object as { data?: Texts; stringData?: Texts } | null] as const);
  type Texts = Readonly<Record<string, string>>;
  const texts = (name: string): (readonly [string, string])[] =>
    files.flatMap(([file, object]) => {
      const text = object?.data?.[name] ?? object?.stringData?.[name];
      return text === undefined ? [] : [[file, text] as const];
    });

  test.each(texts('crosstalk.yaml'))('%s: configuration', (_, text) => {
    const read = readConfig({
      inputs: { flags: {}, env: {} },
      file: { path: 'crosstalk.yaml', text },
      now: Date.now(),
    });
    expect(read.ok ? [] : problemLines(read.problems)).toEqual([]);
  });

  test.each(texts('web-config.yml'))('%s: web configuration', (_, text) => {
    const read = readWebConfig('/etc/crosstalk/web/web-config.yml', text);
    expect(read.ok ? [] : problemLines(read.problems)).toEqual([]);
  });

  test('there is one of each', () => {
    expect(texts('crosstalk.yaml').length).toBeGreaterThan(3);
    expect(texts('web-config.yml').length).toBeGreaterThan(0);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { valuesTable } from '../scripts/chart.mjs';
import { FILES, fill, SCHEMA_FILE, schemaText, snippets } from '../scripts/docs.mjs';
import { familiesTable } from '../src/account/families.js';
import { readConfig } from '../src/config/config.js';
import { problemLines } from '../src/config/problem.js';
import { jsonSchema } from '../src/config/schema.js';
import { flagsTable, settingsTable } from '../src/config/tables.js';

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const blocks = {
  flags: flagsTable(),
  settings: settingsTable(),
  metrics: familiesTable(),
  values: valuesTable(),
  ...snippets(),
};

describe('the documentation says what the code says (npm run docs)', () => {
  test.each(FILES)('%s', (file) => {
    expect(fill(read(file), blocks)).toBe(read(file));
  });

  test(SCHEMA_FILE, async () => {
    expect(read(SCHEMA_FILE)).toBe(await schemaText(jsonSchema()));
  });

  test('every table stands somewhere', () => {
    const all = FILES.map(read).join('\n');
    for (const name of Object.keys(blocks)) expect(all).toContain(`<!-- generated: ${name} -->`);
  });

  test('a block of an unknown name is an error, not an empty table', () => {
    expect(() => fill('<!-- generated: flgs -->\n<!-- /generated -->', blocks)).toThrow(
      'unknown block "flgs"',
    );
  });
});

describe('the configuration files that the documentation shows are accepted', () => {
  const shown = FILES.flatMap((file) =>
    [...read(file).matchAll(/```yaml\n([\s\S]*?)```/g)]
      .map(([, text = '']) => text)
      .filter((text) => text.includes('tenants:'))
      .map((text) => [file, text] as const),
  );

  test('there are some', () => {
    expect(shown.length).toBeGreaterThan(0);
  });

  test.each(shown)('%s', (file, text) => {
    const result = readConfig({
      inputs: { flags: {}, env: {} },
      file: { path: file, text },
      now: Date.parse('2026-11-22T08:00:00Z'),
    });
    expect(result.ok ? [] : problemLines(result.problems)).toEqual([]);
  });
});

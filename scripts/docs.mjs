// Writes what the documentation repeats of the code, so that it cannot say
// something else: tables between markers, and the JSON Schema of the file.
// `npm run docs`; test/docs.test.ts fails when this was forgotten.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { CHART, chartCopies, VALUES_SCHEMA_FILE, valuesSchema, valuesTable } from './chart.mjs';
import { PROMETHEUS_RULE_FILE, prometheusRule, RULES_FILE } from './rules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Files with marked blocks. */
export const FILES = [
  'README.md',
  'docs/configuration.md',
  `${CHART}/README.md`,
  'deploy/kustomize/README.md',
];
export const SCHEMA_FILE = 'docs/config.schema.json';

/**
 * Replaces what stands between `<!-- generated: NAME -->` and `<!-- /generated -->`.
 *
 * @param {string} text
 * @param {Readonly<Record<string, string>>} blocks by name
 * @returns {string}
 */
export function fill(text, blocks) {
  return text.replace(
    /(<!-- generated: (\S+) -->\n)[\s\S]*?(<!-- \/generated -->)/g,
    (_, open, name, close) => {
      const block = blocks[name];
      if (block === undefined) {
        throw new Error(`unknown block "${name}", expected one of ${Object.keys(blocks).join(', ')}`);
      }
      return `${open}${block}\n${close}`;
    },
  );
}

/** Configurations that the tests run with, by block. */
export function snippets() {
  const shown = (file) => `\n\`\`\`yaml\n${readFileSync(`${root}/deploy/${file}`, 'utf8')}\`\`\`\n`;
  return {
    'prometheus.yaml': shown('prometheus/prometheus.yaml'),
    'alertmanager.yaml': shown('prometheus/alertmanager.yaml'),
    'kustomization.yaml': shown('kustomize/example/kustomization.yaml'),
  };
}

/**
 * @param {unknown} schema
 * @param {string} [file] where it will stand
 * @returns {Promise<string>} as prettier writes it
 */
export async function schemaText(schema, file = SCHEMA_FILE) {
  const path = `${root}/${file}`;
  return format(JSON.stringify(schema), { ...(await resolveConfig(path)), filepath: path });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { familiesTable } = await import('../dist/account/families.js');
  const { jsonSchema } = await import('../dist/config/schema.js');
  const { flagsTable, settingsTable } = await import('../dist/config/tables.js');
  const blocks = {
    flags: flagsTable(),
    settings: settingsTable(),
    metrics: familiesTable(),
    values: valuesTable(),
    ...snippets(),
  };
  for (const file of FILES) {
    const path = `${root}/${file}`;
    writeFileSync(path, fill(readFileSync(path, 'utf8'), blocks));
  }
  writeFileSync(`${root}/${SCHEMA_FILE}`, await schemaText(jsonSchema()));
  const values = await schemaText(valuesSchema(jsonSchema('draft-7')), VALUES_SCHEMA_FILE);
  writeFileSync(`${root}/${VALUES_SCHEMA_FILE}`, values);
  for (const [file, text] of Object.entries(chartCopies())) writeFileSync(`${root}/${file}`, text);
  writeFileSync(
    `${root}/${PROMETHEUS_RULE_FILE}`,
    prometheusRule(readFileSync(`${root}/${RULES_FILE}`, 'utf8')),
  );
}

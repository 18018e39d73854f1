// docs/compatibility.md from what the tests against the real Hubble found:
//
//   npm run test:interop -- situations features && node test/interop/compatibility.mjs
//
// The tests fail when the document says something else than they found.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fill } from '../../scripts/docs.mjs';

/**
 * @typedef {import('./results.js').SituationResult} SituationResult
 * @typedef {import('./results.js').FeatureResult} FeatureResult
 */

export const DOCUMENT = new URL('../../docs/compatibility.md', import.meta.url);
export const RESULTS = new URL('../../.cache/interop/results/', import.meta.url);

/** What stands in a block of the document. */
export function blockOf(text, name) {
  const [, block] =
    new RegExp(`<!-- generated: ${name} -->\\n([\\s\\S]*?)\\n<!-- /generated -->`).exec(text) ?? [];
  if (block === undefined) throw new Error(`docs/compatibility.md has no block "${name}"`);
  return block;
}

export const blocks = { situations: situationsTable, features: featuresTable };

/**
 * @param {Readonly<Record<string, readonly SituationResult[]>>} results by version
 * @returns {string}
 */
export function situationsTable(results) {
  const rows = new Map();
  for (const [version, situations] of Object.entries(results))
    for (const { title, shown, counted } of situations) {
      const cells = `${showing(shown)} | ${counting(counted)}`;
      const same = rows.get(title) ?? rows.set(title, new Map()).get(title);
      same.set(cells, [...(same.get(cells) ?? []), version]);
    }
  const lines = [...rows].flatMap(([title, same]) =>
    [...same].map(([cells, versions]) => {
      const only = same.size > 1 ? ` (${versions.join(', ')})` : '';
      return `| ${title}${only} | ${cells} |`;
    }),
  );
  return table(['situation', '`hubble observe` shows', 'Crosstalk counts'], lines);
}

/**
 * @param {readonly FeatureResult[]} results
 * @returns {string}
 */
export function featuresTable(results) {
  const versions = Object.keys(results[0]?.has ?? {});
  const lines = results.map(({ feature, since, without, has }) => {
    const cells = versions.map((version) => (has[version] ? 'yes' : 'no'));
    return `| ${[feature, since, ...cells, without].join(' | ')} |`;
  });
  return table(['Hubble', 'first in', ...versions, 'without it, Crosstalk'], lines);
}

function table(head, lines) {
  return [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...lines].join('\n');
}

function showing(shown) {
  const kinds = Object.entries(shown).sort(([a], [b]) => (a < b ? -1 : 1));
  return kinds.map(([kind, lines]) => `${lines} × ${kind}`).join('<br>');
}

/** Connections where there are any; otherwise between whom it was, or that nothing counted. */
function counting(counted) {
  const samples = Object.entries(counted).map(([sample, value]) => ({ value, ...read(sample) }));
  const of = (name) => samples.filter((sample) => sample.name === name);
  const connections = of('cross_tenant_connections_total').map(
    ({ value, labels }) =>
      `**${value} ${labels.verdict}**: ${labels.source_tenant} → ${labels.destination_tenant}`,
  );
  const others = of('tenant_flows_total')
    .filter(({ labels }) => labels.relation !== 'cross_tenant')
    .map(({ labels }) => `no crossing: ${labels.relation}`);
  const conflicts = of('attribution_conflicts_total').map(({ value }) => `${value} conflict`);
  const all = [...connections, ...others, ...conflicts];
  return all.length === 0 ? 'nothing' : all.join('<br>');
}

function read(sample) {
  const [name = '', labels = ''] = sample.split('{');
  return {
    name,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, l, v]) => [l, v])),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = (part) => JSON.parse(readFileSync(new URL(`${part}.json`, RESULTS), 'utf8'));
  const text = readFileSync(DOCUMENT, 'utf8');
  const made = Object.entries(blocks).map(([part, make]) => [part, make(found(part))]);
  writeFileSync(DOCUMENT, fill(text, Object.fromEntries(made)));
}

// What the Helm chart repeats of the rest of the project, so that it cannot say something else: the schema of its values,
// their table, the rules and the dashboards. `npm run docs` writes it; test/deploy/chart.test.ts fails when that was forgotten.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMap, isScalar, parseDocument } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file) => readFileSync(`${root}/${file}`, 'utf8');

export const CHART = 'deploy/helm/crosstalk';
export const VALUES_FILE = `${CHART}/values.yaml`;
export const VALUES_SCHEMA_FILE = `${CHART}/values.schema.json`;

const AUTO = { enum: ['auto', true, false] };
const strings = { type: 'array', items: { type: 'string' } };
const map = { type: 'object' };
const labels = { type: 'object', additionalProperties: { type: 'string' } };
const port = { type: 'integer', minimum: 1, maximum: 65535 };
const duration = { type: 'string', pattern: '^([0-9]+(ms|s|m|h|d|w|y))+$' };
const quantity = { type: ['string', 'integer'], pattern: '^[0-9.]+([kMG]|[KMGTP]i)?$' };

/** Where a value's default alone does not say what it may be. */
const SAID = {
  mode: { enum: ['deployment', 'daemonset'] },
  replicas: { type: 'integer', minimum: 1, maximum: 8 },
  'hubble.nodeAccess': { enum: ['socket', 'tcp'] },
  'hubble.nodeAddress': { type: 'string', pattern: ':[0-9]+$' },
  'state.sizeLimit': quantity,
  'state.persistence.accessModes': strings,
  'state.persistence.size': quantity,
  'web.basicAuthUsers': {
    type: 'object',
    additionalProperties: { type: 'string', pattern: '^\\$2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}$' },
  },
  'image.digest': { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
  'image.pullPolicy': { enum: ['Always', 'IfNotPresent', 'Never'] },
  'service.type': { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
  'service.port': port,
  'ingress.hosts': strings,
  'monitoring.monitor': AUTO,
  'monitoring.annotations': AUTO,
  'monitoring.rules': AUTO,
  'monitoring.interval': duration,
  'monitoring.scrapeTimeout': duration,
  'monitoring.disabledAlerts': strings,
  'monitoring.dashboardsLabels': labels,
  'networkPolicy.kind': { enum: ['auto', 'cilium', 'kubernetes', 'none'] },
  'networkPolicy.relayLabels': labels,
  'networkPolicy.relayPort': port,
  'networkPolicy.dnsLabels': labels,
  'networkPolicy.dnsPort': port,
  'networkPolicy.prometheusLabels': labels,
  'networkPolicy.ingressControllerLabels': labels,
  'networkPolicy.alertmanagerLabels': labels,
  'networkPolicy.alertmanagerPort': port,
  'podDisruptionBudget.enabled': AUTO,
  'podDisruptionBudget.maxUnavailable': { type: ['integer', 'string'], pattern: '^[0-9]+%$' },
  resources: map,
  nodeSelector: labels,
  commonLabels: labels,
  podLabels: labels,
  extraArgs: strings,
};

/**
 * Every value that can be set, in the order of values.yaml: what stands between `# -- ` and the key describes it. A map
 * with something in it is a section, unless the table above says that it is a value.
 *
 * @param {string} [text] of values.yaml
 * @returns {{ path: string, description: string, value: unknown, shown: string }[]}
 */
export function chartValues(text = read(VALUES_FILE)) {
  const rows = [];
  const walk = (node, prefix) => {
    for (const { key, value } of node.items) {
      const path = prefix + key.value;
      const comment = key.commentBefore ?? (node.items[0].key === key ? node.commentBefore : undefined) ?? '';
      if (isMap(value) && value.items.length > 0 && !(path in SAID)) walk(value, `${path}.`);
      else {
        rows.push({
          path,
          description: describedBy(comment, path),
          value: value.toJSON(),
          shown: isScalar(value) && value.value === '' ? '' : JSON.stringify(value.toJSON()),
        });
      }
    }
  };
  walk(parseDocument(text).contents, '');
  return rows;
}

function describedBy(comment, path) {
  const from = comment.lastIndexOf(' -- ');
  if (from === -1) throw new Error(`${VALUES_FILE}: ${path} has no "# -- " comment that says what it is`);
  return comment
    .slice(from + 4)
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
}

/**
 * JSON Schema (draft 7, which every Helm 3 understands) of the values.
 *
 * @param {Record<string, unknown>} configSchema of the configuration file
 */
export function valuesSchema(configSchema) {
  const config = { ...configSchema };
  delete config.$schema;
  const schema = section();
  for (const { path, description, value } of chartValues()) {
    const parents = path.split('.');
    const last = parents.pop();
    let at = schema;
    for (const name of parents) at = at.properties[name] ??= section();
    at.properties[last] = { ...(path === 'config' ? config : (SAID[path] ?? typeOf(value))), description };
  }
  // Helm hands values of a parent chart down.
  schema.properties.global = map;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the Crosstalk chart',
    ...schema,
  };
}

function section() {
  return { type: 'object', additionalProperties: false, properties: {} };
}

function typeOf(value) {
  if (Array.isArray(value)) return { type: 'array' };
  return Number.isInteger(value) ? { type: 'integer' } : { type: typeof value };
}

/** The table of values for the chart's README. */
export function valuesTable() {
  const cell = (text) => text.replaceAll('|', '\\|');
  const rows = chartValues().map(
    ({ path, shown, description }) =>
      `| \`${path}\` | ${shown === '' ? '' : `\`${cell(shown)}\``} | ${cell(description)} |`,
  );
  return ['| value | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** Files of the chart that are copies: a chart can only read what lies in it. By path, with text. */
export function chartCopies() {
  const dashboards = readdirSync(`${root}/grafana/dashboards`).filter((file) => file.endsWith('.json'));
  return {
    [`${CHART}/files/crosstalk.rules.yaml`]: read('deploy/rules/crosstalk.rules.yaml'),
    ...Object.fromEntries(
      dashboards.map((file) => [`${CHART}/files/dashboards/${file}`, read(`grafana/dashboards/${file}`)]),
    ),
  };
}

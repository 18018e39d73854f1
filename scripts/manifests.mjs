// Writes deploy/kustomize from what the chart renders, so that who has no Helm gets the same objects. `npm run manifests`;
// test/kubernetes/kustomize.test.ts fails when this was forgotten. Needs Go, to build the real helm.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments, stringify } from 'yaml';
import { build } from '../test/kubernetes/build.mjs';
import { CHART } from './chart.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const KUSTOMIZE = 'deploy/kustomize';
/** What each part is for is said in its kustomization.yaml, which is written by hand. */
const PARTS = {
  base: [{}, ['ServiceAccount', 'Service', 'Deployment']],
  daemonset: [{ mode: 'daemonset' }, ['ServiceAccount', 'Service', 'DaemonSet']],
  'components/service-monitor': [{ monitoring: { monitor: true } }, ['ServiceMonitor']],
  'components/pod-monitor': [{ mode: 'daemonset', monitoring: { monitor: true } }, ['PodMonitor']],
  'components/network-policy': [{ networkPolicy: { kind: 'kubernetes' } }, ['NetworkPolicy']],
  'components/cilium-network-policy': [{ networkPolicy: { kind: 'cilium' } }, ['CiliumNetworkPolicy']],
};
const CONFIGURED = { base: {}, daemonset: { mode: 'daemonset' } };

/**
 * Every generated file of deploy/kustomize.
 *
 * @param {string} helm path of the program
 * @returns {Record<string, string>} text by path
 */
export function manifests(helm) {
  const files = {};
  for (const [part, [values, kinds]] of Object.entries(PARTS)) {
    const objects = rendered(helm, values).filter(({ kind }) => kinds.includes(kind));
    files[`${KUSTOMIZE}/${part}/${part.split('/').pop()}.yaml`] = objects
      .map((object) => stringify(object))
      .join('---\n');
  }
  for (const [part, values] of Object.entries(CONFIGURED)) {
    const config = rendered(helm, values).find(({ kind }) => kind === 'ConfigMap');
    files[`${KUSTOMIZE}/${part}/crosstalk.yaml`] = config.data['crosstalk.yaml'];
  }
  return files;
}

function rendered(helm, values) {
  const none = { monitoring: { dashboards: false, monitor: false, rules: false, annotations: true } };
  const merged = { ...values, monitoring: { ...none.monitoring, ...values.monitoring } };
  const { status, stdout, stderr } = spawnSync(
    helm,
    ['template', 'crosstalk', `${root}/${CHART}`, '--namespace', 'crosstalk', '--no-hooks', '--values', '-'],
    { input: JSON.stringify(merged), encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`helm template: ${stderr}`);
  return parseAllDocuments(stdout)
    .map((document) => document.toJS())
    .filter((object) => object !== null)
    .map(withoutHelm);
}

/** Namespaces are kustomize's to set, and a new configuration gets a new name instead of a checksum. */
function withoutHelm(object) {
  delete object.metadata.namespace;
  delete object.metadata.labels['app.kubernetes.io/managed-by'];
  delete object.metadata.labels['helm.sh/chart'];
  delete object.spec?.template?.metadata.annotations?.['checksum/config'];
  return object;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, text] of Object.entries(manifests(build().helm))) {
    mkdirSync(dirname(`${root}/${file}`), { recursive: true });
    writeFileSync(`${root}/${file}`, text);
  }
}

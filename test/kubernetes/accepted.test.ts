/** Whatever the chart is told, the API server takes what it renders, down to the last field. */
import { readFileSync } from 'node:fs';
import { describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { apply, newNamespace } from './cluster.js';
import { EFFECTS, nested } from './effect.js';
import { CHART, template } from './helm.js';
import type { KubernetesObject } from './objects.js';
import { enforcing, isWorkload, podOf } from './pods.js';
import { MODES, SWITCHES, type Values } from './scenarios.js';
import { warningsFor } from './verdict.js';

/** APIs of operators: where they are there, the chart makes objects for them. */
const apiVersions = ['monitoring.coreos.com/v1', 'cilium.io/v2', 'cert-manager.io/v1'];

const rendered = async (values: Values, namespace: string): Promise<KubernetesObject[]> =>
  await template({ values: nested(values), namespace, apiVersions });

describe.each(Object.entries(MODES))('%s, with', (_, mode) => {
  const all = Object.assign({}, ...Object.values(SWITCHES)) as Values;
  test.each([...Object.entries(SWITCHES), ['all of it', all] as const])('%s', async (__, values) => {
    const namespace = await newNamespace();
    const objects = await rendered({ ...values, ...mode }, namespace);
    expect(objects.filter(isWorkload)).toHaveLength(1);
    expect(await warningsFor(objects, namespace)).toEqual([]);
  });
});

test.each(EFFECTS.map((effect) => [`${effect.value}: ${JSON.stringify(effect.set)}`, effect] as const))(
  'a user who sets %s',
  async (_, { value, set, beside }) => {
    const namespace = await newNamespace();
    const objects = await rendered({ ...beside, [value]: set }, namespace);
    expect(await warningsFor(objects, namespace)).toEqual([]);
  },
);

test('a field that Kubernetes does not know is refused, however deep it stands', async () => {
  const namespace = await newNamespace();
  const workload = (await rendered({}, namespace)).find(isWorkload)!;
  const { metadata, spec } = podOf(workload);
  const misspelt = { ...spec, containers: [{ ...spec.containers[0], imagePullPolici: 'Always' }] };
  const pods = { metadata: { labels: metadata.labels }, spec: misspelt };
  const wrong = { ...workload, spec: { ...(workload['spec'] as object), template: pods } };
  await expect(warningsFor([wrong], namespace)).rejects.toThrow(/imagePullPolici/);
});

describe('pod security', () => {
  const { 'one on each node, on the socket': socket, ...others } = MODES;

  test.each(Object.entries(others))('%s: `restricted` admits its pods', async (_, mode) => {
    const namespace = await newNamespace(enforcing('restricted'));
    const objects = await rendered(mode, namespace);
    for (const object of objects.filter(({ kind }) => kind === 'ServiceAccount')) await apply(object);
    // Of the workload, and the one of `helm test`.
    const pods = [...objects.filter(isWorkload).map(podOf), ...objects.filter(({ kind }) => kind === 'Pod')];
    expect(pods).toHaveLength(2);
    for (const pod of pods) expect((await apply(pod, { namespace })).warnings).toEqual([]);
  });

  test('one on each node, on the socket: only its folder of the node keeps it out of `baseline`', async () => {
    const namespace = await newNamespace(enforcing('baseline'));
    const objects = await rendered(socket!, namespace);
    for (const object of objects.filter(({ kind }) => kind === 'ServiceAccount')) await apply(object);
    const pod = podOf(objects.find(isWorkload)!);
    await expect(apply(pod, { namespace })).rejects.toThrow(
      /violates PodSecurity "baseline:latest": hostPath volumes \([^)]*\)$/,
    );
  });
});

describe('versions of Kubernetes', () => {
  const { kubeVersion } = parse(readFileSync(`${CHART}/Chart.yaml`, 'utf8')) as { kubeVersion: string };
  const [, minor] = /^>=1\.(\d+)\.0-0$/.exec(kubeVersion) ?? [];
  const oldest = `v1.${minor ?? ''}.0`;

  describe.each([oldest, inject('kubernetes').version])('what is rendered for %s is accepted', (version) => {
    test.each(Object.entries(MODES))('%s', async (_, mode) => {
      const namespace = await newNamespace();
      const asked = { values: nested(mode), namespace, apiVersions, kubeVersion: version };
      expect(await warningsFor(await template(asked), namespace)).toEqual([]);
    });
  });

  test('on an older one than the chart promises nothing is installed', async () => {
    const older = `v1.${Number(minor) - 1}.9`;
    await expect(template({ kubeVersion: older })).rejects.toThrow(/chart requires kubeVersion/);
  });
});

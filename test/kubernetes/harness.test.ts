/** The tests of chart and manifests believe what this file shows: that here is refused what a cluster refuses. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apply, dryRun, everythingIn, newNamespace, read } from './cluster.js';
import { helm, install, lint, manifest, template, uninstall, upgrade } from './helm.js';
import { type KubernetesObject, names } from './objects.js';

const settings = (data: unknown = { key: 'value' }): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data,
});

/** A Deployment of one pod that PodSecurity's `restricted` refuses. */
const careless: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'careless' },
  spec: {
    selector: { matchLabels: { app: 'careless' } },
    template: {
      metadata: { labels: { app: 'careless' } },
      spec: { containers: [{ name: 'careless', image: 'careless', securityContext: { privileged: true } }] },
    },
  },
};

describe('objects given to the API server', () => {
  test('one is stored, read back, and found in its namespace', async () => {
    const namespace = await newNamespace();
    expect(await everythingIn(namespace)).toEqual([]);
    const { object, warnings } = await apply(settings(), { namespace });
    expect([object['data'], warnings]).toEqual([{ key: 'value' }, []]);
    expect(await read(settings(), namespace)).toMatchObject({ data: { key: 'value' } });
    expect(names(await everythingIn(namespace))).toEqual(['ConfigMap/settings']);
  });

  test('a dry run stores nothing', async () => {
    const namespace = await newNamespace();
    await dryRun([settings()], namespace);
    expect(await read(settings(), namespace)).toBeUndefined();
  });

  test.each([
    ['a misspelt field', { ...settings(), dataa: {} }, /dataa: field not declared in schema/],
    ['a value of another type', settings({ key: 1 }), /settings/],
    ['an unknown kind', { ...settings(), kind: 'ConfigurationMap' }, /knows no ConfigurationMap of v1/],
    ['an unknown version', { ...settings(), apiVersion: 'v7' }, /knows no ConfigMap of v7/],
    ['a name that is none', { ...settings(), metadata: { name: 'Settings' } }, /RFC 1123/],
  ])('%s is refused', async (_, object, because) => {
    const namespace = await newNamespace();
    await expect(apply(object, { namespace })).rejects.toThrow(because);
    expect(await everythingIn(namespace)).toEqual([]);
  });

  test.each([
    ['monitoring.coreos.com/v1', 'ServiceMonitor', { selectr: {}, selector: {}, endpoints: [] }, /selectr/],
    [
      'monitoring.coreos.com/v1',
      'PodMonitor',
      { selector: {}, podMetricsEndpoint: [] },
      /podMetricsEndpoint/,
    ],
    ['monitoring.coreos.com/v1', 'PrometheusRule', { groups: [{ nam: 'g' }] }, /nam/],
    ['cilium.io/v2', 'CiliumNetworkPolicy', { endpointSelector: {}, ingres: [] }, /ingres/],
    ['cert-manager.io/v1', 'Certificate', { secretNam: 's' }, /secretNam/],
  ])('%s %s is known down to its fields', async (apiVersion, kind, spec, because) => {
    const object = { apiVersion, kind, metadata: { name: 'misspelt' }, spec };
    await expect(apply(object, { namespace: await newNamespace() })).rejects.toThrow(because);
  });

  test('the server warns of pods that the namespace would have better', async () => {
    const namespace = await newNamespace({ 'pod-security.kubernetes.io/warn': 'restricted' });
    const { warnings } = await apply(careless, { namespace });
    expect(warnings).toEqual([expect.stringContaining('would violate PodSecurity "restricted:latest"')]);
  });
});

describe('a chart as helm makes it', () => {
  let directory = '';
  let chart = '';
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'chart-'));
    chart = join(directory, 'plain');
    expect(await helm(['create', chart])).toMatchObject({ status: 0 });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('is rendered by the values given to it, and linted', async () => {
    const replicas = (objects: KubernetesObject[]): unknown =>
      objects.find(({ kind }) => kind === 'Deployment')?.['spec'];
    expect(replicas(await template({ chart }))).toMatchObject({ replicas: 1 });
    expect(replicas(await template({ chart, values: { replicaCount: 2 } }))).toMatchObject({ replicas: 2 });
    expect(replicas(await template({ chart, set: ['replicaCount=3'] }))).toMatchObject({ replicas: 3 });
    expect(await lint({ chart })).toMatchObject({ status: 0 });
  });

  test('is not rendered with an error', async () => {
    await expect(template({ chart, set: ['image=none'] })).rejects.toThrow(/image/);
  });

  test('is installed, upgraded and uninstalled, and leaves nothing', async () => {
    const namespace = await newNamespace();
    const quiet = await install({ chart, namespace, release: 'first' });
    expect(quiet.stderr).toBe('');
    const objects = await manifest(namespace, 'first');
    for (const object of objects) expect(await read(object, namespace)).toBeDefined();
    await upgrade({ chart, namespace, release: 'first', set: ['replicaCount=2'] });
    const deployment = objects.find(({ kind }) => kind === 'Deployment')!;
    expect(await read(deployment, namespace)).toMatchObject({ spec: { replicas: 2 } });
    await uninstall(namespace, 'first');
    expect(await everythingIn(namespace)).toEqual([]);
  });

  test("the server's warnings reach helm's user", async () => {
    const namespace = await newNamespace({ 'pod-security.kubernetes.io/warn': 'restricted' });
    const { stderr } = await install({ chart, namespace });
    expect(stderr).toContain('would violate PodSecurity');
  });
});

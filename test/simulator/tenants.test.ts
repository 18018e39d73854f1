import { describe, expect, test } from 'vitest';
import { Cluster } from '../../src/simulator/cluster.js';
import { Tenant } from '../../src/simulator/tenants.js';

const cluster = new Cluster();
const tenant = new Tenant(cluster, { vcluster: 'team-a', hostNamespace: 'vcluster-team-a' });

describe('a synced pod', () => {
  const pod = tenant.pod({ name: 'web-0', labels: { app: 'web' } });

  test('has the host name that vCluster gives it, in the host namespace', () => {
    expect(pod.local.pod_name).toBe('web-0-x-default-x-team-a');
    expect(pod.local.namespace).toBe('vcluster-team-a');
  });

  test('has a hashed name when it would be longer than 63 (domain A.3, vector 7)', () => {
    const green = new Tenant(cluster, { vcluster: 'tenant-green', hostNamespace: 'g' });
    const { local } = green.pod({
      name: 'checkout-service-deployment-5d9c7b6f8-abcde',
      namespace: 'checkout',
    });
    expect(local.pod_name).toBe('checkout-service-deployment-5d9c7b6f8-abcde-x-checko-592c7abc70');
  });

  test("has eight labels: its own, Cilium's four and vCluster's three, sorted", () => {
    expect(pod.local.labels).toEqual([
      'k8s:app=web',
      'k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=vcluster-team-a',
      'k8s:io.cilium.k8s.policy.cluster=default',
      'k8s:io.cilium.k8s.policy.serviceaccount=vc-workload-team-a',
      'k8s:io.kubernetes.pod.namespace=vcluster-team-a',
      'k8s:vcluster.loft.sh/managed-by=team-a',
      'k8s:vcluster.loft.sh/namespace=default',
      'k8s:vcluster.loft.sh/ns-label-team-a-x-cf1227b7b2=default',
    ]);
  });

  test('has no workload, because syncing removes the generated name', () => {
    expect(pod.local.workloads).toBeUndefined();
    expect(tenant.controlPlane().local.workloads).toEqual([{ name: 'team-a', kind: 'StatefulSet' }]);
  });

  test("cannot bring labels that are vCluster's: the syncer renames them (domain A.3)", () => {
    const { labels } = tenant.pod({
      name: 'x',
      labels: { release: 'victim', 'vcluster.loft.sh/managed-by': 'victim', app: 'vcluster' },
    }).local;
    expect(labels).toContain('k8s:vcluster.loft.sh/label-team-a-x-a4d451ec23=victim');
    expect(labels).toContain('k8s:vcluster.loft.sh/managed-by=team-a');
    expect(labels).toContain('k8s:app=vcluster');
    expect(labels.some((label) => label.startsWith('k8s:release'))).toBe(false);
  });
});

test("the control plane is known by the chart's labels and its service account, and is not managed", () => {
  const { labels, pod_name } = tenant.controlPlane().local;
  expect(pod_name).toBe('team-a-0');
  expect(labels).toEqual(
    expect.arrayContaining([
      'k8s:app=vcluster',
      'k8s:release=team-a',
      'k8s:io.cilium.k8s.policy.serviceaccount=vc-team-a',
    ]),
  );
  expect(labels.some((label) => label.includes('managed-by'))).toBe(false);
});

test('with synced namespaces pods keep their virtual names and the namespaces carry the labels', () => {
  const synced = new Tenant(cluster, {
    vcluster: 'gold',
    hostNamespace: 'cp-gold',
    syncedNamespaces: (name) => `gold-${name}`,
  });
  const { pod_name, namespace, labels } = synced.pod({ name: 'web-0', namespace: 'shop' }).local;
  expect([pod_name, namespace]).toEqual(['web-0', 'gold-shop']);
  expect(labels).toContain('k8s:io.cilium.k8s.namespace.labels.vcluster.loft.sh/vcluster-name=gold');
  expect(labels).toContain('k8s:io.cilium.k8s.namespace.labels.vcluster.loft.sh/vcluster-namespace=cp-gold');
});

test("an operator's label whitelist takes vCluster's labels away and leaves the service account", () => {
  const strict = new Cluster({ labels: 'whitelisted' });
  const { labels } = new Tenant(strict, { vcluster: 'team-a', hostNamespace: 'team-a' }).pod({
    name: 'web-0',
    labels: { app: 'web' },
  }).local;
  expect(labels).toEqual([
    'k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=team-a',
    'k8s:io.cilium.k8s.policy.cluster=default',
    'k8s:io.cilium.k8s.policy.serviceaccount=vc-workload-team-a',
    'k8s:io.kubernetes.pod.namespace=team-a',
  ]);
});

test('tenants are named as the contract says', () => {
  const name = (vcluster: string, hostNamespace: string, home?: string): string =>
    new Tenant(new Cluster({ name: 'prod' }), { vcluster, hostNamespace }, home).name;
  expect(name('team-a', 'team-a')).toBe('team-a');
  expect(name('team-a', 'ns')).toBe('ns/team-a');
  expect(name('team-a', 'team-a', 'other')).toBe('prod/team-a/team-a');
});

describe('a cluster', () => {
  test('gives every pod an address of its own, also beyond 254 on a node', () => {
    const big = new Cluster({ nodes: ['n1', 'n2'] });
    const addresses = Array.from({ length: 2000 }, (_, at) => big.pod({ name: `p${at}`, namespace: 'x' }).ip);
    expect(new Set(addresses).size).toBe(2000);
  });

  test('gives pods of the same labels the same identity, others another', () => {
    const identity = (name: string, app: string): number =>
      tenant.pod({ name, labels: { app } }).local.identity;
    expect(identity('a', 'same')).toBe(identity('b', 'same'));
    expect(identity('a', 'same')).not.toBe(identity('c', 'other'));
  });

  test('refuses a node that it does not have', () => {
    expect(() => cluster.pod({ name: 'x', namespace: 'y', node: 'nowhere' })).toThrow(
      'cluster "default" has no node "nowhere"',
    );
  });
});

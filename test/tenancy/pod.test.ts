import { expect, test } from 'vitest';
import { podOf } from '../../src/tenancy/pod.js';
import { bare, OWN } from './endpoints.js';

const NAMESPACE = 'k8s:io.kubernetes.pod.namespace=team-a';
const CLUSTER = 'k8s:io.cilium.k8s.policy.cluster=blue';

test('the namespace of the identity beats that of the pod metadata, whose name is then not used', () => {
  const pod = podOf(
    bare({ namespace: 'team-b', name: 'web-0-x-default-x-team-b', labels: [NAMESPACE] }),
    OWN,
  );
  expect(pod).toMatchObject({ namespace: 'team-a', name: '', otherNamespace: 'team-b' });
});

test('the namespace of the metadata stands where there is no label', () => {
  expect(podOf(bare({ namespace: 'team-b', name: 'web-0' }), OWN)).toMatchObject({
    namespace: 'team-b',
    name: 'web-0',
    otherNamespace: undefined,
  });
});

test('a proxy flow has labels and no pod name: no contradiction', () => {
  expect(podOf(bare({ labels: [NAMESPACE] }), OWN)).toMatchObject({
    namespace: 'team-a',
    name: '',
    otherNamespace: undefined,
  });
});

test('only labels of the source k8s tell the namespace and the cluster', () => {
  const labels = ['unspec:io.kubernetes.pod.namespace=team-a', 'any:io.cilium.k8s.policy.cluster=blue'];
  expect(podOf(bare({ labels }), OWN)).toMatchObject({ namespace: '', cluster: OWN });
});

test('the cluster is what the endpoint says, else its label, else our own', () => {
  expect(podOf(bare({ cluster: 'green', labels: [CLUSTER] }), OWN).cluster).toBe('green');
  expect(podOf(bare({ labels: [CLUSTER] }), OWN).cluster).toBe('blue');
  expect(podOf(bare({ labels: [NAMESPACE] }), OWN).cluster).toBe(OWN);
});

test.each(['a/b', '__platform__', 'a b', '-a', 'a'.repeat(64), 'a\nb'])('%j is no cluster', (cluster) => {
  expect(podOf(bare({ cluster, namespace: 'team-a' }), OWN).cluster).toBe('');
});

test.each(['a/b', 'Team', 'a.b', '__world__', 'a'.repeat(64)])('%j is no namespace', (namespace) => {
  expect(podOf(bare({ namespace }), OWN).namespace).toBe('');
  expect(podOf(bare({ labels: [`k8s:io.kubernetes.pod.namespace=${namespace}`] }), OWN).namespace).toBe('');
});

test('label keys like __proto__ are keys like any other', () => {
  const { labels } = podOf(bare({ labels: ['k8s:__proto__=x', 'k8s:constructor=y', NAMESPACE] }), OWN);
  expect(labels.get('__proto__')?.value).toBe('x');
  expect(labels.get('toString')).toBeUndefined();
});

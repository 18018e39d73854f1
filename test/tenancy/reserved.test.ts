import { describe, expect, test } from 'vitest';
import { kindOf } from '../../src/tenancy/reserved.js';
import { bare } from './endpoints.js';

describe('reserved labels decide what is no pod', () => {
  test.each([
    ['platform', ['reserved:host']],
    ['platform', ['reserved:host', 'reserved:kube-apiserver']],
    ['platform', ['reserved:remote-node']],
    ['platform', ['cidr:10.0.0.7/32', 'reserved:remote-node']],
    ['platform', ['reserved:kube-apiserver']],
    ['platform', ['reserved:health']],
    ['platform', ['reserved:ingress']],
    ['platform', ['cidr:172.18.0.2/32', 'reserved:kube-apiserver', 'reserved:world']],
    ['platform', ['reserved:world', 'reserved:kube-apiserver']],
    ['world', ['reserved:world']],
    ['world', ['reserved:world-ipv4']],
    ['world', ['reserved:world-ipv6']],
    ['world', ['cidr:8.8.8.8/32', 'reserved:world']],
    ['world', ['cidr:8.8.8.8/32']],
    ['world', ['fqdn:*.example.com', 'reserved:world-ipv4']],
    ['unidentified', ['reserved:unmanaged']],
    ['unidentified', ['reserved:init']],
    ['unidentified', ['reserved:unknown']],
    ['unidentified', ['reserved:something-new']],
    ['unidentified', ['gen:io.cilium.k8s.named-ports=dns.UDP.53']],
  ])('%s: %j', (kind, labels) => {
    expect(kindOf(bare({ labels, identity: 0 }))).toBe(kind);
  });

  test.each([
    'reserved:unmanaged',
    'reserved:init',
    'reserved:unknown',
    'gen:io.cilium.k8s.named-ports=dns.UDP.53',
  ])('%s is judged as a pod where a namespace or a pod name came with it', (label) => {
    expect(kindOf(bare({ labels: [label], namespace: 'team-a' }))).toBe('pod');
    expect(kindOf(bare({ labels: [label], name: 'web-0' }))).toBe('pod');
  });

  test('the labels are asked before the number: a proxy flow has the address of a node and the identity of a pod', () => {
    expect(kindOf(bare({ labels: ['k8s:app=web'], identity: 1 }))).toBe('pod');
  });

  test.each([
    'k8s:host',
    'k8s:reserved:host',
    'k8s:reserved.host=',
    'k8s:kube-apiserver',
    'k8s:world',
    'k8s:cidr:10.0.0.0/8',
    'unspec:host',
    'any:world',
    'reserved-host',
    ':host',
    'k8s:app=reserved:host',
  ])('a pod cannot pose as the platform or the world: %s', (label) => {
    expect(
      kindOf(bare({ labels: ['k8s:io.kubernetes.pod.namespace=team-a', label], namespace: 'team-a' })),
    ).toBe('pod');
  });
});

describe('without labels the number of the identity decides', () => {
  test.each([
    [1, 'platform'],
    [2, 'world'],
    [3, 'unidentified'],
    [4, 'platform'],
    [5, 'unidentified'],
    [6, 'platform'],
    [7, 'platform'],
    [8, 'platform'],
    [9, 'world'],
    [10, 'world'],
    [0, 'unidentified'],
    [12_345, 'unidentified'],
    [0x00ff_ffff, 'unidentified'],
    [0x0100_0000, 'world'],
    [0x01ff_ffff, 'world'],
    [0x0200_0001, 'platform'],
    [0x0300_0000, 'unidentified'],
    [0xffff_ffff, 'unidentified'],
  ])('%i is %s', (identity, kind) => {
    expect(kindOf(bare({ identity }))).toBe(kind);
  });

  test.each([0, 3, 5, 12_345])('%i with a namespace is a pod', (identity) => {
    expect(kindOf(bare({ identity, namespace: 'team-a' }))).toBe('pod');
  });
});

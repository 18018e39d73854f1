import { describe, expect, test } from 'vitest';
import type { Observed } from '../../src/policy/finding.js';
import { lintPolicies } from '../../src/policy/lint.js';
import type { Written } from './cases.js';
import { ccnp, cnp, foreign, netpol, otherNode, pod, read, web, world } from './written.js';

const lints = (policy: Written, observed: Observed = {}): string[] =>
  lintPolicies(read([policy]), observed).map(({ lint, path }) => `${lint} ${path}`);
const all = { endpointSelector: {} };
const egress = (...rules: Written[]): Written => cnp({ ...all, egress: rules });
const ingress = (...rules: Written[]): Written => cnp({ ...all, ingress: rules });
const ports = (...list: string[]): Written[] => [{ ports: list.map((port) => ({ port, protocol: 'TCP' })) }];

describe('the node', () => {
  test.each<[string, Written, string[]]>([
    ['host without ports, and without the other nodes', egress({ toEntities: ['host'] }), ['host-without-ports spec.egress[0]', 'remote-node-missing spec.egress[0]']],
    ['port 0 is every port', egress({ toEntities: ['host', 'remote-node'], toPorts: ports('0') }), ['host-without-ports spec.egress[0]']],
    ['with a port and the other nodes it is fine', egress({ toEntities: ['host', 'remote-node'], toPorts: ports('6443') }), []],
    ['the other nodes may be in another rule', egress({ toEntities: ['host'], toPorts: ports('6443') }, { toEntities: ['remote-node'], toPorts: ports('6443') }), []],
    ['but not in the other direction', cnp({ ...all, egress: [{ toEntities: ['host'], toPorts: ports('1') }], ingress: [{ fromEntities: ['remote-node'], toPorts: ports('1') }] }), ['remote-node-missing spec.egress[0]']],
    ['cluster holds them, and every tenant', egress({ toEntities: ['host', 'cluster'], toPorts: ports('6443') }), ['selects-everything spec.egress[0]']],
    ['ingress from the host', ingress({ fromEntities: ['host'] }), ['remote-node-missing spec.ingress[0]']],
    ['a denial opens nothing', cnp({ ...all, egressDeny: [{ toEntities: ['host'] }] }), []],
    ['kube-apiserver is not the host', egress({ toEntities: ['kube-apiserver'] }), []],
  ])('%s', (_, policy, expected) => {
    expect(lints(policy)).toEqual(expected);
  }); // prettier-ignore
});

describe('two vClusters in one namespace', () => {
  const marked = (vcluster: string) =>
    pod('shared', 'app=web', `vcluster.loft.sh/managed-by=${vcluster}`).labels;
  const tenants = [
    { tenant: 'shared/one', labels: [marked('one')] },
    { tenant: 'shared/two', labels: [marked('two')] },
  ];
  const one = { matchLabels: { 'vcluster.loft.sh/managed-by': 'one' } };
  const within = (endpointSelector: Written, peer: Written): Written =>
    cnp({ endpointSelector, ingress: [{ fromEndpoints: [peer] }] }, 'shared');

  test('a selector of the whole namespace does not separate them', () => {
    const found = lintPolicies(read([within({}, {})]), { tenants });
    expect(found.map(({ lint }) => lint)).toEqual(['tenants-not-separated']);
    expect(found[0]?.why).toBe(
      'shared/one and shared/two share the namespace shared, and this allows shared/two to reach shared/one',
    );
    expect(found[0]?.instead).toContain('vcluster.loft.sh/managed-by');
  });
  test('nor where only the pods it is for are told apart', () => {
    expect(lints(within(one, {}), { tenants })).toEqual(['tenants-not-separated spec.ingress[0]']);
  });
  test('told apart on both sides they are separated', () => {
    expect(lints(within(one, one), { tenants })).toEqual([]);
  });
  test('one tenant alone in its namespace needs no more', () => {
    expect(lints(within({}, {}), { tenants: tenants.slice(0, 1) })).toEqual([]);
  });
  test('a denial lets nobody in', () => {
    expect(lints(cnp({ ...all, ingressDeny: [{ fromEndpoints: [{}] }] }, 'shared'), { tenants })).toEqual([]);
  });
});

describe('blocks of addresses', () => {
  const addresses = [web, otherNode, world];
  test('that hold a pod are not about it', () => {
    const found = lintPolicies(read([egress({ toCIDR: ['10.1.0.0/16'] })]), { addresses });
    expect(found.map(({ lint, instead }) => [lint, instead])).toEqual([
      ['block-ignored', 'toEndpoints with the labels of the pods'],
    ]);
  });
  test('nor about a node', () => {
    expect(lintPolicies(read([egress({ toCIDR: ['10.0.0.2/32'] })]), { addresses })[0]?.instead).toContain(
      'remote-node',
    );
  });
  test('outside the cluster they are right', () => {
    expect(lints(egress({ toCIDR: ['192.0.2.0/24'] }), { addresses })).toEqual([]);
  });
  test('and where the pods are left out of them', () => {
    expect(
      lints(egress({ toCIDRSet: [{ cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] }] }), { addresses }),
    ).toEqual([]);
  });
});

describe('the port of the Service', () => {
  const services = [
    { name: 'team-b/web', protocol: 'tcp' as const, port: 80, targetPort: 8080, backends: [foreign.labels] },
  ];
  const to = (...list: string[]): Written =>
    egress({
      toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'team-b' } }],
      toPorts: ports(...list),
    });
  test('in place of the pod’s', () => {
    expect(lints(to('80'), { services })).toEqual(['service-port spec.egress[0]']);
  });
  test('beside the pod’s does no harm', () => {
    expect(lints(to('80', '8080'), { services })).toEqual([]);
  });
  test('of pods that are not meant is another matter', () => {
    expect(lints(egress({ toEndpoints: [{}], toPorts: ports('80') }), { services })).toEqual([]);
  });
  test('at the pods themselves', () => {
    expect(
      lints(cnp({ ...all, ingress: [{ fromEndpoints: [{}], toPorts: ports('80') }] }, 'team-b'), {
        services,
      }),
    ).toEqual(['service-port spec.ingress[0]']);
  });
});

describe('selectors that select everything', () => {
  const everything = ['selects-everything spec.ingress[0]'];
  test.each<[string, Written, string[]]>([
    ['an empty endpointSelector, clusterwide', ccnp({ ...all, ingress: [{ fromEntities: ['health'] }] }), everything],
    ['is the namespace, where there is one', ingress({ fromEndpoints: [{}] }), []],
    ['ports without anyone', ingress({ toPorts: ports('80') }), everything],
    ['the entity all', ingress({ fromEntities: ['all'] }), everything],
    ['every pod, clusterwide', ccnp({ endpointSelector: { matchLabels: { a: 'b' } }, ingress: [{ fromEndpoints: [{}] }] }), everything],
    ['NetworkPolicy: a rule without from', netpol({ podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] }), everything],
    ['NetworkPolicy: every namespace', netpol({ podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] }), everything],
    ['NetworkPolicy: a namespace by label', netpol({ podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { a: 'b' } } }] }] }), []],
    ['a rule that closes', ingress({}), []],
  ])('%s', (_, policy, expected) => {
    expect(lints(policy)).toEqual(expected);
  }); // prettier-ignore
});

describe('rules that match nothing', () => {
  test.each<[string, Written, string[]]>([
    [
      'toPorts without a port',
      ingress({ fromEndpoints: [{}], toPorts: [{}] }),
      ['matches-nothing spec.ingress[0]'],
    ],
    ['a denial without anyone', cnp({ ...all, ingressDeny: [{}] }), ['matches-nothing spec.ingressDeny[0]']],
    ['a denial of someone', cnp({ ...all, ingressDeny: [{ fromEndpoints: [{}] }] }), []],
    ['nobody, to close', ingress({ fromEndpoints: [] }), []],
  ])('%s', (_, policy, expected) => {
    expect(lints(policy)).toEqual(expected);
  });
});

test('a finding says where, why, and what to write', () => {
  expect(lintPolicies(read([ingress({ fromEntities: ['host'] })]))).toEqual([
    {
      lint: 'remote-node-missing',
      policy: { kind: 'CiliumNetworkPolicy', namespace: 'team-a', name: 'tested' },
      path: 'spec.ingress[0]',
      why: expect.stringContaining('node that the pod runs on only') as string,
      instead: 'fromEntities: [host, remote-node]',
    },
  ]);
});

import { describe, expect, test } from 'vitest';
import type { Endpoint, Party, VirtualPod } from '../../src/model.js';
import { virtualOf } from '../../src/tenancy/virtual.js';
import {
  account,
  bare,
  controlPlane,
  managedBy,
  OWN,
  pod,
  said,
  syncedNamespace,
  virtualNamespace,
} from './endpoints.js';
import { observed } from './observed.js';
import { VECTORS } from './vectors.js';

const asTenantKnows = (endpoint: Endpoint, party: Party): VirtualPod | undefined =>
  party.kind === 'tenant' ? virtualOf(endpoint, party) : undefined;
const tenantOf = (party: Party): string => (party.kind === 'tenant' ? party.tenant.id : party.kind);

describe('behaviours that are wrong by default', () => {
  const ambiguous = VECTORS.filter(({ id }) => ['8', '9', '12', '13', '14', '17'].includes(id));
  test.each(ambiguous)('1. vector $id is not split at its last -x- once its vCluster is known', (vector) => {
    const { who } = observed();
    who(pod({ namespace: 'ns', name: 'other', labels: [managedBy(vector.vcluster)] }));
    who(pod({ namespace: 'ns', name: 'another', labels: [managedBy('another')] }));
    expect(who(pod({ namespace: 'ns', name: vector.host }))).toBe(`ns/${vector.vcluster} by pod_name`);
  });

  test('2. vClusters of one name in two host namespaces are two tenants', () => {
    const { attribution } = observed();
    const [one, two] = ['host-1', 'host-2'].map((namespace) =>
      attribution.attribute(pod({ namespace, name: 'web-0-x-default-x-dev', labels: [managedBy('dev')] })),
    );
    expect(tenantOf(one!)).not.toBe(tenantOf(two!));
    expect([one, two].map((party) => party?.kind === 'tenant' && party.tenant.name)).toEqual([
      'host-1/dev',
      'host-2/dev',
    ]);
  });

  test('3. a hashed name is attributed by its labels, and without them to nobody', () => {
    const name = 'checkout-service-deployment-5d9c7b6f8-abcde-x-checko-592c7abc70';
    const { attribution, who } = observed();
    const endpoint = pod({
      namespace: 'green',
      name,
      labels: [managedBy('tenant-green'), virtualNamespace('checkout')],
    });
    const party = attribution.attribute(endpoint);
    expect(party).toMatchObject({
      evidence: 'managed_by',
      evidenceLabels: ['k8s:vcluster.loft.sh/managed-by=tenant-green'],
    });
    expect(asTenantKnows(endpoint, party)).toEqual({
      namespace: 'checkout',
      pod: 'checkout-service-deployment-5d9c7b6f8-abcde',
    });
    expect(who(pod({ namespace: 'elsewhere', name }))).toBe('unidentified');
  });

  test("4. a tenant's pod with app=vcluster is no control plane", () => {
    const { who } = observed();
    const labels = ['k8s:app=vcluster', managedBy('a')];
    expect(who(pod({ namespace: 'host-a', name: 'web-0-x-default-x-a', labels }))).toBe(
      'host-a/a by managed_by',
    );
    expect(who(pod({ namespace: 'host-b', labels: ['k8s:app=vcluster'] }))).toBe('platform');
  });

  test('5. a control plane is the tenant of its own pods and of no others', () => {
    const { attribution } = observed();
    const id = (namespace: string, name: string, labels: string[]): string =>
      tenantOf(attribution.attribute(pod({ namespace, name, labels })));
    const controlPlaneA = id('host-a', 'a-0', controlPlane('a'));
    const controlPlaneB = id('host-b', 'b-0', controlPlane('b'));
    const podA = id('host-a', 'web-0-x-default-x-a', [managedBy('a')]);
    expect(podA).toBe(controlPlaneA);
    expect(podA).not.toBe(controlPlaneB);
  });

  test('6. host, cluster DNS and the world are no tenants', () => {
    const { who, attributed } = observed();
    expect(who(bare({ labels: ['reserved:host'], identity: 1 }))).toBe('platform');
    expect(who(pod({ namespace: 'kube-system', name: 'coredns-7bbf4bc4d6-qwk5p' }))).toBe('platform');
    expect(who(bare({ labels: ['reserved:world'], identity: 2 }))).toBe('world');
    expect(attributed).toEqual({});
  });

  test('20. a flow through the proxy, without a pod name, is attributed by its labels', () => {
    const { who } = observed();
    const labels = ['k8s:io.kubernetes.pod.namespace=host-a', managedBy('a')];
    expect(who(bare({ labels }))).toBe('host-a/a by managed_by');
  });

  test('21. label and name disagree: the label wins, and the conflict is counted once', () => {
    const { who, conflicts } = observed();
    const told = { namespace: 'host-a', name: 'web-x-prod-x-victim', labels: [managedBy('a')] };
    expect(who(pod(told))).toBe('host-a/a by managed_by');
    expect(who(pod(told))).toBe('host-a/a by managed_by');
    expect(who(pod({ ...told, id: 77 }))).toBe('host-a/a by managed_by');
    expect(conflicts).toMatchObject([
      {
        cluster: OWN,
        namespace: 'host-a',
        podName: 'web-x-prod-x-victim',
        decided: { vcluster: 'a' },
        evidence: 'managed_by',
        disagreements: [{ about: 'pod_name', says: 'web-x-prod-x-victim' }],
      },
    ]);
  });
});

describe('a conflict is counted', () => {
  const about = (told: Parameters<typeof pod>[0], changed: Parameters<typeof observed>[0] = {}): string[] => {
    const { who, conflicts } = observed(changed);
    who(pod({ namespace: 'ns', ...told }));
    return conflicts.flatMap(({ disagreements }) =>
      disagreements.map((each) => `${each.about}: ${each.says}`),
    );
  };
  const configured = { namespaces: [{ namespace: 'ns', vcluster: 'a', name: undefined }] };

  test.each([
    ['config against managed_by', { labels: [managedBy('b')] }, configured, ['managed_by: b']],
    ['config against the name', { name: 'web-x-d-x-b' }, configured, ['pod_name: web-x-d-x-b']],
    [
      'namespace_labels against managed_by',
      { labels: [managedBy('b'), ...syncedNamespace('a', 'h')] },
      {},
      ['managed_by: b'],
    ],
    [
      'managed_by against the account',
      { labels: [managedBy('a'), account('vc-workload-b')] },
      {},
      ['service_account: b'],
    ],
    [
      'the account against the chart',
      { labels: [account('vc-a'), ...controlPlane('b')] },
      {},
      ['control_plane: b'],
    ],
    [
      'a platform pod that claims to be synced',
      { labels: [managedBy('b')] },
      { platformNamespaces: ['ns'] },
      ['managed_by: b'],
    ],
    [
      'a platform pod named like one',
      { name: 'web-x-d-x-b' },
      { platformNamespaces: ['n*'] },
      ['pod_name: web-x-d-x-b'],
    ],
    [
      'an address that changed hands',
      { metadataNamespace: 'before', labels: [managedBy('a')] },
      {},
      ['pod_namespace: before'],
    ],
    [
      'an address that changed hands, on the platform',
      { metadataNamespace: 'before' },
      {},
      ['pod_namespace: before'],
    ],
  ])('%s', (_, told, changed, expected) => {
    expect(about(told, changed)).toEqual(expected);
  });

  test.each([
    ['all agree', { name: 'web-x-d-x-a', labels: [managedBy('a'), account('vc-workload-a')] }, configured],
    ['an inner vCluster', { name: 'web-0-x-default-x-inner-x-ns-x-a', labels: [managedBy('a')] }, {}],
    [
      'a hashed name',
      { name: 'payments-api-6c9f8d7b5c-2xkqz-x-payments-prod-eu-x-t-775434e896', labels: [managedBy('a')] },
      {},
    ],
    ['an ordinary name', { name: 'web-x-b', labels: [managedBy('a')] }, {}],
    [
      'a synced namespace, where names are free',
      { name: 'web-x-d-x-b', labels: syncedNamespace('a', 'host') },
      {},
    ],
    ['an account that may mean it', { labels: [managedBy('workload-a'), account('vc-workload-a')] }, {}],
    [
      "a control plane whose vCluster's name has separators",
      { name: 'a-x-b-x-c-0', labels: controlPlane('a-x-b-x-c') },
      {},
    ],
    ['an account that a tenant chose', { labels: [managedBy('a'), account('vc-b-x-d-x-a')] }, {}],
    ['no evidence at all', { name: 'web-0' }, {}],
    ['platform and configuration overlap', { name: 'web-0' }, { ...configured, platformNamespaces: ['ns'] }],
  ])('not when %s', (_, told, changed) => {
    expect(about(told, changed)).toEqual([]);
  });

  test('the name of a pod is not used once its address changed hands', () => {
    const { who } = observed();
    const told = { namespace: 'ns', metadataNamespace: 'before', name: 'web-x-d-x-b' };
    expect(who(pod(told))).toBe('platform');
  });
});

describe('what is left over is never taken for the platform where it may be a tenant', () => {
  test('in a namespace where a pod is named like a synced one, before or after', () => {
    const { who } = observed();
    const control = pod({ namespace: 'host-a', name: 'a-0' });
    expect(who(control)).toBe('platform');
    who(pod({ namespace: 'host-a', name: 'web-0-x-default-x-a' }));
    expect(who(control)).toBe('unidentified');
    expect(who(pod({ namespace: 'host-a', name: 'a-etcd-0' }))).toBe('unidentified');
  });
  test('nor in one where a name looks hashed', () => {
    const { who } = observed();
    expect(who(pod({ namespace: 'host-a', name: VECTORS.find(({ id }) => id === '6')!.host }))).toBe(
      'unidentified',
    );
    expect(who(pod({ namespace: 'host-a', name: 'a-0' }))).toBe('unidentified');
  });
  test('nor without a namespace or with a cluster that cannot be', () => {
    const { who } = observed();
    expect(who(pod({ name: 'web-0-x-default-x-a', labels: [managedBy('a')] }))).toBe('unidentified');
    expect(who(pod({ namespace: 'ns', cluster: 'a/b', labels: [managedBy('a')] }))).toBe('unidentified');
  });
});

describe('learning whose a namespace is judges again what was concluded from less', () => {
  test.each([
    ['the platform', 'admin-tool', 'platform', 'host-a/a by namespace'],
    [
      'a name that was taken at its word',
      'web-0-x-default-x-b-x-a',
      'host-a/a by pod_name',
      'host-a/a by pod_name',
    ],
    ['a name read too short', 'web-0-x-default-x-team-x-a', 'host-a/a by pod_name', 'host-a/a by pod_name'],
    ['a hashed name', VECTORS.find(({ id }) => id === '6')!.host, 'unidentified', 'host-a/a by namespace'],
  ])('%s', (_, name, before, after) => {
    const { who } = observed();
    const endpoint = pod({ namespace: 'host-a', name });
    expect(who(endpoint)).toBe(before);
    who(pod({ namespace: 'host-a', labels: [managedBy('a')] }));
    expect(who(endpoint)).toBe(after);
  });

  test('and takes back the tenant that only a name had spoken for', () => {
    const { who, attribution, attributed } = observed();
    const endpoint = pod({ namespace: 'host-a', name: 'web-0-x-default-x-team-x-prod' });
    expect(who(endpoint)).toBe('host-a/prod by pod_name');
    who(pod({ namespace: 'host-a', labels: [managedBy('team-x-prod')] }));
    expect(who(endpoint)).toBe('host-a/team-x-prod by pod_name');
    expect(attribution.tenants().map(({ tenant, endpoints }) => [tenant.vcluster, endpoints])).toEqual([
      ['team-x-prod', { managed_by: 1, pod_name: 1 }],
    ]);
    expect(attributed).toEqual({ pod_name: 1, managed_by: 1 });
  });

  test('a second vCluster takes back what the first one alone had explained', () => {
    const { who, attributed } = observed();
    const endpoint = pod({ namespace: 'host', name: 'admin-tool' });
    who(pod({ namespace: 'host', labels: [managedBy('a')] }));
    expect(who(endpoint)).toBe('host/a by namespace');
    who(pod({ namespace: 'host', labels: [managedBy('b')] }));
    expect(who(endpoint)).toBe('unidentified');
    expect(attributed).toEqual({ managed_by: 2, namespace: 1, none: 1 });
  });

  test('what a label decided stays', () => {
    const { attribution } = observed();
    const endpoint = pod({ namespace: 'host', labels: [managedBy('a')] });
    const before = attribution.attribute(endpoint);
    attribution.attribute(pod({ namespace: 'host', labels: [managedBy('b')] }));
    expect(attribution.attribute(endpoint)).toBe(before);
  });
});

describe('one endpoint is counted once', () => {
  test('seen as local and as remote, with its labels in another order', () => {
    const { who, attributed, attribution } = observed();
    const told = { namespace: 'ns', name: 'web-0', labels: [managedBy('a'), virtualNamespace('d')] };
    who(pod(told));
    who(pod({ ...told, id: 42, identity: 99 }));
    who(pod({ ...told, labels: told.labels.toReversed() }));
    expect(attributed).toEqual({ managed_by: 1 });
    expect(attribution.tenants()).toMatchObject([{ tenant: { name: 'ns/a' }, endpoints: { managed_by: 1 } }]);
  });

  test('by what decided, with none for those nothing was found of', () => {
    const { who, attributed } = observed();
    who(pod({ namespace: 'ns', name: '1', labels: [managedBy('a')] }));
    who(pod({ namespace: 'ns', name: '2', labels: [managedBy('b')] }));
    who(pod({ namespace: 'ns', name: '3' }));
    who(bare({ labels: ['reserved:unknown'] }));
    expect(attributed).toEqual({ managed_by: 2, none: 1 });
  });

  test('and forgotten with its last Endpoint object, while its tenant stays seen', () => {
    const { who, attribution, attributed } = observed({}, { endpoints: 2 });
    const told = { namespace: 'ns', labels: [managedBy('a')] };
    who(pod(told));
    who(pod({ ...told, id: 1 }));
    who(pod({ namespace: 'other' }));
    expect(attribution.tenants()[0]?.endpoints).toEqual({ managed_by: 1 });
    who(pod({ namespace: 'other', id: 1 }));
    expect(attribution.tenants()).toMatchObject([{ tenant: { name: 'ns/a' }, endpoints: {} }]);
    who(pod(told));
    expect(attributed).toEqual({ managed_by: 2 });
  });
});

describe('another cluster than the configured one', () => {
  test('is told once, by the first local pod, so that rules which never apply are noticed', () => {
    const { who, mismatches } = observed();
    who(pod({ namespace: 'ns', cluster: 'kind' }));
    expect(mismatches).toEqual([]);
    who(pod({ namespace: 'ns', cluster: 'kind', id: 1 }));
    who(pod({ namespace: 'ns', cluster: 'kind', id: 2 }));
    expect(mismatches).toEqual([{ configured: OWN, observed: 'kind' }]);
  });
  test('is no news after local pods of our own', () => {
    const { who, mismatches } = observed();
    who(pod({ namespace: 'ns', id: 1 }));
    who(pod({ namespace: 'ns', cluster: 'prod-us', id: 2 }));
    expect(mismatches).toEqual([]);
  });
  test('cannot be told where nobody names one (Cilium before 1.16, labels filtered)', () => {
    const { who, mismatches } = observed();
    who(bare({ namespace: 'ns', id: 1 }));
    expect(mismatches).toEqual([]);
  });
});

describe('on reload', () => {
  const told = { namespace: 'host-a', name: 'web-0-x-default-x-a', labels: [managedBy('a')] };

  test('what was learned is kept, and nothing is counted twice', () => {
    const first = observed();
    first.who(pod(told));
    first.who(pod({ namespace: 'host-a', name: 'imposter-x-b-x-c', labels: [managedBy('a')] }));
    const second = observed({}, { previous: first.attribution });
    expect(second.who(pod({ namespace: 'host-a', name: 'a-0' }))).toBe('host-a/a by namespace');
    expect(second.attributed).toEqual({ namespace: 1 });
    expect(second.conflicts).toEqual([]);
  });

  test('tenants are all there at once, under the names and owners of the new configuration', () => {
    const first = observed();
    first.who(pod(told));
    first.who(pod({ namespace: 'host-b', labels: [managedBy('b')] }));
    first.who(pod({ namespace: 'kube-system', labels: [managedBy('c')] }));
    const second = observed(
      {
        namespaces: [{ namespace: 'host-a', vcluster: 'a', name: 'alpha' }],
        platformNamespaces: ['kube-system'],
      },
      { previous: first.attribution },
    );
    expect(second.attribution.tenants().map(({ tenant, endpoints }) => [tenant.name, endpoints])).toEqual([
      ['alpha', { config: 1 }],
      ['host-b/b', { managed_by: 1 }],
    ]);
    expect(second.attributed).toEqual({ config: 1 });
    expect(first.attribution.tenants().map(({ tenant }) => tenant.name)).toEqual([
      'host-a/a',
      'host-b/b',
      'kube-system/c',
    ]);
  });

  test('a smaller limit keeps the endpoints used last', () => {
    const first = observed();
    const endpoints = ['a', 'b', 'c'].map((name) =>
      pod({ namespace: 'ns', name, labels: [managedBy(name)] }),
    );
    endpoints.forEach(first.who);
    first.who(endpoints[0]!);
    const second = observed({}, { previous: first.attribution, endpoints: 2 });
    const remembered = second.attribution.tenants().filter((each) => Object.keys(each.endpoints).length > 0);
    expect(remembered.map(({ tenant }) => tenant.vcluster).sort()).toEqual(['a', 'c']);
  });
});

describe('limits are observable and fail towards unidentified', () => {
  const limits = { namespaces: 2, vclustersPerNamespace: 2, vclusters: 100 };

  test('a flood of names in one namespace', () => {
    const { who, attribution, refusals } = observed({}, { limits });
    for (let i = 0; i < 50; i++) who(pod({ namespace: 'ns', name: `a-x-b-x-v${i}` }));
    expect(attribution.tenants()).toHaveLength(2);
    expect(refusals).toHaveLength(48);
    expect(who(pod({ namespace: 'ns', name: 'a-x-b-x-v49' }))).toBe('unidentified');
    expect(who(pod({ namespace: 'ns', name: 'a-x-b-x-v1' }))).toBe('ns/v1 by pod_name');
  });
  test('a flood of labels in one namespace', () => {
    const { who, attribution } = observed({}, { limits });
    for (let i = 0; i < 50; i++) who(pod({ namespace: 'ns', labels: [managedBy(`v${i}`)] }));
    expect(attribution.tenants()).toHaveLength(2);
    expect(who(pod({ namespace: 'ns', labels: [managedBy('v49')] }))).toBe('unidentified');
  });
  test('a flood of namespaces: labels that cannot be remembered are not believed, and nobody is platform', () => {
    const { who, refusals } = observed({}, { limits });
    for (let i = 0; i < 5; i++) who(pod({ namespace: `ns-${i}` }));
    expect(who(pod({ namespace: 'ns-9', labels: [managedBy('a')] }))).toBe('unidentified');
    expect(who(pod({ namespace: 'ns-8' }))).toBe('unidentified');
    expect(who(pod({ namespace: 'ns-1' }))).toBe('platform');
    expect(refusals.every(({ limit }) => limit === 'namespaces')).toBe(true);
  });
});

test('the operator can gather the namespaces of a synced vCluster, its control plane found by label', () => {
  const { attribution } = observed({
    namespaces: [
      { namespace: 'a-*', vcluster: 'a', name: 'alpha' },
      { namespace: 'host-a', vcluster: 'a', name: 'alpha' },
    ],
  });
  const names = [
    pod({ namespace: 'a-shop', name: 'web-0' }),
    pod({ namespace: 'host-a', name: 'a-0', labels: controlPlane('a') }),
    pod({ namespace: 'stray', name: 'web-0', labels: syncedNamespace('a', 'host-a') }),
    pod({ namespace: 'stray', name: 'web-1', labels: syncedNamespace('a', 'a-shop') }),
  ].map((endpoint) => attribution.attribute(endpoint));
  expect(names.map((party) => (party.kind === 'tenant' ? party.tenant.name : said(party)))).toEqual(
    Array(4).fill('alpha'),
  );
});

describe('a name is taken apart', () => {
  const name = 'w-x-shop-x-a';
  const shop = virtualNamespace('shop');
  const known = (told: Parameters<typeof pod>[0], changed?: Parameters<typeof observed>[0]) => {
    const endpoint = pod({ name, ...told });
    return asTenantKnows(endpoint, observed(changed).attribution.attribute(endpoint));
  };
  const labels = [...syncedNamespace('a', 'host-a'), shop];

  test('not with namespace sync: the tenant chose it', () => {
    expect(known({ namespace: 'sync', labels })).toEqual({ namespace: 'shop', pod: undefined });
  });
  test('in the namespace of the control plane, and where the operator has spoken', () => {
    expect(known({ namespace: 'host-a', labels })).toEqual({ namespace: 'shop', pod: 'w' });
    const namespaces = [{ namespace: 'sync', vcluster: 'a', name: undefined }];
    expect(known({ namespace: 'sync', labels }, { namespaces })).toEqual({ namespace: 'shop', pod: 'w' });
  });
  test('not once its address changed hands: it may be the next pod’s', () => {
    const told = { namespace: 'host-a', metadataNamespace: 'before', labels: [managedBy('a')] };
    expect(known(told)).toEqual({ namespace: undefined, pod: undefined });
    expect(known({ ...told, metadataNamespace: 'host-a' })).toEqual({ namespace: 'shop', pod: 'w' });
  });
});

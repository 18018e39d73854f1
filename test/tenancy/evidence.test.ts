/** Each rule: what it must answer, and what it must not. */
import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../../src/model.js';
import { account, controlPlane, managedBy, pod, syncedNamespace } from './endpoints.js';
import { observed } from './observed.js';
import { VECTORS } from './vectors.js';

const alone = (endpoint: Endpoint): string => observed().who(endpoint);
const tenantPod = (labels: readonly string[], name = 'web-0'): Endpoint =>
  pod({ namespace: 'ns', name, labels });

describe('config: the operator has the last word', () => {
  const namespaces = [{ namespace: 'ns*', vcluster: 'a', name: undefined }];

  test('over every label and name', () => {
    const labels = [managedBy('b'), ...syncedNamespace('b', 'host-b')];
    expect(observed({ namespaces }).who(tenantPod(labels, 'web-0-x-default-x-b'))).toBe('ns*/a by config');
  });
  test('but not for another cluster', () => {
    expect(observed({ namespaces }).who(pod({ namespace: 'ns', cluster: 'prod-us' }))).toBe('platform');
  });
});

describe('platformNamespaces: never a tenant, whatever a pod claims', () => {
  const { who } = observed({
    platformNamespaces: ['ns'],
    namespaces: [{ namespace: '*', vcluster: 'a', name: undefined }],
  });
  test.each([
    [[]],
    [[managedBy('b')]],
    [syncedNamespace('b', 'ns')],
    [controlPlane('b')],
    [[account('vc-workload-b')]],
  ])('%j', (labels) => {
    expect(who(tenantPod(labels, 'web-0-x-default-x-b'))).toBe('platform');
  });
  test('in another cluster the namespace may be a tenant', () => {
    expect(who(pod({ namespace: 'ns', cluster: 'prod-us', labels: [managedBy('b')] }))).toBe(
      'prod-us:ns/b by managed_by',
    );
  });
});

describe('namespace_labels: a synced namespace names its vCluster and where that lives', () => {
  const MARKER = 'k8s:io.cilium.k8s.namespace.labels.vcluster.loft.sh/managed-by';

  test('over a label of the pod', () => {
    expect(alone(tenantPod([managedBy('b'), ...syncedNamespace('a', 'host-a')]))).toBe(
      'host-a/a by namespace_labels',
    );
  });
  test('also with the marker that namespace sync writes beside it', () => {
    expect(alone(tenantPod([`${MARKER}=host-a-x-a`, ...syncedNamespace('a', 'host-a')]))).toBe(
      'host-a/a by namespace_labels',
    );
  });
  test('not where that marker names another: somebody wrote labels that were not theirs to write', () => {
    const { who, conflicts } = observed();
    const labels = [
      managedBy('evil'),
      `${MARKER}=host-evil-x-evil`,
      ...syncedNamespace('victim', 'host-victim'),
    ];
    expect(who(tenantPod(labels))).toBe('ns/evil by managed_by');
    expect(conflicts[0]?.disagreements).toEqual([{ about: 'namespace_labels', says: 'host-evil-x-evil' }]);
  });
  test.each([
    ['only one of the two', syncedNamespace('a', 'host-a').slice(1)],
    ['only the other', syncedNamespace('a', 'host-a').slice(0, 1)],
    ['a vCluster that is no name', syncedNamespace('host/a', 'host-a')],
    ['a namespace that is no name', syncedNamespace('a', 'host.a')],
    [
      'labels that look alike on the pod itself',
      ['k8s:vcluster.loft.sh/vcluster-name=a', 'k8s:vcluster.loft.sh/vcluster-namespace=h'],
    ],
  ])('not with %s, which is no platform pod either', (_, labels) => {
    expect(alone(tenantPod(labels))).toBe('unidentified');
  });
  test.each([
    ['another source', syncedNamespace('a', 'host-a').map((text) => text.replace('k8s:', 'unspec:'))],
  ])('not from %s', (_, labels) => {
    expect(alone(tenantPod(labels))).toBe('platform');
  });
});

describe('managed_by: the label that vCluster writes over the tenant', () => {
  test.each(['a', 'team-a', 'team-x-prod', 'x', 'a.b', 'a'.repeat(63)])('%s', (vcluster) => {
    expect(alone(tenantPod([managedBy(vcluster)]))).toBe(`ns/${vcluster} by managed_by`);
  });
  test.each(['', 'Team', 'a/b', '-a', '__platform__', 'a'.repeat(64), 'a b', 'a\n'])(
    'not by %j, and the pod is no platform pod',
    (vcluster) => {
      expect(alone(tenantPod([managedBy(vcluster)]))).toBe('unidentified');
    },
  );
  test.each(['any', 'unspec', 'container', 'reserved', 'gen'])('not from the source %s', (source) => {
    expect(alone(tenantPod([`${source}:vcluster.loft.sh/managed-by=a`]))).toBe('platform');
  });
});

describe('service_account: the account pods of a vCluster run as', () => {
  test('a workload, a control plane', () => {
    expect(alone(tenantPod([account('vc-workload-a')]))).toBe('ns/a by service_account');
    expect(alone(tenantPod([account('vc-a')], 'a-0'))).toBe('ns/a by service_account');
  });
  test("the control plane of a vCluster called workload-a is told by its chart's labels, whatever is known", () => {
    const { who } = observed();
    who(tenantPod([managedBy('a')]));
    const labels = [account('vc-workload-a'), ...controlPlane('workload-a')];
    expect(who(tenantPod(labels, 'workload-a-0'))).toBe('ns/workload-a by service_account');
  });
  test('a workload is told from a control plane by what is known of the namespace', () => {
    const { who } = observed();
    expect(who(tenantPod([account('vc-workload-a')]))).toBe('ns/a by service_account');
    who(tenantPod([managedBy('workload-a')]));
    expect(who(tenantPod([account('vc-workload-a')]))).toBe('ns/workload-a by service_account');
  });
  test.each(['default', 'vc-', 'vcluster', 'my-vc-a', 'VC-a', 'vc-A'])('not %s', (name) => {
    expect(alone(tenantPod([account(name)]))).toBe('platform');
  });

  describe('with service-account sync the tenant chooses the front of the name', () => {
    const invented = 'vc-workload-victim-x-default-x-evil';
    const hashed = `vc-workload-victim-${'a'.repeat(33)}-0123456789`;

    test.each([invented, hashed, 'vc-a-x-b'])('which mints no vCluster: %s', (name) => {
      const { who, attribution } = observed();
      expect(who(tenantPod([account(name)]))).toBe('unidentified');
      who(tenantPod([managedBy('evil')], 'other'));
      expect(who(tenantPod([account(name)]))).toBe('ns/evil by namespace');
      expect(attribution.tenants().map(({ tenant }) => tenant.vcluster)).toEqual(['evil']);
    });
    test('but a vCluster whose own name has -x- in it is recognised once it is known', () => {
      const { who } = observed();
      const endpoint = tenantPod([account('vc-workload-team-x-prod')]);
      expect(who(endpoint)).toBe('unidentified');
      who(tenantPod([managedBy('team-x-prod')], 'other'));
      expect(who(endpoint)).toBe('ns/team-x-prod by service_account');
    });
    test('and one known by nothing but an account confirms no account that may be a hash', () => {
      const vcluster = `${'a'.repeat(39)}-0123456789`;
      const { who } = observed();
      expect(who(tenantPod([account(`vc-${vcluster}`)], '1'))).toBe(`ns/${vcluster} by service_account`);
      expect(who(tenantPod([account(`vc-workload-${vcluster}`)], '2'))).toBe(`ns/${vcluster} by namespace`);
      who(tenantPod([managedBy(vcluster)], '3'));
      expect(who(tenantPod([account(`vc-workload-${vcluster}`)], '2'))).toBe(
        `ns/${vcluster} by service_account`,
      );
    });
  });
});

describe("control_plane: the chart's labels, on pods that no syncer has marked", () => {
  test.each(['vcluster', 'vcluster-etcd', 'vcluster-api', 'vcluster-controller', 'vcluster-hostpath-mapper'])(
    'app=%s',
    (app) => {
      expect(alone(tenantPod(controlPlane('a', app), 'a-0'))).toBe('ns/a by control_plane');
    },
  );
  test.each([
    ['app alone: any tenant may set it', ['k8s:app=vcluster']],
    ['release alone', ['k8s:release=a']],
    ['another app', controlPlane('a', 'postgres')],
    ['an app that only begins alike', controlPlane('a', 'vclusters')],
    ['a release that is no name', controlPlane('A/b')],
    ['another source', ['any:app=vcluster', 'any:release=a']],
    ['the snapshot pod, which has no release', ['k8s:app=vcluster-snapshot']],
  ])('not %s', (_, labels) => {
    expect(alone(tenantPod(labels, 'a-0'))).toBe('platform');
  });
  test('not beside managed-by, with any value', () => {
    expect(alone(tenantPod([managedBy('evil'), ...controlPlane('victim')]))).toBe('ns/evil by managed_by');
    expect(alone(tenantPod(['k8s:vcluster.loft.sh/managed-by', ...controlPlane('victim')]))).toBe(
      'unidentified',
    );
  });
});

describe('pod_name: the last resort that names a vCluster', () => {
  test('with none known, what follows the last -x-', () => {
    expect(alone(tenantPod([], 'web-0-x-default-x-a'))).toBe('ns/a by pod_name');
    expect(alone(tenantPod([], 'web-0-x-default-x-team-x-prod'))).toBe('ns/prod by pod_name');
  });
  test('with some known, the longest that the name ends in', () => {
    const { who } = observed();
    who(tenantPod([managedBy('prod')], 'p'));
    expect(who(tenantPod([], 'web-0-x-default-x-team-x-prod'))).toBe('ns/prod by pod_name');
    who(tenantPod([managedBy('team-x-prod')], 't'));
    expect(who(tenantPod([], 'web-0-x-default-x-team-x-prod'))).toBe('ns/team-x-prod by pod_name');
  });
  test('with some known and none of them in the name, none', () => {
    const { who } = observed();
    who(tenantPod([managedBy('a')], '1'));
    who(tenantPod([managedBy('b')], '2'));
    expect(who(tenantPod([], 'web-0-x-default-x-c'))).toBe('unidentified');
    expect(who(tenantPod([], 'web-0-x-default-x-ab'))).toBe('unidentified');
    expect(who(tenantPod([], 'web-x-a'))).toBe('unidentified');
  });
  test.each(['web-0', 'a-0', 'job-x-ray', 'web--x--x-a'])(
    'not %s, which does not follow the convention',
    (name) => {
      expect(alone(tenantPod([], name))).toBe('platform');
    },
  );

  describe('a hashed name is not believed, however decodable it looks', () => {
    const hashed = VECTORS.filter(({ host }) => /-[0-9a-f]{10}$/.test(host));
    test.each(hashed)('vector $id', ({ host }) => {
      expect(alone(tenantPod([], host))).toBe('unidentified');
    });
    test.each(hashed)(
      'vector $id, among two vClusters, only by the hash',
      ({ host, vcluster, alone: told }) => {
        const { who } = observed();
        who(tenantPod([managedBy(vcluster)], '1'));
        who(tenantPod([managedBy('another')], '2'));
        expect(who(tenantPod([], host))).toBe(told ? `ns/${vcluster} by pod_name` : 'unidentified');
      },
    );
    test('a name that is no hash, but ends like one, is read once its vCluster is known', () => {
      const name = `${'w'.repeat(40)}-x-d-x-team-0123456789`;
      const { who } = observed();
      expect(who(tenantPod([], name))).toBe('unidentified');
      who(tenantPod([managedBy('team-0123456789')], '1'));
      expect(who(tenantPod([], name))).toBe('ns/team-0123456789 by pod_name');
    });
  });

  test('a name teaches nothing: a second pod is not read by the first', () => {
    const { who } = observed();
    who(tenantPod([], 'web-0-x-default-x-prod'));
    expect(who(tenantPod([], 'web-0-x-default-x-team-x-other'))).toBe('ns/other by pod_name');
    expect(who(tenantPod([], 'admin-tool'))).toBe('unidentified');
  });
});

describe('namespace: where exactly one vCluster is known', () => {
  const { who } = observed();
  test('a pod without evidence of its own belongs to it', () => {
    who(tenantPod([managedBy('a')], '1'));
    expect(who(tenantPod([], 'admin-tool'))).toBe('ns/a by namespace');
    expect(who(pod({ namespace: 'ns' }))).toBe('ns/a by namespace');
  });
  test('with two known it is unidentified', () => {
    who(tenantPod([managedBy('b')], '2'));
    expect(who(tenantPod([], 'admin-tool'))).toBe('unidentified');
  });
  test('the same namespace of another cluster is none of it', () => {
    expect(who(pod({ namespace: 'ns', cluster: 'prod-us', name: 'admin-tool' }))).toBe('platform');
  });
  test('in a synced namespace the tenant is the one whose control plane is elsewhere', () => {
    const synced = observed();
    synced.who(pod({ namespace: 'sync-1', labels: syncedNamespace('a', 'host-a') }));
    expect(synced.who(pod({ namespace: 'sync-1', name: 'new' }))).toBe('host-a/a by namespace');
    expect(synced.who(pod({ namespace: 'host-a', name: 'a-0' }))).toBe('host-a/a by namespace');
  });
});

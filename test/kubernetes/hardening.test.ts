/** What the analyzer's pod may do, field by field; the API server's own word on it is in install.test.ts. */
import { describe, expect, test } from 'vitest';
import { nested } from './effect.js';
import { template } from './helm.js';
import type { KubernetesObject } from './objects.js';

interface Container {
  readonly name: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly resources?: { readonly limits?: { readonly memory?: string } };
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly { readonly name: string; readonly readOnly?: boolean }[];
}
interface PodSpec {
  readonly containers: readonly Container[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

async function podOf(
  values: Record<string, unknown>,
): Promise<{ pod: PodSpec; objects: KubernetesObject[] }> {
  const objects = await template({ values: nested(values), apiVersions: ['cilium.io/v2'] });
  const workload = objects.find(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet');
  const { template: pod } = workload?.['spec'] as { template: { spec: PodSpec } };
  return { pod: pod.spec, objects };
}

const MODES = {
  deployment: {},
  'daemonset over TCP': {
    mode: 'daemonset',
    'hubble.nodeAccess': 'tcp',
    'hubble.tls.enabled': true,
    'hubble.tls.secretName': 'certs',
  },
  'daemonset on the socket': { mode: 'daemonset' },
};

describe.each(Object.entries(MODES))('%s', (mode, values) => {
  const isOnSocket = mode === 'daemonset on the socket';

  test('asks Kubernetes nothing: no token, no rights', async () => {
    const { pod, objects } = await podOf(values);
    expect(pod['automountServiceAccountToken']).toBe(false);
    expect(objects.find(({ kind }) => kind === 'ServiceAccount')?.['automountServiceAccountToken']).toBe(
      false,
    );
    expect(objects.map(({ kind }) => kind)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/Role/)]),
    );
    expect(JSON.stringify(pod.volumes)).not.toContain('serviceAccountToken');
  });

  test('shares nothing with its node', async () => {
    const { pod } = await podOf(values);
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) expect(pod[field] ?? false).toBe(false);
    const paths = (pod.volumes ?? []).flatMap(({ hostPath }) => (hostPath === undefined ? [] : [hostPath]));
    expect(paths).toEqual(isOnSocket ? [{ path: '/var/run/cilium', type: 'Directory' }] : []);
    expect(pod.containers.some((container) => JSON.stringify(container).includes('hostPort'))).toBe(false);
  });

  test('runs as nobody, with no capability and a filesystem that it cannot change', async () => {
    const { pod } = await podOf(values);
    const user = isOnSocket
      ? { runAsUser: 0, runAsGroup: 0 }
      : { runAsNonRoot: true, runAsUser: 65_532, runAsGroup: 65_532, fsGroup: 65_532 };
    expect(pod.securityContext).toMatchObject({ ...user, seccompProfile: { type: 'RuntimeDefault' } });
    for (const { securityContext, volumeMounts } of pod.containers) {
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        privileged: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(securityContext?.['capabilities']).not.toHaveProperty('add');
      const writable = volumeMounts?.filter(({ readOnly }) => readOnly !== true).map(({ name }) => name);
      expect(writable).toEqual(['state']);
    }
  });

  test('has a memory limit, of which the heap takes three quarters', async () => {
    const { pod } = await podOf(values);
    const [container] = pod.containers;
    const limit = Number(/^(\d+)Mi$/.exec(container?.resources?.limits?.memory ?? '')?.[1]);
    const options = container?.env?.find(({ name }) => name === 'NODE_OPTIONS')?.value;
    expect(options).toBe(`--max-old-space-size=${limit * 0.75}`);
  });

  test('reaches Hubble, DNS and nothing else; Prometheus alone reaches it', async () => {
    const { objects } = await podOf(values);
    const policy = objects.find(({ kind }) => kind === 'CiliumNetworkPolicy');
    const { ingress, egress } = policy?.['spec'] as { ingress: unknown[]; egress: unknown[] };
    const ports = (rules: unknown[]): string[] =>
      [...JSON.stringify(rules).matchAll(/"port":"(\d+)"/g)].map(([, port = '']) => port).sort();
    expect([...new Set(ports(egress))]).toEqual(
      mode === 'deployment' ? ['4245', '53'] : isOnSocket ? ['53'] : ['4244', '53'],
    );
    expect(ports(ingress)).toEqual(['9967']);
    expect(JSON.stringify([ingress, egress])).not.toMatch(/world|"all"|cluster"|"0\.0\.0\.0/);
  });
});

test.each([
  ['1Gi', 768],
  ['1G', 715],
  ['300M', 214],
  [536_870_912, 384],
])('a limit of %s leaves a heap of %d MiB', async (memory, heap) => {
  const { pod } = await podOf({ resources: { limits: { memory } } });
  expect(pod.containers[0]?.env).toContainEqual({
    name: 'NODE_OPTIONS',
    value: `--max-old-space-size=${heap}`,
  });
});

test('without a limit the heap has none of ours', async () => {
  const { pod } = await podOf({ resources: { limits: null } });
  expect(pod.containers[0]?.env?.map(({ name }) => name)).not.toContain('NODE_OPTIONS');
});

/**
 * A host cluster with two tenants whose owners are out to be taken for somebody
 * else: everything vCluster lets a tenant choose is chosen badly.
 */
import fc from 'fast-check';
import type { Endpoint } from '../../src/model.js';
import { hostName } from '../../src/tenancy/naming.js';
import { account, controlPlane, managedBy, pod, virtualNamespace } from './endpoints.js';

export interface VirtualCluster {
  readonly hostNamespace: string;
  readonly vcluster: string;
}

/** One pod and whose it is. */
export interface Owned {
  readonly endpoint: Endpoint;
  readonly owner: VirtualCluster;
  /** Whether Cilium keeps vCluster's labels (an operator's label filter drops them). */
  readonly labelled: boolean;
  /** Whether the pod came through vCluster's syncer; a control plane did not. */
  readonly synced: boolean;
}

export interface Cluster {
  readonly pods: readonly Owned[];
}

/** Names that are separators, hashes, other tenants or the platform in disguise. */
const TOKENS = [
  'x',
  'x-x',
  'a',
  'web-0',
  'default',
  'prod',
  'victim',
  'team',
  'kube-system',
  'host-a',
  'host-b',
  'vc',
  'vc-workload',
  'workload',
  'vcluster',
  '0123456789',
  'deadbeef00',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
];
const SEPARATORS = ['-', '-x-', '.', '-x-x-'];

/** Anything Kubernetes would accept: lower case, ending in a letter or digit, of at most `longest` characters. */
function name(longest: number, separators: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.tuple(fc.constantFrom(...TOKENS), fc.constantFrom(...separators));
  return fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => {
    const text = pieces.map(([token, separator], at) => (at === 0 ? token : separator + token)).join('');
    return text.slice(0, longest).replace(/[-.]+$/, '') || 'x';
  });
}

const label = (longest: number): fc.Arbitrary<string> => name(longest, ['-', '-x-', '-x-x-']);
const podName = fc.oneof(
  { weight: 9, arbitrary: name(253, SEPARATORS) },
  {
    weight: 1,
    arbitrary: name(200, ['.']).map((text) =>
      `${'a.'.repeat(120)}${text}`.slice(0, 253).replace(/[-.]+$/, ''),
    ),
  },
);

/** Labels a tenant may write on its own pods in any mode: vCluster leaves them as they are. */
const writable = fc.constantFrom(
  'k8s:app=vcluster',
  'k8s:app=vcluster-etcd',
  'k8s:app.kubernetes.io/managed-by=victim',
  'k8s:k8s-app=kube-dns',
  'k8s:vcluster.loft.sh/vcluster-name=victim',
  'k8s:vcluster.loft.sh/vcluster-namespace=host-b',
  'k8s:vcluster.loft.sh/label-victim-x-a4d451ec23=victim',
  'k8s:io.kubernetes.pod.namespaces=host-b',
  'k8s:reserved:host',
  'k8s:host',
  'k8s:__proto__=x',
);

interface Choice {
  readonly of: boolean;
  readonly pod: string;
  readonly namespace: string;
  readonly account: string | undefined;
  readonly extra: readonly string[];
  readonly labelled: boolean;
  readonly accountKept: boolean;
  readonly proxied: boolean;
  readonly local: boolean;
}

const choice: fc.Arbitrary<Choice> = fc.record({
  of: fc.boolean(),
  pod: podName,
  namespace: label(63),
  account: fc.option(name(60, SEPARATORS), { nil: undefined }),
  extra: fc.array(writable, { maxLength: 3 }),
  labelled: fc.boolean(),
  accountKept: fc.boolean(),
  proxied: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  local: fc.boolean(),
});

/** @param pods how many of them a cluster has; control planes come on top, somewhere in between */
export function clusters(pods: number): fc.Arbitrary<Cluster> {
  const tenants = fc.record({
    // vCluster and host namespace may be named alike, and one be the end of the other
    first: label(53),
    second: fc.oneof(label(53), fc.constant('')),
    accountSync: fc.boolean(),
    // an operator's filter that leaves nothing of any pod: names are all there is
    stripped: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
    controlPlaneAt: fc.integer({ min: 0, max: pods }),
  });
  return fc
    .tuple(tenants, fc.array(choice, { minLength: pods, maxLength: pods }))
    .map(([{ first, second, accountSync, stripped, controlPlaneAt }, choices]) => {
      const a = { hostNamespace: 'host-a', vcluster: first };
      const b = { hostNamespace: 'host-b', vcluster: second === '' ? first : second };
      const kept = (each: Choice): Choice =>
        stripped ? { ...each, labelled: false, accountKept: false } : each;
      const synced = choices.map((each) => syncedPod(kept(each), each.of ? a : b, accountSync));
      const controlPlanes = [a, b].map((owner) => controlPlaneOf(owner, !stripped));
      return { pods: synced.toSpliced(controlPlaneAt, 0, ...controlPlanes) };
    });
}

function controlPlaneOf(owner: VirtualCluster, labelled: boolean): Owned {
  const labels = labelled ? [...controlPlane(owner.vcluster), account(`vc-${owner.vcluster}`)] : [];
  const endpoint = pod({ namespace: owner.hostNamespace, name: `${owner.vcluster}-0`, labels });
  return { endpoint, owner, labelled, synced: false };
}

/** As vCluster syncs it: host name and marks are its own, everything else is the tenant's. */
function syncedPod(chosen: Choice, owner: VirtualCluster, accountSync: boolean): Owned {
  const { vcluster, hostNamespace } = owner;
  const runsAs =
    accountSync && chosen.account !== undefined
      ? hostName(chosen.account, chosen.namespace, vcluster)
      : `vc-workload-${vcluster}`;
  const labels = [
    ...chosen.extra,
    ...(chosen.labelled ? [managedBy(vcluster), virtualNamespace(chosen.namespace)] : []),
    ...(chosen.accountKept ? [account(runsAs)] : []),
  ];
  const name = chosen.proxied ? '' : hostName(chosen.pod, chosen.namespace, vcluster);
  const endpoint = pod({ namespace: hostNamespace, name, labels, id: chosen.local ? 7 : 0 });
  return { endpoint, owner, labelled: chosen.labelled, synced: true };
}

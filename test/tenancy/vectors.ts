/**
 * Host names computed from vCluster's algorithm, with what a reader may and may
 * not conclude of each. `alone`: what the name tells without the label of the
 * virtual namespace, the vCluster being known.
 */
export interface Vector {
  readonly id: string;
  readonly pod: string;
  readonly namespace: string;
  readonly vcluster: string;
  readonly host: string;
  /** Whether the label of the virtual namespace lets the pod be recovered. */
  readonly labelled: boolean;
  readonly alone: boolean;
}

const vector = (
  id: string,
  [pod, namespace, vcluster]: readonly [string, string, string],
  host: string,
  { labelled = true, alone = true } = {},
): Vector => ({ id, pod, namespace, vcluster, host, labelled, alone });

const LONG_POD = 'very-long-deployment-name-for-a-microservice-5d9c7b6f8-abcde';
const LOST = { labelled: false, alone: false };
const CUT_IN_NAMESPACE = { alone: false };
const TWO_WAYS = { alone: false };

export const VECTORS: readonly Vector[] = [
  vector('1', ['web-0', 'default', 'team-a'], 'web-0-x-default-x-team-a'),
  vector(
    '2',
    ['coredns-7bbf4bc4d6-qwk5p', 'kube-system', 'team-a'],
    'coredns-7bbf4bc4d6-qwk5p-x-kube-system-x-team-a',
  ),
  vector('3', ['p'.repeat(42), 'default', 'tenant-b'], `${'p'.repeat(42)}-x-default-x-tenant-b`),
  vector('4', ['b'.repeat(44), 'default', 'team-a'], `${'b'.repeat(44)}-x-default-x-team-a`),
  vector(
    '5',
    ['b'.repeat(45), 'default', 'team-a'],
    'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-x-defa-2d1bff8690',
    CUT_IN_NAMESPACE,
  ),
  vector(
    '6',
    [LONG_POD, 'default', 'team-a'],
    'very-long-deployment-name-for-a-microservice-5d9c7b6-ccd258b959',
    LOST,
  ),
  vector(
    '7',
    ['checkout-service-deployment-5d9c7b6f8-abcde', 'checkout', 'tenant-green'],
    'checkout-service-deployment-5d9c7b6f8-abcde-x-checko-592c7abc70',
    CUT_IN_NAMESPACE,
  ),
  vector(
    '8',
    ['payments-api-6c9f8d7b5c-2xkqz', 'payments-prod-eu', 'tenant-0123456789'],
    'payments-api-6c9f8d7b5c-2xkqz-x-payments-prod-eu-x-t-775434e896',
  ),
  vector(
    '9',
    ['stateful-app-with-a-name-so-that-cut-is-in-vc', 'ns', 'tenant-alpha-production'],
    'stateful-app-with-a-name-so-that-cut-is-in-vc-x-ns-x-6e4844423f',
  ),
  vector(
    '10',
    ['job-x-ray-worker-0', 'default', 'team-a'],
    'job-x-ray-worker-0-x-default-x-team-a',
    TWO_WAYS,
  ),
  vector('11', ['web-0', 'ns-x-prod', 'team-a'], 'web-0-x-ns-x-prod-x-team-a', TWO_WAYS),
  vector('12', ['web-0', 'default', 'team-x-prod'], 'web-0-x-default-x-team-x-prod'),
  vector('12b', ['web-0-x-default', 'team', 'prod'], 'web-0-x-default-x-team-x-prod', TWO_WAYS),
  vector('12c', ['web-0', 'default-x-team', 'prod'], 'web-0-x-default-x-team-x-prod', TWO_WAYS),
  vector('13', ['x-0', 'xx', 'x'], 'x-0-x-xx-x-x'),
  vector('14', ['web-0', 'x', 'x-x'], 'web-0-x-x-x-x-x'),
  vector(
    '15',
    ['node.exporter.with.dots.in.the.pod.name.aaaaaaaaaaaa.bbb', 'mon', 'team-a'],
    'node.exporter.with.dots.in.the.pod.name.aaaaaaaaaaaa-1597f22db7',
    LOST,
  ),
  vector('16', [`${'a'.repeat(51)}.bcdef`, 'default', 'team-a'], `${'a'.repeat(51)}-c3e71ce365`, LOST),
  vector(
    '17',
    ['web-0-x-default-x-inner', 'vcluster-inner', 'outer'],
    'web-0-x-default-x-inner-x-vcluster-inner-x-outer',
    TWO_WAYS,
  ),
];

/**
 * Random policies and connections. Few names and few values, so that policies
 * hit what is there, miss it by one label, and contradict each other.
 */
import fc from 'fast-check';
import type { Protocol } from '../../src/model.js';
import type { Connection } from '../../src/policy/connection.js';

export type Written = Record<string, unknown>;

export interface End {
  readonly labels: readonly string[];
  readonly ip: string;
  /** Cilium enforces this cluster's policies on it. */
  readonly managed: boolean;
}

export interface Asked {
  readonly from: number;
  readonly to: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'ICMP' | 'ICMPv6';
  readonly port: number;
}

const pod = (namespace: string, cluster: string, ...labels: string[]): End => ({
  labels: [
    ...labels.map((label) => `k8s:${label}`),
    `k8s:io.cilium.k8s.namespace.labels.env=${namespace === 'team-a' ? 'prod' : 'test'}`,
    `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${namespace}`,
    `k8s:io.cilium.k8s.policy.cluster=${cluster}`,
    `k8s:io.kubernetes.pod.namespace=${namespace}`,
  ],
  ip: '10.1.0.9',
  managed: cluster === 'default',
});
const reserved = (names: readonly string[], ip = '', managed = false): End => ({
  labels: names.map((name) => `reserved:${name}`),
  ip,
  managed,
});

/** One of each kind. In a cluster with both families the world has a name for each. */
export function ends(ipv6: boolean): End[] {
  const world = ipv6 ? 'world-ipv4' : 'world';
  return [
    pod('team-a', 'default', 'app=web', 'example.com/tier=front'),
    pod('team-a', 'default', 'app=db'),
    pod('team-b', 'default', 'app=web'),
    pod('team-b', 'default'),
    pod('team-a', 'elsewhere', 'app=web'),
    { labels: ['container:app=web', ...pod('team-a', 'default').labels], ip: '10.1.0.9', managed: true },
    reserved(['host'], '10.0.0.1'),
    reserved(['remote-node'], '10.0.0.2'),
    reserved(['kube-apiserver', 'remote-node'], '10.0.0.3'),
    reserved([world], '10.1.2.3'),
    reserved([world], '10.1.2.4'),
    reserved([world], '192.0.2.7'),
    reserved(['kube-apiserver', world], '192.0.2.8'),
    reserved(['health'], '10.1.0.2', true),
    reserved(['ingress'], '10.1.0.3', true),
    reserved(['init'], '10.1.0.4', true),
    reserved(['unmanaged'], '10.1.0.5'),
    ...(ipv6 ? [reserved(['world-ipv6'], '2001:db8::7'), reserved(['world-ipv6'], '2001:db9::7')] : []),
  ];
}

export const asked = (count: number): fc.Arbitrary<Asked> =>
  fc.record({
    from: fc.oneof(fc.nat(2), fc.nat(count - 1)),
    to: fc.oneof(fc.nat(2), fc.nat(count - 1)),
    protocol: fc.constantFrom('TCP', 'TCP', 'TCP', 'UDP', 'SCTP', 'ICMP', 'ICMPv6'),
    port: fc.constantFrom(0, 3, 8, 53, 80, 80, 81, 128, 443, 8080, 8443, 65_535),
  });

export function connection({ from, to, protocol, port }: Asked, all: readonly End[]): Connection {
  const side = (index: number): Connection['source'] => ({ labels: all[index]!.labels, ip: all[index]!.ip });
  const icmp = protocol === 'ICMP' ? 4 : protocol === 'ICMPv6' ? 6 : 0;
  return {
    source: side(from),
    destination: side(to),
    protocol: icmp === 0 ? (protocol.toLowerCase() as Protocol) : 'icmp',
    port,
    icmpVersion: icmp,
  };
}

const VALUES: Record<string, readonly string[]> = {
  app: ['web', 'db'],
  'k8s:app': ['web', 'db'],
  'any:app': ['web', 'none'],
  'container:app': ['web'],
  'example.com/tier': ['front', 'back'],
  'k8s:io.kubernetes.pod.namespace': ['team-a', 'team-b'],
  'io.kubernetes.pod.namespace': ['team-a', 'team-b'],
  'k8s:io.cilium.k8s.namespace.labels.env': ['prod', 'test'],
  'io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name': ['team-a', 'team-b'],
  'k8s:io.cilium.k8s.policy.cluster': ['default', 'elsewhere'],
  'io.cilium.k8s.policy.cluster': ['elsewhere'],
  'reserved:host': [''],
  'reserved.health': [''],
  $ingress: [''],
};
const PLAIN = ['app', 'example.com/tier'];

const keyOf = (keys: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom('app', 'app', 'app', ...keys);

const expression = (keys: readonly string[]): fc.Arbitrary<Written> =>
  keyOf(keys).chain((key) =>
    fc.oneof(
      fc.record({
        key: fc.constant(key),
        operator: fc.constantFrom('In', 'NotIn'),
        values: fc.uniqueArray(fc.constantFrom(...(VALUES[key] ?? ['x']), 'web'), {
          minLength: 1,
          maxLength: 2,
        }),
      }),
      fc.record({ key: fc.constant(key), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
    ),
  );

const selectorOf = (keys: readonly string[]): fc.Arbitrary<Written> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    {
      weight: 3,
      arbitrary: keyOf(keys).chain((key) =>
        fc.constantFrom(...(VALUES[key] ?? ['x'])).map((value) => ({ matchLabels: { [key]: value } })),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.record(
        {
          matchLabels: keyOf(keys).chain((key) =>
            fc.constantFrom(...(VALUES[key] ?? ['x'])).map((value) => ({ [key]: value })),
          ),
          matchExpressions: fc.array(expression(keys), { maxLength: 2 }),
        },
        { requiredKeys: ['matchExpressions'] },
      ),
    },
  );

export const selector = selectorOf(Object.keys(VALUES));
const few = <Item>(item: fc.Arbitrary<Item>): fc.Arbitrary<Item[]> => fc.array(item, { maxLength: 2 });

const entity = fc.constantFrom(
  'all', 'world', 'cluster', 'host', 'remote-node', 'kube-apiserver', 'health', 'init', 'unmanaged', 'ingress', 'none',
); // prettier-ignore
const cidr = fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '10.1.2.3/32', '0.0.0.0/0', '192.0.2.0/24', '2001:db8::/32', '::/0'); // prettier-ignore
const cidrSet = fc.oneof(
  cidr.map((block) => ({ cidr: block })),
  fc.constantFrom(
    { cidr: '10.0.0.0/8', except: ['10.1.2.0/30'] },
    { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '192.0.2.8/32'] },
    { cidr: '2001:db8::/31', except: ['2001:db9::/32'] },
  ),
);

const port = fc.record(
  {
    port: fc.constantFrom('80', '80', '443', '0', '53', '8080', '8443'),
    protocol: fc.constantFrom('TCP', 'UDP', 'SCTP', 'ANY'),
    endPort: fc.constantFrom(81, 79, 8443, 65_535),
  },
  { requiredKeys: ['port'] },
);
const ports = fc.record({ ports: fc.array(port, { maxLength: 2 }) }, { requiredKeys: [] });
const http = fc.constantFrom('80', '80', '8080').map((number) => ({
  ports: [{ port: number, protocol: 'TCP' }],
  rules: { http: [{ path: '/public' }] },
}));
const icmps = few(
  fc.record({
    fields: few(
      fc.record(
        {
          family: fc.constantFrom('IPv4', 'IPv6'),
          type: fc.constantFrom<number | string>(8, 3, 128, 0, 'EchoRequest'),
        },
        { requiredKeys: ['type'] },
      ),
    ),
  }),
);

type Verb = 'from' | 'to';

const peers = (verb: Verb): fc.Arbitrary<Written> =>
  fc.oneof(
    fc.constant({}),
    few(selector).map((list) => ({ [`${verb}Endpoints`]: list })),
    few(selector).map((list) => ({ [`${verb}Endpoints`]: list })),
    few(entity).map((list) => ({ [`${verb}Entities`]: list })),
    few(cidr).map((list) => ({ [`${verb}CIDR`]: list })),
    few(cidrSet).map((list) => ({ [`${verb}CIDRSet`]: list })),
  );

const layer4 = (layer7: boolean): fc.Arbitrary<Written> =>
  fc.oneof(
    fc.constant({}),
    fc.array(layer7 ? fc.oneof(ports, http) : ports, { maxLength: 2 }).map((toPorts) => ({ toPorts })),
    icmps.map((list) => ({ icmps: list })),
  );

const rules = (verb: Verb, layer7: boolean): fc.Arbitrary<Written[]> =>
  few(fc.tuple(peers(verb), layer4(layer7)).map(([who, where]) => ({ ...who, ...where })));

const spec: fc.Arbitrary<Written> = fc
  .record(
    {
      endpointSelector: selector,
      ingress: rules('from', true),
      egress: rules('to', true),
      ingressDeny: rules('from', false),
      egressDeny: rules('to', false),
      enableDefaultDeny: fc.record({ ingress: fc.boolean(), egress: fc.boolean() }, { requiredKeys: [] }),
    },
    { requiredKeys: ['endpointSelector', 'ingress'] },
  )
  .filter((made) =>
    [made.ingress, made.egress, made.ingressDeny, made.egressDeny].some((list) => (list?.length ?? 0) > 0),
  );

const name = fc.constantFrom('one', 'two');
const namespace = fc.constantFrom('team-a', 'team-a', 'team-b');

const namespaced = fc.record({ name, namespace, spec }).map((made) => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: made.name, namespace: made.namespace },
  spec: made.spec,
}));
const clusterwide = fc
  .record({ name, specs: fc.array(spec, { minLength: 1, maxLength: 2 }) })
  .map((made) => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumClusterwideNetworkPolicy',
    metadata: { name: made.name },
    specs: made.specs,
  }));

const plain = selectorOf(PLAIN);
const networkPeer = fc.oneof(
  fc.record(
    { podSelector: plain, namespaceSelector: selectorOf(['env']) },
    { requiredKeys: ['podSelector'] },
  ),
  selectorOf(['env']).map((namespaceSelector) => ({ namespaceSelector })),
  cidrSet.map((ipBlock) => ({ ipBlock })),
);
const networkPort = fc.oneof(
  fc.record(
    {
      port: fc.constantFrom(80, 443, 53),
      protocol: fc.constantFrom('TCP', 'UDP', 'SCTP'),
      endPort: fc.constant(8080),
    },
    { requiredKeys: ['port'] },
  ),
  fc.record({ protocol: fc.constantFrom('TCP', 'UDP') }),
);
const networkRules = (verb: Verb): fc.Arbitrary<Written[]> =>
  few(fc.record({ [verb]: few(networkPeer), ports: few(networkPort) }, { requiredKeys: [] }));
const network = fc
  .record({
    name,
    namespace,
    spec: fc.record(
      {
        podSelector: plain,
        ingress: networkRules('from'),
        egress: networkRules('to'),
        policyTypes: fc.uniqueArray(fc.constantFrom('Ingress', 'Egress')),
      },
      { requiredKeys: ['podSelector'] },
    ),
  })
  .map((made) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: made.name, namespace: made.namespace },
    spec: made.spec,
  }));

/** Rules on requests at pods that the connections reach often: elsewhere they are drowned by what denies. */
const proxied = fc
  .record({ name, namespace, rules: few(fc.tuple(peers('from'), fc.oneof(http, ports))) })
  .map((made) => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: made.name, namespace: made.namespace },
    spec: {
      endpointSelector: {},
      ingress: [
        {
          fromEntities: ['all'],
          toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{ method: 'GET' }] } }],
        },
        ...made.rules.map(([who, where]) => ({ ...who, toPorts: [where] })),
      ],
    },
  }));

/** Policies of which every field can be evaluated. */
export const policy: fc.Arbitrary<Written> = fc.oneof(
  { weight: 4, arbitrary: namespaced },
  { weight: 2, arbitrary: clusterwide },
  { weight: 2, arbitrary: network },
  { weight: 1, arbitrary: proxied },
);

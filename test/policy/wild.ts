/**
 * Cilium policies with one thing about them that may be wrong. Which of them a
 * cluster takes is not said here: Cilium's schema and parser are asked.
 */
import fc from 'fast-check';
import { cnp, ccnp } from './written.js';
import { selector, type Written } from './cases.js';

const rule = (direction: 'ingress' | 'egress', parts: Written): Written => ({
  endpointSelector: {},
  [direction]: [parts],
});
const ingress = (parts: Written): Written => rule('ingress', parts);
const egress = (parts: Written): Written => rule('egress', parts);
const port = (parts: Written): Written => ingress({ toPorts: [{ ports: [parts] }] });
const portRule = (direction: 'ingress' | 'egress', parts: Written): Written =>
  rule(direction, { toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], ...parts }] });
const text = (parts: Written): Written => ingress({ fromEndpoints: [parts] });

const oddText = fc.constantFrom(
  '', 'a', 'A', '0', '00', '01', '-a', 'a-', 'a b', 'a:b', 'k8s:a', '$a', 'reserved.host', 'reserved:host', 'a/b', 'a/', '/a',
  'a.b/c', 'A.b/c', 'k8s:a.b/c', 'a=b', 'a_b', 'ä', 'x'.repeat(59), 'x'.repeat(60), 'x'.repeat(63), 'x'.repeat(64), 'any:any:a',
  'a..b/c', 'io.kubernetes.pod.namespace', ':a', 'a:', 'a.b:c',
); // prettier-ignore
const oddPort = fc.constantFrom<unknown>(
  '0', '1', '80', '65535', '65536', '99999', '-1', '', ' 80', '80 ', 'http', 'HTTP', 'ht--tp', '-http', 'a-b', '1a', '8.0',
  'abcdefghijklmno', 'abcdefghijklmnop', 80, null, true, '+80',
); // prettier-ignore
const oddBlock = fc.constantFrom<unknown>(
  '', '10.0.0.0/8', '10.0.0.1/8', '10.0.0.0', '10.0.0.0/33', '10.0.0/8', '010.0.0.0/8', '10.0.0.0/08', '10.0.0.0/', '/8', '::/0',
  '::', 'fe80::1%eth0/64', '2001:db8::/129', '::ffff:10.0.0.0/104', 'example.com', 10, null, ' 10.0.0.0/8', '0.0.0.0/0',
); // prettier-ignore
const oddList = fc.constantFrom<unknown>([], [{}], {}, null, 'x', [null], [[]]);
const http = { http: [{ path: '/' }] };
const dns = { dns: [{ matchPattern: '*' }] };

const peers = fc.constantFrom<Written>(
  { fromEndpoints: [{}] }, { fromEndpoints: [] }, { fromEntities: ['world'] }, { fromEntities: ['all', 'x'] }, { fromCIDR: ['10.0.0.0/8'] },
  { fromCIDRSet: [{ cidr: '10.0.0.0/8' }] }, { fromNodes: [{}] }, { fromGroups: [{ aws: { region: 'x' } }] }, { fromRequires: [] }, { fromRequires: [{}] },
  { toEndpoints: [{}] },
); // prettier-ignore
const egressPeers = fc.constantFrom<Written>(
  { toEndpoints: [{}] }, { toEntities: ['host'] }, { toCIDR: [] }, { toFQDNs: [{ matchName: 'a.example' }] }, { toFQDNs: [] },
  { toServices: [{ k8sService: { serviceName: 'a', namespace: 'b' } }] }, { toServices: [{ k8sServiceSelector: { selector: {} } }] },
  { toNodes: [{ matchLabels: { a: 'b' } }] }, { toGroups: [{}] }, { toRequires: [] }, { fromEndpoints: [{}] },
); // prettier-ignore

const spec: fc.Arbitrary<unknown> = fc.oneof(
  // Labels.
  fc.tuple(oddText, fc.constantFrom('x', '', 'a b', 'y'.repeat(64))).map(([key, value]) => text({ matchLabels: { [key]: value } })),
  fc.record({ key: oddText, operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist', 'in', 'Gt'), values: fc.constantFrom<unknown>(undefined, [], ['a'], ['a b'], null, [1]) }).map((one) => text({ matchExpressions: [one] })),
  oddText.map((key) => ({ endpointSelector: { matchLabels: { [key]: 'x' } }, egress: [{}] })),
  // Ports.
  fc.record({ port: oddPort, protocol: fc.constantFrom<unknown>('TCP', 'UDP', 'ANY', 'SCTP', 'VRRP', 'IGMP', 'ICMP', 'tcp', '', undefined, 6), endPort: fc.constantFrom<unknown>(undefined, 79, 65_535, 65_536, -1, '80') }).map(port),
  fc.constantFrom(1, 40, 41).map((count) => ingress({ toPorts: [{ ports: Array.from({ length: count }, () => ({ port: '80' })) }] })),
  fc.record({ family: fc.constantFrom<unknown>(undefined, 'IPv4', 'IPv6', 'ipv4', ''), type: fc.constantFrom<unknown>(0, 8, 255, '8', '0', 'Echo', 'EchoReply', 'PacketTooBig', 'echo', 'ExtendedEchoReply', undefined, true, '256') }).map((field) => ingress({ icmps: [{ fields: [field] }] })),
  fc.tuple(oddList, oddList).map(([icmps, toPorts]) => ingress({ fromEndpoints: [{}], icmps, toPorts })),
  fc.constant(ingress({ icmps: [{ fields: [{ type: 8 }] }], toPorts: [{ ports: [{ port: '80' }] }] })),
  // Rules on requests.
  fc.tuple(fc.constantFrom('ingress', 'egress'), fc.constantFrom<Written>({ rules: http }, { rules: dns }, { rules: { ...http, ...dns } }, { rules: {} }, { rules: { http: [] } }, { rules: { l7: [{ a: 'b' }] } }, { rules: { l7proto: 'x', l7: [{ a: 'b' }] } }, { serverNames: ['a.example'] }, { serverNames: [] }, { serverNames: [''] }, { serverNames: ['a.example'], rules: http }, { listener: { envoyConfig: { kind: 'CiliumEnvoyConfig', name: 'a' }, name: 'b', priority: 1 } }, { listener: { envoyConfig: { kind: 'CiliumEnvoyConfig', name: 'a' }, name: 'b', priority: 1 }, rules: http }, { listener: { name: 'b' } })).map(([direction, parts]) => portRule(direction, parts)),
  fc.record({ port: fc.constantFrom('0', '53', 'dns'), protocol: fc.constantFrom('UDP', 'TCP', 'ANY', undefined), endPort: fc.constantFrom(undefined, 54) }).chain((one) => fc.constantFrom(http, dns).map((rules) => egress({ toPorts: [{ ports: [one], rules }] }))),
  fc.constantFrom<Written>({ matchName: 'a.example' }, { matchPattern: '*.example' }, {}, { matchName: 'a.example', matchPattern: '*' }, { matchName: '*.example' }, { matchName: 'a..b' }, { matchName: 'ä' }, { matchName: '' }, { matchName: '.a' }, { matchPattern: '' }, { matchName: 'a.' }).map((name) => egress({ toFQDNs: [name] })),
  // Addresses.
  oddBlock.map((block) => ingress({ fromCIDR: [block] })),
  oddBlock.map((block) => ingress({ fromCIDRSet: [{ cidr: block }] })),
  oddBlock.map((block) => ingress({ fromCIDRSet: [{ cidr: '10.0.0.0/8', except: [block] }] })),
  fc.constantFrom<Written>({}, { cidr: '10.0.0.0/8', cidrGroupRef: 'a' }, { cidrGroupRef: 'a' }, { cidrGroupRef: 'A b' }, { cidrGroupSelector: {} }, { cidrGroupRef: 'a', except: ['10.0.0.0/8'] }, { cidrGroupSelector: { matchLabels: { 'a b': 'c' } } }).map((set) => ingress({ fromCIDRSet: [set] })),
  // Who, and combinations of it.
  fc.tuple(peers, peers).map(([one, other]) => ingress({ ...one, ...other })),
  fc.tuple(egressPeers, egressPeers).map(([one, other]) => egress({ ...one, ...other, toPorts: [{ ports: [{ port: '80' }] }] })),
  oddList.map((list) => ingress({ fromEndpoints: list })),
  oddList.map((list) => ingress({ fromEntities: list })),
  // The spec as a whole.
  fc.record({ endpointSelector: fc.constantFrom<unknown>(undefined, {}, null), nodeSelector: fc.constantFrom<unknown>(undefined, {}, { matchLabels: { a: 'b' } }), ingress: fc.constantFrom<unknown>(undefined, [], [{}], null), egressDeny: fc.constantFrom<unknown>(undefined, [], [{}]) }),
  fc.constantFrom('ingress', 'egress').map((direction) => ({ nodeSelector: {}, [direction]: [{ toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: http }] }] })),
  fc.constantFrom<Written>({ enableDefaultDeny: {} }, { enableDefaultDeny: { ingress: 'no' } }, { enableDefaultDeny: { both: true } }, { description: 'x' }, { description: 1 }, { labels: [{ key: 'a', source: 'b' }] }, { labels: [{ key: 'a' }] }, { log: { value: 'x' } }, { priority: 1 }, { ingres: [{}] }).map((parts) => ({ ...ingress({}), ...parts })),
  fc.constantFrom<Written>({ authentication: { mode: 'required' } }, { authentication: { mode: 'x' } }, { authentication: {} }, { toport: [] }, { toFQDNs: [] }).map(ingress),
  fc.constantFrom<Written>({ toPorts: [{ ports: [{ port: '80' }], rules: http }] }, { authentication: { mode: 'required' } }, { fromEndpoints: [{}] }, { toPorts: [{}] }).map((parts) => ({ endpointSelector: {}, ingressDeny: [parts] })),
  selector.map((one) => ({ endpointSelector: one, egressDeny: [{}] })),
); // prettier-ignore

export const wild: fc.Arbitrary<Written> = fc
  .tuple(spec, fc.constantFrom('spec', 'specs', 'clusterwide'))
  .map(([made, form]) => {
    // What JSON would leave out is left out of what both sides read.
    const plain = JSON.parse(JSON.stringify(made)) as Written;
    if (form === 'clusterwide') return ccnp(plain);
    if (form === 'spec') return cnp(plain);
    const { spec: _, ...rest } = cnp(plain);
    return { ...rest, specs: [plain] };
  });

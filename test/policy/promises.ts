/**
 * What each rule promises, and beside it the case that it must not be about. Held
 * to by our evaluator, and by Cilium's own (test/interop/policy.test.ts).
 */
import type { Connection } from '../../src/policy/connection.js';
import type { Answer } from '../../src/policy/decision.js';
import type { EvaluationOptions } from '../../src/policy/evaluate.js';
import type { Written } from './cases.js';
import { apiServer, ccnp, cnp, db, foreign, host, nameless, netpol, otherNode, ping, pod, reserved, tcp, udp, web, world } from './written.js'; // prettier-ignore

const all = { endpointSelector: {} };
const port80 = [{ ports: [{ port: '80', protocol: 'TCP' }] }];
const from = (...fromEndpoints: Written[]): Written => cnp({ ...all, ingress: [{ fromEndpoints }] });
const app = (name: string): Written => ({ matchLabels: { app: name } });
const inNamespace = (name: string): Written => ({ matchLabels: { 'k8s:io.kubernetes.pod.namespace': name } });
const where = (key: string, operator: string, ...values: string[]): Written => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 ? { values } : {}) }],
});

export type Row = [
  promise: string,
  policy: Written | Written[],
  connection: Connection,
  answer: Answer,
  options?: EvaluationOptions,
];

// One promise a line.
// prettier-ignore
export const promises: readonly [group: string, rows: readonly Row[]][] = [
  [
    'who is selected',
    [
      ['a namespaced policy selects its own namespace', cnp({ ...all, ingress: [{}] }), tcp(web, db), 'denied'],
      ['and no other', cnp({ ...all, ingress: [{}] }), tcp(web, foreign), 'allowed'],
      ['a namespace in its endpointSelector does not move it', cnp({ endpointSelector: inNamespace('team-b'), ingress: [{}] }), tcp(web, foreign), 'allowed'],
      ['but is replaced by its own', cnp({ endpointSelector: inNamespace('team-b'), ingress: [{}] }), tcp(foreign, web), 'denied'],
      ['an expression on the namespace stays, and selects nobody', cnp({ endpointSelector: where('k8s:io.kubernetes.pod.namespace', 'In', 'team-b'), ingress: [{}] }), tcp(foreign, web), 'allowed'],
      ['a clusterwide policy selects every namespace', ccnp({ ...all, ingress: [{}] }), tcp(web, foreign), 'denied'],
      ['and the health endpoint', ccnp({ ...all, ingress: [{}] }), tcp(web, reserved('10.1.0.2', 'health')), 'denied'],
      ['but never a node', ccnp({ ...all, ingress: [{}] }), tcp(web, host), 'allowed'],
      ['nor the world', ccnp({ ...all, ingress: [{}] }), tcp(web, world), 'allowed'],
      [
        'nor a pod of another cluster',
        ccnp({ ...all, ingress: [{}] }),
        tcp(web, {
          labels: ['k8s:io.cilium.k8s.policy.cluster=east', 'k8s:io.kubernetes.pod.namespace=team-a'],
          ip: '',
        }),
        'allowed',
      ],
      ['an endpoint without labels yet is closed, policy or not', [], tcp(web, reserved('10.1.0.4', 'init')), 'denied'],
      ['a side without labels: cannot be told', from(app('web')), tcp(web, nameless), 'unknown'],
    ],
  ],
  [
    'labels',
    [
      ['matchLabels match', from(app('web')), tcp(web, db), 'allowed'],
      ['and do not match another value', from(app('web')), tcp(db, web), 'denied'],
      ['k8s: is the source of a pod’s labels', from({ matchLabels: { 'k8s:app': 'web' } }), tcp(web, db), 'allowed'],
      ['another source is another label', from({ matchLabels: { 'container:app': 'web' } }), tcp(web, db), 'denied'],
      ['any: is every source', from({ matchLabels: { 'any:app': 'web' } }), tcp(web, db), 'allowed'],
      ['In', from(where('app', 'In', 'web', 'x')), tcp(web, db), 'allowed'],
      ['In, another value', from(where('app', 'In', 'x')), tcp(web, db), 'denied'],
      ['NotIn holds where the label is missing', from(where('tier', 'NotIn', 'x')), tcp(web, db), 'allowed'],
      ['NotIn, the value', from(where('app', 'NotIn', 'web')), tcp(web, db), 'denied'],
      ['Exists', from(where('app', 'Exists')), tcp(web, db), 'allowed'],
      ['Exists, missing', from(where('tier', 'Exists')), tcp(web, db), 'denied'],
      ['DoesNotExist', from(where('tier', 'DoesNotExist')), tcp(web, db), 'allowed'],
      ['DoesNotExist, there', from(where('app', 'DoesNotExist')), tcp(web, db), 'denied'],
      ['all requirements together', from({ ...app('web'), ...where('tier', 'Exists') }), tcp(web, db), 'denied'],
      ['selectors of a list add up', from(app('x'), app('web')), tcp(web, db), 'allowed'],
    ],
  ],
  [
    'the namespace that a selector does not name',
    (() => {
      const prod = pod('team-b', 'io.cilium.k8s.namespace.labels.env=prod');
      return [
        ['is the policy’s own', from({}), tcp(web, db), 'allowed'],
        ['so another one stays out', from({}), tcp(foreign, db), 'denied'],
        ['named, it is that one', from(inNamespace('team-b')), tcp(foreign, db), 'allowed'],
        ['and no longer its own', from(inNamespace('team-b')), tcp(web, db), 'denied'],
        ['named without the source as well', from({ matchLabels: { 'io.kubernetes.pod.namespace': 'team-b' } }), tcp(foreign, db), 'allowed'],
        ['labels of namespaces name it, too', from({ matchLabels: { 'k8s:io.cilium.k8s.namespace.labels.env': 'prod' } }), tcp(prod, db), 'allowed'],
        ['and only those', from({ matchLabels: { 'k8s:io.cilium.k8s.namespace.labels.env': 'prod' } }), tcp(foreign, db), 'denied'],
        ['clusterwide: any namespace', ccnp({ ...all, ingress: [{ fromEndpoints: [{}] }] }), tcp(foreign, db), 'allowed'],
        ['but nothing without one', ccnp({ ...all, ingress: [{ fromEndpoints: [{}] }] }), tcp(world, db), 'denied'],
        ['reserved labels have none', from({ matchLabels: { 'reserved:remote-node': '' } }), tcp(otherNode, db), 'allowed'],
        [
          'another cluster’s pods are not meant',
          from({}),
          tcp(
            {
              labels: ['k8s:io.cilium.k8s.policy.cluster=east', 'k8s:io.kubernetes.pod.namespace=team-a'],
              ip: '',
            },
            db,
          ),
          'denied',
        ],
        [
          'where clusters are not told apart they are',
          from({}),
          tcp(
            {
              labels: ['k8s:io.cilium.k8s.policy.cluster=east', 'k8s:io.kubernetes.pod.namespace=team-a'],
              ip: '',
            },
            db,
          ),
          'allowed',
          { cluster: { name: 'default', localOnly: false } },
        ],
      ];
    })(),
  ],
  [
    'lists that are empty, absent, or hold an empty selector',
    (() => {
      const ingress = (...rules: Written[]): Written => cnp({ ...all, ingress: rules });
      return [
        ['ingress: [{}] closes', ingress({}), tcp(web, db), 'denied'],
        ['fromEndpoints: [] is nobody', ingress({ fromEndpoints: [] }), tcp(web, db), 'denied'],
        ['with ports, too', ingress({ fromEndpoints: [], toPorts: port80 }), tcp(web, db), 'denied'],
        ['fromEndpoints: [{}] is the namespace', ingress({ fromEndpoints: [{}] }), tcp(web, db), 'allowed'],
        ['ports alone are for everyone', ingress({ toPorts: port80 }), tcp(world, db), 'allowed'],
        ['on those ports', ingress({ toPorts: port80 }), tcp(world, db, 81), 'denied'],
        ['toPorts: [] says nothing', ingress({ fromEndpoints: [{}], toPorts: [] }), tcp(web, db, 81), 'allowed'],
        ['toPorts: [{}] says no port', ingress({ fromEndpoints: [{}], toPorts: [{}] }), tcp(web, db), 'denied'],
        ['toFQDNs: [] says nothing, so that ports are for everyone', cnp({ ...all, egress: [{ toFQDNs: [], toPorts: port80 }] }), tcp(web, world), 'allowed'],
        ['the other direction stays open', ingress({}), tcp(db, world), 'allowed'],
      ];
    })(),
  ],
  [
    'entities',
    (() => {
      const entity = (name: string): Written => cnp({ ...all, egress: [{ toEntities: [name] }] });
      const external = reserved('192.0.2.8', 'kube-apiserver', 'world');
      return [
        ['all: a pod', entity('all'), tcp(web, foreign), 'allowed'],
        ['all: even without labels', cnp({ ...all, egress: [{ toEntities: ['all'] }] }), tcp(web, nameless), 'allowed'],
        ['none: nobody', entity('none'), tcp(web, world), 'denied'],
        ['world: outside', entity('world'), tcp(web, world), 'allowed'],
        ['world: outside, by family', entity('world'), tcp(web, reserved('192.0.2.7', 'world-ipv4')), 'allowed'],
        ['world: no pod', entity('world'), tcp(web, foreign), 'denied'],
        ['world: no node', entity('world'), tcp(web, otherNode), 'denied'],
        ['world-ipv4 is not IPv6', entity('world-ipv4'), tcp(web, reserved('2001:db8::1', 'world-ipv6')), 'denied'],
        ['cluster: pods', entity('cluster'), tcp(web, foreign), 'allowed'],
        ['cluster: nodes', entity('cluster'), tcp(web, otherNode), 'allowed'],
        ['cluster: not outside', entity('cluster'), tcp(web, world), 'denied'],
        ['host: the own node', entity('host'), tcp(web, host), 'allowed'],
        ['host: not the others', entity('host'), tcp(web, otherNode), 'denied'],
        ['remote-node: the others', entity('remote-node'), tcp(web, otherNode), 'allowed'],
        ['remote-node: not the own', entity('remote-node'), tcp(web, host), 'denied'],
        ['remote-node: the API server on one', entity('remote-node'), tcp(web, apiServer), 'allowed'],
        ['kube-apiserver: on a node', entity('kube-apiserver'), tcp(web, apiServer), 'allowed'],
        ['kube-apiserver: on the own node', entity('kube-apiserver'), tcp(web, reserved('10.0.0.1', 'host', 'kube-apiserver')), 'allowed'],
        ['kube-apiserver: outside', entity('kube-apiserver'), tcp(web, external), 'allowed'],
        ['world: the API server outside', entity('world'), tcp(web, external), 'allowed'],
        ['kube-apiserver: no other node', entity('kube-apiserver'), tcp(web, otherNode), 'denied'],
      ];
    })(),
  ],
  [
    'blocks of addresses',
    (() => {
      const to = (rule: Written): Written => cnp({ ...all, egress: [rule] });
      return [
        ['an address outside the cluster', to({ toCIDR: ['192.0.2.0/24'] }), tcp(web, world), 'allowed'],
        ['another one', to({ toCIDR: ['198.51.100.0/24'] }), tcp(web, world), 'denied'],
        ['a single address', to({ toCIDR: ['192.0.2.7/32'] }), tcp(web, world), 'allowed'],
        ['never a pod, whatever its address', to({ toCIDR: ['10.0.0.0/8'] }), tcp(web, foreign), 'denied'],
        ['nor with 0.0.0.0/0', to({ toCIDR: ['0.0.0.0/0'] }), tcp(web, foreign), 'denied'],
        ['nor a node', to({ toCIDR: ['10.0.0.0/8'] }), tcp(web, otherNode), 'denied'],
        ['unless nodes are configured to be', to({ toCIDR: ['10.0.0.0/8'] }), tcp(web, otherNode), 'allowed', { cidrMatchesNodes: true }],
        ['a hole in a block', to({ toCIDRSet: [{ cidr: '192.0.2.0/24', except: ['192.0.2.0/28'] }] }), tcp(web, world), 'denied'],
        ['beside the hole', to({ toCIDRSet: [{ cidr: '192.0.2.0/24', except: ['192.0.2.16/28'] }] }), tcp(web, world), 'allowed'],
        ['a hole is one of its own block only', to({ toCIDRSet: [{ cidr: '192.0.2.0/24', except: ['192.0.2.0/28'] }, { cidr: '192.0.2.7/32' }] }), tcp(web, world), 'allowed'],
        ['IPv6', to({ toCIDR: ['2001:db8::/32'] }), tcp(web, reserved('2001:db8::7', 'world')), 'allowed'],
        ['IPv4 in IPv6 is neither', to({ toCIDR: ['192.0.2.0/24'] }), tcp(web, reserved('::ffff:192.0.2.7', 'world')), 'denied'],
        ['an API server outside', to({ toCIDR: ['192.0.2.0/24'] }), tcp(web, reserved('192.0.2.8', 'kube-apiserver', 'world')), 'allowed'],
        ['no address: cannot be told', to({ toCIDR: ['192.0.2.0/24'] }), tcp(web, reserved('', 'world')), 'unknown'],
        ['a group of blocks: cannot be told', to({ toCIDRSet: [{ cidrGroupRef: 'vpn' }] }), tcp(web, world), 'unknown'],
        ['but is no pod', to({ toCIDRSet: [{ cidrGroupRef: 'vpn' }] }), tcp(web, foreign), 'denied'],
      ];
    })(),
  ],
  [
    'what cannot be told is not guessed',
    (() => {
      const to = (rule: Written): Written => cnp({ ...all, egress: [rule] });
      const names = { toFQDNs: [{ matchName: 'example.com' }] };
      return [
        ['a DNS name may be any address outside', to(names), tcp(web, world), 'unknown'],
        ['on its ports', to({ ...names, toPorts: port80 }), tcp(web, world, 81), 'denied'],
        ['but is no pod', to(names), tcp(web, foreign), 'denied'],
        ['a rule that allows the same for certain settles it', [to(names), to({ toEntities: ['world'] })], tcp(web, world), 'allowed'],
        ['a rule that denies does, too', [to(names), cnp({ ...all, egressDeny: [{ toEntities: ['world'] }] })], tcp(web, world), 'denied'],
        ['a denial that may match leaves it open', [to({ toEntities: ['world'] }), cnp({ ...all, egressDeny: [{ toCIDRSet: [{ cidrGroupRef: 'x' }] }] })], tcp(web, world), 'unknown'],
        ['but where nothing allows it is denied anyway', cnp({ ...all, egressDeny: [{ toCIDRSet: [{ cidrGroupRef: 'x' }] }] }), tcp(web, world), 'denied'],
        ['services', to({ toServices: [{ k8sService: { serviceName: 'x', namespace: 'y' } }] }), tcp(web, foreign), 'unknown'],
        ['groups', to({ toGroups: [{ aws: { region: 'x' } }] }), tcp(web, world), 'unknown'],
        ['node labels', to({ toNodes: [app('x')] }), tcp(web, otherNode), 'unknown'],
        ['but no pod is a node', to({ toNodes: [app('x')] }), tcp(web, foreign), 'denied'],
        ['a named port', cnp({ ...all, ingress: [{ toPorts: [{ ports: [{ port: 'http', protocol: 'TCP' }] }] }] }), tcp(web, db), 'unknown'],
        ['is none of UDP’s', cnp({ ...all, ingress: [{ toPorts: [{ ports: [{ port: 'http', protocol: 'TCP' }] }] }] }), udp(web, db), 'denied'],
        ['a named port that is known', cnp({ ...all, ingress: [{ toPorts: [{ ports: [{ port: 'HTTP', protocol: 'TCP' }] }] }] }), tcp(web, db), 'allowed', { namedPort: (name) => (name === 'http' ? 80 : undefined) }],
        ['and is another', cnp({ ...all, ingress: [{ toPorts: [{ ports: [{ port: 'http', protocol: 'TCP' }] }] }] }), tcp(web, db), 'denied', { namedPort: () => 8080 }],
        ['a peer without labels', from(app('web')), tcp(nameless, db), 'unknown'],
      ];
    })(),
  ],
  [
    'ports',
    (() => {
      const at = (...ports: Written[]): Written => cnp({ ...all, ingress: [{ toPorts: [{ ports }] }] });
      return [
        ['the port', at({ port: '80', protocol: 'TCP' }), tcp(web, db, 80), 'allowed'],
        ['not its neighbour', at({ port: '80', protocol: 'TCP' }), tcp(web, db, 81), 'denied'],
        ['not the other protocol', at({ port: '53', protocol: 'TCP' }), udp(web, db, 53), 'denied'],
        ['no protocol is every one with ports', at({ port: '53' }), udp(web, db, 53), 'allowed'],
        ['ANY is no ICMP', at({ port: '0', protocol: 'ANY' }), ping(web, db), 'denied'],
        ['0 is every port', at({ port: '0', protocol: 'TCP' }), tcp(web, db, 65_535), 'allowed'],
        ['of its protocol', at({ port: '0', protocol: 'TCP' }), udp(web, db), 'denied'],
        ['a range: its end', at({ port: '80', endPort: 90, protocol: 'TCP' }), tcp(web, db, 90), 'allowed'],
        ['past its end', at({ port: '80', endPort: 90, protocol: 'TCP' }), tcp(web, db, 91), 'denied'],
        ['an end before the start is none', at({ port: '80', endPort: 70, protocol: 'TCP' }), tcp(web, db, 80), 'allowed'],
        ['no ports: ICMP as well', from({}), ping(web, db), 'allowed'],
      ];
    })(),
  ],
  [
    'ICMP',
    (() => {
      const at = (...fields: Written[]): Written => cnp({ ...all, ingress: [{ fromEndpoints: [{}], icmps: [{ fields }] }] });
      return [
        ['the type by number', at({ type: 8 }), ping(web, db), 'allowed'],
        ['by name', at({ type: 'EchoRequest' }), ping(web, db), 'allowed'],
        ['another type', at({ type: 3 }), ping(web, db), 'denied'],
        ['the other family', at({ family: 'IPv6', type: 128 }), ping(web, db), 'denied'],
        ['IPv6', at({ family: 'IPv6', type: 'EchoRequest' }), ping(web, db, 6), 'allowed'],
        ['is no TCP', at({ type: 8 }), tcp(web, db, 8), 'denied'],
        ['type 0 is every type, as Cilium reads it', at({ type: 0 }), ping(web, db), 'allowed'],
      ];
    })(),
  ],
  [
    'policies add up',
    (() => {
      const deny = (rule: Written): Written => cnp({ ...all, ingressDeny: [rule] }, 'team-a', 'deny');
      return [
        ['either may allow', [from(app('x')), from(app('web'))], tcp(web, db), 'allowed'],
        ['a denial beats both', [from(app('web')), deny({ fromEndpoints: [app('web')] })], tcp(web, db), 'denied'],
        ['on its ports', [from(app('web')), deny({ fromEndpoints: [{}], toPorts: port80 })], tcp(web, db, 81), 'allowed'],
        ['a denial closes the direction as well', deny({ fromEndpoints: [app('x')] }), tcp(web, db), 'denied'],
        [
          'unless it says otherwise',
          cnp({
            ...all,
            ingressDeny: [{ fromEndpoints: [app('x')] }],
            enableDefaultDeny: { ingress: false },
          }),
          tcp(web, db),
          'allowed',
        ],
        [
          'and still denies',
          cnp({
            ...all,
            ingressDeny: [{ fromEndpoints: [app('web')] }],
            enableDefaultDeny: { ingress: false },
          }),
          tcp(web, db),
          'denied',
        ],
        ['one policy that closes is enough', [cnp({ ...all, ingress: [{}], enableDefaultDeny: { ingress: false } }), cnp({ ...all, ingress: [{}] })], tcp(web, db), 'denied'],
        ['both sides must let it pass', [from({}), cnp({ ...all, egress: [{}] })], tcp(web, db), 'denied'],
        ['enableDefaultDeny without a rule closes nothing', cnp({ ...all, ingress: [{}], enableDefaultDeny: { egress: true } }), tcp(db, world), 'allowed'],
      ];
    })(),
  ],
  [
    'the own node',
    [
      ['always reaches its pods', cnp({ ...all, ingress: [{}] }), tcp(host, db), 'allowed'],
      ['unless Cilium is told not to let it', cnp({ ...all, ingress: [{}] }), tcp(host, db), 'denied', { allowLocalhost: 'policy' }],
      ['unless denied', cnp({ ...all, ingressDeny: [{ fromEntities: ['host'] }] }), tcp(host, db), 'denied'],
      ['others do not', cnp({ ...all, ingress: [{}] }), tcp(otherNode, db), 'denied'],
      ['nor do pods reach it', cnp({ ...all, egress: [{}] }), tcp(db, host), 'denied'],
    ],
  ],
  [
    'policies for nodes',
    (() => {
      const closed = ccnp({ nodeSelector: {}, ingress: [{}] });
      return [
        ['need the host firewall', closed, tcp(web, host), 'allowed', { hostFirewall: false }],
        ['with it they apply', closed, tcp(web, host), 'denied', { hostFirewall: true }],
        ['not known: cannot be told', closed, tcp(web, host), 'unknown'],
        ['other nodes’ labels are not seen', closed, tcp(web, otherNode), 'unknown', { hostFirewall: true }],
        ['are for no pod', closed, tcp(web, db), 'allowed', { hostFirewall: true }],
        ['a node with other labels', ccnp({ nodeSelector: app('x'), ingress: [{}] }), tcp(web, host), 'allowed', { hostFirewall: true }],
      ];
    })(),
  ],
  [
    'rules on requests',
    (() => {
      const http = { ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{ path: '/' }] } };
      const ruled = cnp({ ...all, ingress: [{ fromEndpoints: [{}], toPorts: [http] }] });
      return [
        ['allowed, subject to them', ruled, tcp(web, db), 'subject_to_l7'],
        ['on their port only', ruled, tcp(web, db, 81), 'denied'],
        ['denied stays denied', [ruled, cnp({ ...all, ingressDeny: [{ fromEndpoints: [{}] }] })], tcp(web, db), 'denied'],
        ['a rule without them for the same ports makes them void', [ruled, cnp({ ...all, ingress: [{ fromEndpoints: [{}], toPorts: port80 }] })], tcp(web, db), 'allowed'],
        ['for other ports that hold these it is the proxy’s word', [ruled, from({})], tcp(web, db), 'subject_to_l7'],
        ['empty rules are none', cnp({ ...all, ingress: [{ toPorts: [{ ...port80[0], rules: { http: [] } }] }] }), tcp(web, db), 'allowed'],
        ['enableDefaultDeny does not reach them', cnp({ ...all, ingress: [{ toPorts: [http] }], enableDefaultDeny: { ingress: false } }), tcp(web, db), 'subject_to_l7'],
        [
          'server names',
          cnp({
            ...all,
            egress: [{ toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }], serverNames: ['example.com'] }] }],
          }),
          tcp(web, world, 443),
          'subject_to_l7',
        ],
        [
          'DNS rules',
          cnp({
            ...all,
            egress: [{ toPorts: [{ ports: [{ port: '53' }], rules: { dns: [{ matchPattern: '*' }] } }] }],
          }),
          udp(web, world),
          'subject_to_l7',
        ],
      ];
    })(),
  ],
  [
    'NetworkPolicy',
    (() => {
      const prod = pod('team-b', 'app=web', 'io.cilium.k8s.namespace.labels.env=prod');
      const peer = (...list: Written[]): Written => netpol({ podSelector: {}, ingress: [{ from: list }] });
      return [
        ['without rules it closes ingress', netpol({ podSelector: {} }), tcp(web, db), 'denied'],
        ['and not egress', netpol({ podSelector: {} }), tcp(db, world), 'allowed'],
        ['policyTypes: [Egress] closes egress', netpol({ podSelector: {}, policyTypes: ['Egress'] }), tcp(db, world), 'denied'],
        ['and not ingress', netpol({ podSelector: {}, policyTypes: ['Egress'] }), tcp(world, db), 'allowed'],
        ['podSelector selects', netpol({ podSelector: app('x') }), tcp(web, db), 'allowed'],
        ['an empty rule is for everyone', netpol({ podSelector: {}, ingress: [{}] }), tcp(world, db), 'allowed'],
        ['podSelector: pods of the namespace', peer({ podSelector: {} }), tcp(web, db), 'allowed'],
        ['and no others', peer({ podSelector: {} }), tcp(foreign, db), 'denied'],
        ['namespaceSelector: labels of the namespace', peer({ namespaceSelector: { matchLabels: { env: 'prod' } } }), tcp(prod, db), 'allowed'],
        ['not of the pod', peer({ namespaceSelector: { matchLabels: { app: 'web' } } }), tcp(prod, db), 'denied'],
        ['empty: every namespace', peer({ namespaceSelector: {} }), tcp(foreign, db), 'allowed'],
        ['but nothing outside', peer({ namespaceSelector: {} }), tcp(world, db), 'denied'],
        ['both selectors of one peer', peer({ namespaceSelector: {}, podSelector: app('db') }), tcp(foreign, db), 'denied'],
        ['ipBlock', peer({ ipBlock: { cidr: '192.0.2.0/24' } }), tcp(world, db), 'allowed'],
        ['is no pod', peer({ ipBlock: { cidr: '10.0.0.0/8' } }), tcp(web, db), 'denied'],
        ['except', peer({ ipBlock: { cidr: '192.0.2.0/24', except: ['192.0.2.7/32'] } }), tcp(world, db), 'denied'],
        ['a port is TCP’s', netpol({ podSelector: {}, ingress: [{ ports: [{ port: 53 }] }] }), udp(web, db), 'denied'],
        ['a port', netpol({ podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] }), tcp(web, db), 'allowed'],
        ['a range', netpol({ podSelector: {}, ingress: [{ ports: [{ port: 70, endPort: 80 }] }] }), tcp(web, db, 80), 'allowed'],
        ['no port: every port of the protocol', netpol({ podSelector: {}, ingress: [{ ports: [{ protocol: 'UDP' }] }] }), udp(web, db, 7), 'allowed'],
        ['adds up with Cilium’s', [netpol({ podSelector: {} }), from(app('web'))], tcp(web, db), 'allowed'],
        ['a null is as good as nothing', netpol({ podSelector: {}, ingress: [{ from: null, ports: [{ port: 80 }] }] }), tcp(web, db), 'allowed'],
      ];
    })(),
  ],
];

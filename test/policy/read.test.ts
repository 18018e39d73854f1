import { describe, expect, test } from 'vitest';
import { readPolicies } from '../../src/policy/read.js';

const read = (text: string): ReturnType<typeof readPolicies> => readPolicies(text, { name: 'policy.yaml' });
const said = (text: string): string[] =>
  read(text).problems.map(({ where, path, message }) =>
    [where, path, message].filter((part) => part !== '').join(': '),
  );

const head =
  'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: { name: one, namespace: team-a }\n';
const network =
  'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: one, namespace: team-a }\n';
const rule = (body: string): string => `${head}spec:\n  endpointSelector: {}\n  ingress:\n    - ${body}\n`;

describe('all that a file may hold is read', () => {
  const names = (text: string): string[] =>
    read(text).policies.map(({ ref }) => `${ref.kind} ${ref.namespace}/${ref.name}`);
  test('several documents, empty ones between them', () => {
    const text = `${rule('{}')}---\n---\n${network}spec: { podSelector: {} }\n`;
    expect(said(text)).toEqual([]);
    expect(names(text)).toEqual(['CiliumNetworkPolicy team-a/one', 'NetworkPolicy team-a/one']);
  });
  test('JSON, and lists of every kind', () => {
    const spec = { endpointSelector: {}, ingress: [{}] };
    const item = {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumClusterwideNetworkPolicy',
      metadata: { name: 'one' },
      spec,
    };
    const text = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        item,
        { apiVersion: 'cilium.io/v2', kind: 'CiliumClusterwideNetworkPolicyList', items: [item] },
      ],
    });
    expect(said(text)).toEqual([]);
    expect(names(text)).toEqual([
      'CiliumClusterwideNetworkPolicy /one',
      'CiliumClusterwideNetworkPolicy /one',
    ]);
  });
  test('spec and specs together', () => {
    const both = `${rule('{}')}specs:\n  - endpointSelector: {}\n    egress: [{}]\n  - endpointSelector: {}\n    egressDeny: [{}]\n`;
    expect(read(both).policies[0]?.rules.map(({ path }) => path)).toEqual([
      'spec.ingress[0]',
      'specs[0].egress[0]',
      'specs[1].egressDeny[0]',
    ]);
  });
  test('what the API server adds', () => {
    expect(
      said(
        `${rule('{}')}status: { conditions: [] }\n`.replace(
          'namespace:',
          'uid: x, managedFields: [], namespace:',
        ),
      ),
    ).toEqual([]);
  });
  test('the namespace that kubectl would fill in', () => {
    const text = rule('{}').replace(', namespace: team-a', '');
    expect(readPolicies(text, { name: 'x', namespace: 'team-b' }).policies[0]?.ref.namespace).toBe('team-b');
    expect(said(text)).toEqual([
      'policy.yaml:3:11: metadata.namespace: got nothing, expected the namespace that the policy is for',
    ]);
  });
});

describe('a mistake is named with its place, what was given and what was expected', () => {
  test.each([
    ['a field that is not one', rule('fromEndpoint: []'), 'policy.yaml:7:21: spec.ingress[0].fromEndpoint: no such field here'],
    ['a field in the wrong place', rule('toEndpoints: [{}]'), 'spec.ingress[0].toEndpoints: no such field here'],
    ['a port that is a number', rule('toPorts: [{ ports: [{ port: 80 }] }]'), 'policy.yaml:7:35: spec.ingress[0].toPorts[0].ports[0].port: got 80, expected a port as text, in quotes, such as "8443"'],
    ['a port beyond the last', rule('toPorts: [{ ports: [{ port: "65536" }] }]'), 'got "65536", expected a number from 0 to 65535 or a port\'s name'],
    ['a port that Go reads as octal', rule('toPorts: [{ ports: [{ port: "010" }] }]'), 'got "010", expected a number'],
    ['no port', rule('toPorts: [{ ports: [{ protocol: TCP }] }]'), '.port: got none, expected a port: "0" stands for all of them'],
    ['a protocol in lower case', rule('toPorts: [{ ports: [{ port: "80", protocol: tcp }] }]'), 'got "tcp", expected one of TCP, UDP, SCTP, VRRP, IGMP, ANY'],
    ['an entity', rule('fromEntities: [worlds]'), 'spec.ingress[0].fromEntities[0]: got "worlds", expected an entity, one of all, world, cluster'],
    ['a block', rule('fromCIDR: [10.0.0.0/33]'), 'spec.ingress[0].fromCIDR[0]: got "10.0.0.0/33", expected a block of addresses'],
    ['a single address', rule('fromCIDR: [10.0.0.1]'), 'a single address ends in /32'],
    ['a hole outside its block', rule('fromCIDRSet: [{ cidr: 10.0.0.0/8, except: [11.0.0.0/8] }]'), 'fromCIDRSet[0].except[0]: got "11.0.0.0/8", expected a block inside 10.0.0.0/8'],
    ['two ways of a block', rule('fromCIDRSet: [{ cidr: 10.0.0.0/8, cidrGroupRef: a }]'), 'got cidr and cidrGroupRef, expected one of'],
    ['two ways of saying who', rule('{ fromEndpoints: [{}], fromEntities: [host] }'), 'got fromEndpoints and fromEntities in one rule, expected one of them: write a rule for each'],
    ['requirements', rule('fromRequires: [{}]'), 'Cilium 1.19 took requirements away'],
    ['ICMP beside ports', rule('{ icmps: [{ fields: [{ type: 8 }] }], toPorts: [{ ports: [{ port: "80" }] }] }'), 'got icmps and toPorts in one rule'],
    ['an ICMP type', rule('icmps: [{ fields: [{ type: Ping }] }]'), 'got "Ping", expected a number from 0 to 255 or one of EchoReply'],
    ['DNS rules in ingress', rule('toPorts: [{ ports: [{ port: "53" }], rules: { dns: [{ matchName: a }] } }]'), 'got DNS rules in an ingress rule'],
    ['null for a list', rule('fromEndpoints: null'), 'spec.ingress[0].fromEndpoints: got null, expected a list of selectors; leave the field out where there is none'],
    ['a label key', rule('fromEndpoints: [{ matchLabels: { "a b": c } }]'), 'matchLabels.a b: got the key "a b", expected a label key'],
    ['a label value', rule('fromEndpoints: [{ matchLabels: { a: "b c" } }]'), 'got "b c", expected a label value'],
    ['a value that is no text', rule('fromEndpoints: [{ matchLabels: { a: true } }]'), 'got true, expected a label value as text'],
    ['an operator', rule('fromEndpoints: [{ matchExpressions: [{ key: a, operator: in }] }]'), 'got "in", expected one of In, NotIn, Exists, DoesNotExist'],
    ['no values', rule('fromEndpoints: [{ matchExpressions: [{ key: a, operator: In }] }]'), '.values: got none, expected at least one'],
    ['values that do nothing', rule('fromEndpoints: [{ matchExpressions: [{ key: a, operator: Exists, values: [b] }] }]'), '.values: got 1, expected none'],
    ['no rule', `${head}spec: { endpointSelector: {}, ingress: [] }`, 'got no rule, expected at least one'],
    ['no selector', `${head}spec: { ingress: [{}] }`, 'got neither, expected either endpointSelector'],
    ['nodes in a namespace', `${head}spec: { nodeSelector: {}, ingress: [{}] }`, 'only a CiliumClusterwideNetworkPolicy applies to nodes'],
    ['no spec', head, 'got neither spec nor specs'],
    ['no name', rule('{}').replace('name: one, ', ''), 'metadata.name: got nothing, expected the policy\'s name'],
    ['another kind', 'kind: Pod', 'kind: got "Pod", expected an object of kind CiliumNetworkPolicy'],
    ['another version', rule('{}').replace('cilium.io/v2', 'cilium.io/v1'), 'apiVersion: got "cilium.io/v1", expected cilium.io/v2'],
    ['no object', '- a', 'got a list, expected an object of kind'],
    ['no YAML', 'a: [', 'not readable as YAML'],
    ['a key given twice', rule('{ fromEndpoints: [], fromEndpoints: [{}] }'), 'fromEndpoints: given twice'],
    ['a key that would change the object', rule('fromEndpoints: [{ matchLabels: { __proto__: x } }]'), '__proto__: expected a plain key'],
    ['a NetworkPolicy’s port as text', `${network}spec: { ingress: [{ ports: [{ port: "80" }] }] }`, 'spec.ingress[0].ports[0].port: got "80", expected a number'],
    ['a NetworkPolicy’s range', `${network}spec: { ingress: [{ ports: [{ port: 80, endPort: 79 }] }] }`, 'got 79, expected a number from 80 to 65535'],
    ['a range from a name', `${network}spec: { ingress: [{ ports: [{ port: http, endPort: 79 }] }] }`, 'a range begins with a number'],
    ['a NetworkPolicy’s empty peer', `${network}spec: { ingress: [{ from: [{}] }] }`, 'spec.ingress[0].from[0]: got none, expected podSelector'],
    ['ipBlock beside a selector', `${network}spec: { ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: 10.0.0.0/8 } }] }] }`, 'got ipBlock beside a selector'],
    ['a NetworkPolicy’s field', `${network}spec: { ingres: [] }`, 'spec.ingres: no such field here'],
  ])('%s', (_, text, expected) => {
    const problems = said(text);
    expect(problems.join('\n')).toContain(expected);
    expect(problems[0]).toMatch(/^policy\.yaml:\d+:\d+: /);
    expect(read(text).policies).toEqual([]);
  }); // prettier-ignore
});

test('every mistake is told at once, and a good policy beside a bad one is read', () => {
  const text = `${rule('{ fromEntities: [x], toPorts: [{ ports: [{ port: 1, protocol: x }] }] }')}---\n${rule('{}')}`;
  expect(said(text)).toHaveLength(3);
  expect(read(text).policies).toHaveLength(1);
});

test('the place of a mistake in an item of a list is that of the item', () => {
  const item = rule('fromEntities: [x]').split('\n').join('\n    ');
  expect(said(`kind: List\nitems:\n  - ${item}`)[0]).toMatch(
    /^policy\.yaml:9:\d+: spec\.ingress\[0\]\.fromEntities\[0\]: got "x"/,
  );
});

describe('no text ends the process', () => {
  test.each([
    ['deep nesting', '['.repeat(200_000)],
    ['a bomb of aliases', `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`],
    ['very much', 'x'.repeat(17 * 1024 * 1024)],
    ['control characters', `kind: "\\u001b[31m${'x'.repeat(500)}"`],
  ])('%s', (_, text) => {
    const [problem = ''] = said(text);
    expect(problem).not.toBe('');
    expect(problem.length).toBeLessThan(400);
    expect(problem).not.toMatch(/\p{Cc}/u);
  }); // prettier-ignore
});

describe('what is not wrong but not what one may think is noted', () => {
  const notes = (text: string): string[] =>
    read(text).policies.flatMap((policy) => policy.notes.map(({ path, text: note }) => `${path}: ${note}`));
  test.each([
    [rule('icmps: [{ fields: [{ type: EchoReply }] }]'), 'every ICMP type'],
    [rule('toPorts: [{ ports: [{ port: "80", endPort: 79 }] }]'), 'Cilium reads the port alone'],
    [rule('fromEntities: [world-ipv4]'), 'its custom resource does not take it'],
    [rule('authentication: { mode: required }'), 'must authenticate as well'],
    [`${network}spec: { policyTypes: [Ingress], egress: [{}] }`, 'Cilium applies these rules nevertheless'],
  ])('%#', (text, expected) => {
    expect(notes(text).join()).toContain(expected);
  });
  test('and an ordinary policy has none', () => {
    expect(notes(rule('{ fromEntities: [world], icmps: [{ fields: [{ type: 8 }] }] }'))).toEqual([]);
  });
});

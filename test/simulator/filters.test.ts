import { describe, expect, test } from 'vitest';
import { Cluster } from '../../src/simulator/cluster.js';
import { eventsOf } from '../../src/simulator/connections.js';
import { flowPredicate, type FlowFilter } from '../../src/simulator/filters.js';
import { denyByDefault } from '../../src/simulator/policies.js';
import { seededRandom } from '../../src/simulator/random.js';
import { Tenant } from '../../src/simulator/tenants.js';
import { wireTime, type WireFlow } from '../../src/simulator/wire.js';

const cluster = new Cluster({ name: 'prod', nodes: ['n1.example', 'n2'] });
const a = new Tenant(cluster, { vcluster: 'team-a', hostNamespace: 'team-a' });
const b = new Tenant(cluster, { vcluster: 'team-b', hostNamespace: 'team-b' });
const from = b.pod({ name: 'client', labels: { app: 'client' }, node: 'n1.example' });
const to = a.pod({ name: 'web', labels: { app: 'web' }, node: 'n2' });
const random = seededRandom(1);
const service = { name: 'web', namespace: 'team-a', ip: '10.96.0.1' };
const flows: WireFlow[] = [
  ...eventsOf({ from, to, protocol: 'tcp', port: 80, service }, random),
  ...eventsOf({ from, to, protocol: 'tcp', port: 80, ingress: denyByDefault }, random),
].map(({ flow }, at) => ({ ...flow, uuid: `f${at}`, time: wireTime(at) }));

const passing = (...whitelist: FlowFilter[]): WireFlow[] => flows.filter(flowPredicate(whitelist));
const some = (filter: FlowFilter): boolean => passing(filter).length > 0;

describe('filters', () => {
  test('an empty whitelist lets everything through, an empty filter too', () => {
    expect(passing()).toHaveLength(flows.length);
    expect(passing({})).toHaveLength(flows.length);
  });

  test('sub type 0 is asked for only with match_sub_type', () => {
    expect(new Set(passing({ event_type: [{ type: 4 }] }).map((flow) => flow.event_type.sub_type))).toEqual(
      new Set([0, 4]),
    );
    expect(
      new Set(
        passing({ event_type: [{ type: 4, match_sub_type: true }] }).map((flow) => flow.event_type.sub_type),
      ),
    ).toEqual(new Set([0]));
  });

  test('reply false takes drops along, whose direction nobody knows, and no other unknown', () => {
    const events = new Set(passing({ reply: [false] }).map((flow) => flow.event_type.type));
    expect(events).toEqual(new Set([4, 5, 1]));
    expect(passing({ reply: [false], event_type: [{ type: 7 }] })).toEqual([]);
    expect(passing({ reply: [true] }).every((flow) => flow.is_reply?.value === true)).toBe(true);
  });

  test('fields are joined by and, values by or, filters by or, and the blacklist wins', () => {
    expect(passing({ verdict: [1], event_type: [{ type: 1 }] })).toEqual([]);
    expect(passing({ verdict: [1, 2] }).length).toBe(passing({ verdict: [1] }, { verdict: [2] }).length);
    expect(
      flows
        .filter(flowPredicate([{ verdict: [2] }], [{ event_type: [{ type: 5 }] }]))
        .map((flow) => flow.event_type.type),
    ).toEqual([1, 1, 1]);
  });

  test.each([
    ['team-b/client', true],
    ['team-b/', true],
    ['/client', true],
    ['client', false],
    ['default/client', false],
    ['team-b/lient', false],
    ['team-a/client', false],
  ])('source pod %s: %s', (name, expected) => {
    expect(some({ source_pod: [name], reply: [false], verdict: [1] })).toBe(expected);
  });

  test.each([
    ['k8s:vcluster.loft.sh/managed-by', true],
    ['vcluster.loft.sh/managed-by=team-b', true],
    ['k8s:vcluster.loft.sh/managed-by=team-a', false],
    ['vcluster.loft.sh/managed-by!=team-b', false],
    ['app in (web, client)', true],
    ['app notin (web, client)', false],
    ['!vcluster.loft.sh/managed-by', false],
    ['reserved:app', false],
    ['app=client,k8s:io.kubernetes.pod.namespace=team-b', true],
    ['app=client,app=web', false],
  ])('source label %s: %s', (selector, expected) => {
    expect(some({ source_label: [selector], reply: [false], verdict: [1] })).toBe(expected);
  });

  test('a selector that is none is refused and named', () => {
    expect(() => flowPredicate([{ source_label: ['a b c'] }])).toThrow(
      'unable to parse requirement: "a b c"',
    );
  });

  test.each([
    ['prod/', true],
    ['prod/n2', true],
    ['n2', true],
    ['n*.example', true],
    ['other/', false],
    ['default/n2', false],
    ['n', false],
  ])('node %s: %s', (pattern, expected) => {
    expect(some({ node_name: [pattern] })).toBe(expected);
  });

  test('drop reasons and identities', () => {
    expect(passing({ drop_reason_desc: [133] }).every((flow) => flow.verdict === 2)).toBe(true);
    expect(passing({ drop_reason_desc: [0] })).toEqual([]);
    expect(some({ source_identity: [from.local.identity] })).toBe(true);
    expect(some({ destination_identity: [1] })).toBe(false);
  });
});

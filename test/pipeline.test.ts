/**
 * The behaviours that are wrong by default, one by one, through the real stages:
 * for each the counters that must move and, because the comparison is exact, all
 * those that must not.
 */
import { describe, expect, test } from 'vitest';
import { countedSamples, createWholePipeline } from './fixtures/pipeline.js';
import {
  EventType,
  HubbleVerdict,
  TcpFlag,
  TraceReason,
  TrafficDirection,
  type Endpoint,
  type Flow,
} from '../src/model.js';
import {
  T0,
  arrival,
  denial,
  endpoint,
  established,
  hostPod,
  icmp,
  policyVerdict,
  reserved,
  syncedPod,
  tcp,
  udp,
} from './fixtures/flows.js';
import { hostName } from '../src/tenancy/naming.js';

/** Feeds the flows in order and returns every sample that is not 0. */
function counted(...flows: Flow[]): Record<string, number> {
  const whole = createWholePipeline();
  for (const flow of flows) whole.take(flow);
  return countedSamples(whole);
}

const A = syncedPod('team-a', 'nginx');
const B = syncedPod('team-b', 'curl');
const flows = (event: string) => `flows_total{event="${event}"}`;
const connections = (source: string, destination: string, verdict = 'allowed', protocol = 'tcp') =>
  `cross_tenant_connections_total{source_tenant="${source}",destination_tenant="${destination}",verdict="${verdict}",protocol="${protocol}",expected="false"}`;
const tenantFlows = (source: string, destination: string, relation: string, verdict = 'allowed') =>
  `tenant_flows_total{source_tenant="${source}",destination_tenant="${destination}",relation="${relation}",verdict="${verdict}"}`;
const attributed = (evidence: string) => `endpoints_attributed_total{evidence="${evidence}"}`;
const BY_LABEL = { [attributed('managed_by')]: 2 };
const CROSSED_ONCE = {
  [flows('arrival')]: 1,
  [tenantFlows('team-b', 'team-a', 'cross_tenant')]: 1,
  [connections('team-b', 'team-a')]: 1,
  ...BY_LABEL,
};

/** A pod as the host shows it when an operator's label allow-list has stripped vCluster's labels. */
function unlabelled(hostNamespace: string, podName: string): Endpoint {
  return hostPod(hostNamespace, podName);
}
const toA = (source: Endpoint, fields: Partial<Flow> = {}) => arrival({ source, destination: A, ...fields });

describe('1. names that a split on the last -x- reads wrong', () => {
  /** The whole suffix is the vCluster's: known from a labelled sibling of the same host namespace. */
  function nameJudged(pod: string, virtualNamespace: string, vcluster: string): Record<string, number> {
    const sibling = syncedPod(vcluster, 'sibling', { hostNamespace: 'host-ns' });
    const pod1 = unlabelled('host-ns', hostName(pod, virtualNamespace, vcluster));
    return counted(arrival({ source: sibling, destination: pod1 }));
  }
  test.each([
    ['vector 12', 'web-0', 'default', 'team-x-prod'],
    ['vector 13', 'x-0', 'xx', 'x'],
    ['vector 14', 'web-0', 'x', 'x-x'],
    ['vector 17, nested', 'web-0-x-default-x-inner', 'vcluster-inner', 'outer'],
  ])('%s belongs to the vCluster that is known there', (_, pod, virtualNamespace, vcluster) => {
    const name = `host-ns/${vcluster}`;
    expect(nameJudged(pod, virtualNamespace, vcluster)).toEqual({
      [flows('arrival')]: 1,
      [tenantFlows(name, name, 'intra_tenant')]: 1,
      [attributed('managed_by')]: 1,
      [attributed('pod_name')]: 1,
    });
  });
  test.each([
    ['vector 8', 'payments-api-6c9f8d7b5c-2xkqz', 'payments-prod-eu', 'tenant-0123456789'],
    ['vector 9', 'stateful-app-with-a-name-so-that-cut-is-in-vc', 'ns', 'tenant-alpha-production'],
  ])('%s looks decodable and is not: unidentified, never a vCluster of the hash', (_, pod, ns, vcluster) => {
    const hashed = unlabelled('host-ns', hostName(pod, ns, vcluster));
    expect(counted(toA(hashed))).toEqual({
      [flows('arrival')]: 1,
      [tenantFlows('__unidentified__', 'team-a', 'unidentified')]: 1,
      [attributed('none')]: 1,
      [attributed('managed_by')]: 1,
    });
  });
});

test('2. one vCluster name in two host namespaces is two tenants', () => {
  const dev = (hostNamespace: string) => syncedPod('dev', 'web-0', { hostNamespace });
  expect(counted(arrival({ source: dev('ns-1'), destination: dev('ns-2') }))).toEqual({
    [flows('arrival')]: 1,
    [tenantFlows('ns-1/dev', 'ns-2/dev', 'cross_tenant')]: 1,
    [connections('ns-1/dev', 'ns-2/dev')]: 1,
    ...BY_LABEL,
  });
});

describe('3. a hashed pod name', () => {
  const hashed = 'very-long-deployment-name-for-a-microservice-5d9c7b6-ccd258b959';
  test('with labels is attributed by them', () => {
    const source = { ...B, podName: hashed };
    expect(counted(toA(source))).toEqual(CROSSED_ONCE);
  });
  test('without labels stays unidentified', () => {
    expect(counted(toA(unlabelled('host-ns', hashed)))).toEqual({
      [flows('arrival')]: 1,
      [tenantFlows('__unidentified__', 'team-a', 'unidentified')]: 1,
      [attributed('none')]: 1,
      [attributed('managed_by')]: 1,
    });
  });
});

test('4. a tenant pod that calls itself app=vcluster stays its owner’s', () => {
  const source = syncedPod('team-b', 'curl', { labels: ['k8s:app=vcluster', 'k8s:release=team-a'] });
  expect(counted(toA(source))).toEqual(CROSSED_ONCE);
});

describe('5. control planes', () => {
  const controlPlane = (vcluster: string) =>
    hostPod(vcluster, `${vcluster}-0`, [
      'k8s:app=vcluster',
      `k8s:release=${vcluster}`,
      `k8s:io.cilium.k8s.policy.serviceaccount=vc-${vcluster}`,
    ]);
  test('A’s control plane and A’s pods are one tenant, both ways', () => {
    const flowsSeen = [
      arrival({ source: A, destination: controlPlane('team-a') }),
      arrival({ source: controlPlane('team-a'), destination: A, l4: tcp(TcpFlag.SYN, 41_000, 8080) }),
    ];
    expect(counted(...flowsSeen)).toEqual({
      [flows('arrival')]: 2,
      [tenantFlows('team-a', 'team-a', 'intra_tenant')]: 2,
      [attributed('managed_by')]: 1,
      [attributed('service_account')]: 1,
    });
  });
  test('A’s pod at B’s control plane has crossed', () => {
    expect(counted(arrival({ source: A, destination: controlPlane('team-b') }))).toEqual({
      [flows('arrival')]: 1,
      [tenantFlows('team-a', 'team-b', 'cross_tenant')]: 1,
      [connections('team-a', 'team-b')]: 1,
      [attributed('managed_by')]: 1,
      [attributed('service_account')]: 1,
    });
  });
});

describe('6. what is not between tenants', () => {
  test.each<[string, Endpoint, Endpoint, string]>([
    ['host to tenant', reserved('host', 1), A, tenantFlows('__platform__', 'team-a', 'platform_to_tenant')],
    [
      'tenant to kube-system’s DNS',
      A,
      hostPod('kube-system', 'coredns-789c5fbdb4-qhj2d'),
      tenantFlows('team-a', '__platform__', 'tenant_to_platform'),
    ],
    ['tenant to world', A, reserved('world', 2), tenantFlows('team-a', '__world__', 'tenant_to_world')],
    ['world to tenant', reserved('world', 2), A, tenantFlows('__world__', 'team-a', 'world_to_tenant')],
    [
      'ingress to tenant',
      reserved('ingress', 8),
      A,
      tenantFlows('__platform__', 'team-a', 'platform_to_tenant'),
    ],
  ])('%s', (_, source, destination, sample) => {
    expect(counted(arrival({ source, destination }))).toEqual({
      [flows('arrival')]: 1,
      [sample]: 1,
      [attributed('managed_by')]: 1,
    });
  });
});

test('7. to-overlay at one node and to-endpoint at the other are one connection', () => {
  expect(counted(arrival({ subType: 4, nodeName: 'worker-1' }), arrival({ nodeName: 'worker-2' }))).toEqual({
    ...CROSSED_ONCE,
    [flows('transit')]: 1,
  });
});

test('8. SYN, ACK, PSH and FIN of one connection are one connection', () => {
  const later = [TcpFlag.ACK, TcpFlag.PSH | TcpFlag.ACK, TcpFlag.FIN | TcpFlag.ACK];
  expect(counted(arrival(), ...later.map((flags) => established({ l4: tcp(flags) })))).toEqual({
    ...CROSSED_ONCE,
    [flows('arrival')]: 4,
    [tenantFlows('team-b', 'team-a', 'cross_tenant')]: 4,
  });
});

test('9. the SYN-ACK that arrives at the client is no crossing back', () => {
  const reply = arrival({
    source: A,
    destination: B,
    isReply: true,
    traceReason: TraceReason.REPLY,
    l4: tcp(TcpFlag.SYN | TcpFlag.ACK, 80, 40_000),
  });
  expect(counted(reply)).toEqual({ [flows('reply')]: 1 });
});

describe('10. policy verdicts count nothing by themselves', () => {
  test('an ingress verdict and the arrival it allowed are one connection', () => {
    expect(counted(policyVerdict(), arrival())).toEqual({ ...CROSSED_ONCE, [flows('policy_verdict')]: 1 });
  });
  test('allowed at egress and dropped at ingress is denied, not allowed', () => {
    const egress = policyVerdict({ trafficDirection: TrafficDirection.EGRESS, nodeName: 'worker-2' });
    expect(counted(egress, denial())).toEqual({
      [flows('policy_verdict')]: 1,
      [flows('denial')]: 1,
      [tenantFlows('team-b', 'team-a', 'cross_tenant', 'denied')]: 1,
      [connections('team-b', 'team-a', 'denied')]: 1,
      ...BY_LABEL,
    });
  });
});

test('11. the drop event and the policy verdict of one drop are one denied connection', () => {
  const verdict = policyVerdict({ verdict: HubbleVerdict.DROPPED, dropReason: 133, isReply: undefined });
  const retransmitted = [1, 3, 7].flatMap((seconds) => [
    { ...verdict, time: T0 + seconds * 1_000 },
    denial({ time: T0 + seconds * 1_000 }),
  ]);
  expect(counted(verdict, denial(), ...retransmitted)).toEqual({
    [flows('policy_verdict')]: 4,
    [flows('denial')]: 4,
    [tenantFlows('team-b', 'team-a', 'cross_tenant', 'denied')]: 4,
    [connections('team-b', 'team-a', 'denied')]: 1,
    ...BY_LABEL,
  });
});

test('12. an AUDIT verdict and the arrival are one connection, audited and not allowed', () => {
  const audit = policyVerdict({ verdict: HubbleVerdict.AUDIT });
  expect(counted(audit, arrival(), established())).toEqual({
    [flows('policy_verdict')]: 1,
    [flows('arrival')]: 2,
    [tenantFlows('team-b', 'team-a', 'cross_tenant', 'audited')]: 2,
    [connections('team-b', 'team-a', 'audited')]: 1,
    ...BY_LABEL,
  });
});

test('13. redirected to the proxy, to-proxy, L7 records and the proxy’s own leg are one connection', () => {
  const redirected = policyVerdict({ verdict: HubbleVerdict.REDIRECTED });
  const toProxy = arrival({ subType: 1 });
  const request = arrival({ eventType: EventType.L7, isReply: false });
  const response = arrival({ eventType: EventType.L7, isReply: true, source: A, destination: B });
  // The proxy's leg to the server: the client's identity from the node's own address.
  const upstream = established({ sourceIp: '10.0.2.1', source: { ...B, namespace: '', podName: '' } });
  expect(counted(redirected, toProxy, request, upstream, response)).toEqual({
    ...CROSSED_ONCE,
    [flows('policy_verdict')]: 1,
    [flows('transit')]: 1,
    [flows('l7')]: 2,
    [attributed('managed_by')]: 3, // the proxy's leg shows the client without its pod name: one endpoint more
  });
});

test('14. socket translations count nothing', () => {
  const translated = [HubbleVerdict.TRACED, HubbleVerdict.TRANSLATED].map((verdict) =>
    arrival({ eventType: EventType.SOCK, verdict, isReply: undefined, l4: tcp(0, 0, 80) }),
  );
  expect(counted(...translated)).toEqual({ [flows('socket')]: 2 });
});

test('15. an ICMP error that answers is no crossing in the other direction', () => {
  const error = arrival({
    source: A,
    destination: B,
    l4: icmp(3, 3),
    traceReason: TraceReason.RELATED,
    isReply: false,
  });
  expect(counted(error)).toEqual({ [flows('related')]: 1 });
});

test('16. a direction that Hubble does not know is not counted', () => {
  expect(counted(arrival({ isReply: undefined, traceReason: TraceReason.UNKNOWN }))).toEqual({
    [flows('undirected')]: 1,
  });
});

test.each([TrafficDirection.EGRESS, TrafficDirection.INGRESS, TrafficDirection.UNKNOWN])(
  '17. to-endpoint counts whatever its traffic direction says (%i)',
  (trafficDirection) => {
    expect(counted(arrival({ trafficDirection }))).toEqual(CROSSED_ONCE);
  },
);

describe('20. a flow without a pod name but with labels, as the proxy sends', () => {
  test('is attributed by its labels', () => {
    expect(counted(toA({ ...B, podName: '', namespace: '' }))).toEqual(CROSSED_ONCE);
  });
});

test('21. a label and a name that disagree: the label wins, and the conflict is counted', () => {
  const source = { ...B, podName: 'web-x-prod-x-team-a' };
  expect(counted(toA(source))).toEqual({ ...CROSSED_ONCE, 'attribution_conflicts_total{}': 1 });
});

test('24. a verdict number of a newer server is neither allowed nor denied', () => {
  expect(counted(arrival({ verdict: 99 }))).toEqual({ [flows('other')]: 1 });
});

test('25. a flow without a time counts like any other', () => {
  expect(counted(arrival({ time: undefined }))).toEqual(CROSSED_ONCE);
});

describe('agreed traffic', () => {
  test('is counted apart, and an agreement for one port covers no other', () => {
    const whole = createWholePipeline({
      expected: [
        {
          source: 'team-b',
          destination: 'team-a',
          ports: [{ port: 80, protocol: 'tcp' }],
          reason: 'shared proxy',
          until: undefined,
        },
      ],
    });
    whole.take(arrival());
    whole.take(arrival({ l4: tcp(TcpFlag.SYN, 40_000, 443) }));
    whole.take(arrival({ l4: udp(40_000, 80) }));
    const samples = countedSamples(whole);
    expect(samples[connections('team-b', 'team-a').replace('false', 'true')]).toBe(1);
    expect(samples[connections('team-b', 'team-a')]).toBe(1);
    expect(samples[connections('team-b', 'team-a', 'allowed', 'udp')]).toBe(1);
  });
});

test('the policies that let a crossing through are named with it', () => {
  const whole = createWholePipeline();
  const allow = { kind: 'CiliumNetworkPolicy', namespace: 'team-a', name: 'allow-all' };
  whole.take(policyVerdict({ allowedBy: [allow] }));
  whole.take(arrival());
  expect(whole.crossings.recent({ limit: 1 })[0]?.crossing.policies).toEqual([allow]);
});

test('the first flow of a namespace: what the destination’s labels teach holds for its source at once', () => {
  const name = 'host-ns/team-x-prod';
  const source = unlabelled('host-ns', 'web-0-x-default-x-team-x-prod');
  const destination = syncedPod('team-x-prod', 'db', { hostNamespace: 'host-ns' });
  expect(counted(arrival({ source, destination }))).toMatchObject({
    [tenantFlows(name, name, 'intra_tenant')]: 1,
  });
});

test('an endpoint without anything to go by is unidentified, never the platform', () => {
  expect(counted(toA(endpoint({ identity: 0 })))).toEqual({
    [flows('arrival')]: 1,
    [tenantFlows('__unidentified__', 'team-a', 'unidentified')]: 1,
    [attributed('managed_by')]: 1,
  });
});

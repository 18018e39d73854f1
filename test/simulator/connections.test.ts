import { describe, expect, test } from 'vitest';
import { Cluster } from '../../src/simulator/cluster.js';
import { eventsOf, outcomeOf, type Attempt, type ConnectionEvent } from '../../src/simulator/connections.js';
import { ping, tcpLong, tcpRefused, tcpRequest, udpUnreachable } from '../../src/simulator/conversations.js';
import { beforeIpcache, ciliumIngress, host, world } from '../../src/simulator/peers.js';
import {
  allow,
  audit,
  authRequired,
  denyBy,
  denyByDefault,
  policy,
  redirect,
} from '../../src/simulator/policies.js';
import { seededRandom } from '../../src/simulator/random.js';
import { Tenant } from '../../src/simulator/tenants.js';

const cluster = new Cluster({ name: 'prod', nodes: ['n1', 'n2', 'n3'] });
const teamA = new Tenant(cluster, { vcluster: 'team-a', hostNamespace: 'team-a' });
const teamB = new Tenant(cluster, { vcluster: 'team-b', hostNamespace: 'team-b' });
const client = teamB.pod({ name: 'client', labels: { app: 'client' }, node: 'n1' });
const server = teamA.pod({ name: 'server', labels: { app: 'server' }, node: 'n2' });
const neighbour = teamA.pod({ name: 'neighbour', labels: { app: 'n' }, node: 'n1' });
const coredns = cluster.pod({ name: 'coredns-1', namespace: 'kube-system', node: 'n3' });
const rule = policy('only-friends', 'team-a');
const tcp: Attempt = { from: client, to: server, protocol: 'tcp', port: 80 };

const VERDICT = ['unknown', 'forwarded', 'dropped', 'error', 'audit', 'redirected', 'traced', 'translated'];
const REASON = ['unknown', 'new', 'established', 'reply', 'related'];
const POINT: Readonly<Record<string, string>> = {
  0: 'to-endpoint',
  1: 'to-proxy',
  3: 'to-stack',
  4: 'to-overlay',
  11: 'to-network',
};

/** One event as a line of domain words: node, event, verdict, reason, flags. */
function line(event: ConnectionEvent): string {
  const { flow } = event;
  const { type, sub_type = 0 } = flow.event_type;
  const names: Readonly<Record<number, string>> = {
    1: `drop ${sub_type}`,
    4: POINT[sub_type] ?? String(sub_type),
    5: `policy-verdict ${flow.traffic_direction === 1 ? 'ingress' : 'egress'}`,
    7: `sock ${sub_type}`,
    129: 'l7',
  };
  const reason = type === 4 ? ` ${REASON[flow.trace_reason ?? 0] ?? ''}` : '';
  const flags = flow.Summary.replace('TCP Flags: ', '').replaceAll(', ', '|');
  return `${event.node.replace('prod/', '')} ${names[type] ?? type} ${VERDICT[flow.verdict] ?? ''}${reason} ${flags}`;
}

function story(attempt: Attempt): string[] {
  return eventsOf(attempt, seededRandom(1)).map(line);
}

const arrivals = (attempt: Attempt): ConnectionEvent[] =>
  eventsOf(attempt, seededRandom(1)).filter((event) => event.proves === 'arrival');

describe('one allowed TCP connection between two nodes', () => {
  test('is reported at both nodes, both ways, once for each new flag (domain C.3)', () => {
    expect(story(tcp)).toEqual([
      'n1 to-overlay forwarded new SYN',
      'n2 to-endpoint forwarded new SYN',
      'n2 to-overlay forwarded reply SYN|ACK',
      'n1 to-endpoint forwarded reply SYN|ACK',
      'n1 to-overlay forwarded established ACK',
      'n1 to-overlay forwarded established ACK|PSH',
      'n2 to-endpoint forwarded established ACK',
      'n2 to-endpoint forwarded established ACK|PSH',
      'n2 to-overlay forwarded reply ACK|PSH',
      'n1 to-endpoint forwarded reply ACK|PSH',
      'n1 to-overlay forwarded established ACK|FIN',
      'n2 to-endpoint forwarded established ACK|FIN',
      'n2 to-overlay forwarded reply ACK|FIN',
      'n1 to-endpoint forwarded reply ACK|FIN',
    ]);
  });

  test('has a policy verdict before its first packet wherever a policy is enforced, and only there', () => {
    const verdicts = story({ ...tcp, egress: allow(rule), ingress: allow(rule) }).filter((text) =>
      text.includes('policy'),
    );
    expect(verdicts).toEqual([
      'n1 policy-verdict egress forwarded SYN',
      'n2 policy-verdict ingress forwarded SYN',
    ]);
    expect(story(tcp).filter((text) => text.includes('policy'))).toEqual([]);
  });

  test('names its policies on the verdict and on no trace', () => {
    const events = eventsOf({ ...tcp, egress: allow(rule), ingress: allow(rule) }, seededRandom(1));
    const naming = events.filter(({ flow }) => flow.egress_allowed_by ?? flow.ingress_allowed_by);
    expect(naming.map(({ flow }) => flow.event_type.type)).toEqual([5, 5]);
    expect(
      naming.map(({ flow }) => [flow.egress_allowed_by?.[0]?.name, flow.ingress_allowed_by?.[0]?.name]),
    ).toEqual([
      ['only-friends', undefined],
      [undefined, 'only-friends'],
    ]);
  });

  test('says EGRESS on every forward trace at the destination, as Cilium since 1.16 does', () => {
    expect(new Set(arrivals(tcp).map(({ flow }) => flow.traffic_direction))).toEqual(new Set([2]));
  });

  test('gives replies the direction of the connection as their endpoint sees it', () => {
    const replies = eventsOf(tcp, seededRandom(1)).filter(({ flow }) => flow.is_reply?.value === true);
    const direction = (subType: number): Set<unknown> =>
      new Set(
        replies.filter((e) => e.flow.event_type.sub_type === subType).map((e) => e.flow.traffic_direction),
      );
    expect([direction(0), direction(4)]).toEqual([new Set([2]), new Set([1])]);
  });

  test('describes a local end with number and interface, a remote one without', () => {
    const [leaving, arriving] = eventsOf(tcp, seededRandom(1));
    expect(leaving?.flow.source.ID).toBeGreaterThan(0);
    expect(leaving?.flow.destination.ID).toBeUndefined();
    expect(arriving?.flow.source.ID).toBeUndefined();
    expect(arriving?.flow.destination.ID).toBeGreaterThan(0);
    expect(arriving?.flow.interface?.name).toMatch(/^lxc/);
    expect(arriving?.flow.trace_observation_point).toBe(101);
  });

  test('carries the node name with its cluster, and the node labels', () => {
    const [first] = eventsOf(tcp, seededRandom(1));
    expect(first?.flow.node_name).toBe('prod/n1');
    expect(first?.flow.node_labels).toContain('kubernetes.io/hostname=n1');
    expect(new Cluster().nodes[0]?.nodeName).toBe('worker-1');
  });

  test('does not let its packets overtake each other', () => {
    for (let seed = 0; seed < 50; seed++) {
      const summaries = eventsOf(tcp, seededRandom(seed))
        .filter((e) => e.proves === 'arrival')
        .map((e) => e.flow.Summary);
      expect(summaries).toEqual([
        'TCP Flags: SYN',
        'TCP Flags: ACK',
        'TCP Flags: ACK, PSH',
        'TCP Flags: ACK, FIN',
      ]);
    }
  });
});

describe('where a packet is traced as it leaves', () => {
  const first = (attempt: Attempt): string | undefined => story(attempt)[0];
  const in_ = (datapath: object): Attempt => {
    const other = new Cluster({ name: 'prod', nodes: ['n1', 'n2'], datapath });
    const pod = (name: string, node: string) => other.pod({ name, namespace: 'x', node });
    return { from: pod('a', 'n1'), to: pod('b', 'n2'), protocol: 'tcp', port: 1 };
  };

  test('is the overlay in tunnel mode, the network with native routing, the stack with legacy routing', () => {
    expect(first(tcp)).toContain('to-overlay');
    expect(first(in_({ routing: 'native' }))).toContain('to-network');
    expect(first(in_({ routing: 'legacy' }))).toContain('to-stack');
  });

  test('is nowhere between two pods of one node, except with endpoint routes', () => {
    const local: Attempt = { ...tcp, to: neighbour };
    expect(new Set(story(local).map((text) => text.split(' ')[1]))).toEqual(new Set(['to-endpoint']));
    const { from, to } = in_({ endpointRoutes: true });
    const sameNode = { ...to, node: from.node };
    expect(first({ from, to: sameNode, protocol: 'tcp', port: 1 })).toContain('to-stack');
  });

  test('is the network towards the world, where nobody reports the other side', () => {
    const out: Attempt = { ...tcp, to: world('203.0.113.9') };
    expect(story(out)[0]).toBe('n1 to-network forwarded new SYN');
    expect(arrivals(out)).toEqual([]);
  });
});

describe('a connection that a policy forbids', () => {
  test('on the way out gives a verdict and a drop for every retransmission, and leaves no other trace', () => {
    const denied = { ...tcp, egress: denyByDefault };
    expect(outcomeOf(denied)).toBe('denied');
    expect(story(denied)).toEqual(
      Array.from({ length: 3 }, () => [
        'n1 policy-verdict egress dropped SYN',
        'n1 drop 133 dropped SYN',
      ]).flat(),
    );
  });

  test('on the way in is still FORWARDED at the client, and dropped at the server', () => {
    expect(story({ ...tcp, ingress: denyByDefault })).toEqual([
      'n1 to-overlay forwarded new SYN',
      ...Array.from({ length: 3 }, () => [
        'n2 policy-verdict ingress dropped SYN',
        'n2 drop 133 dropped SYN',
      ]).flat(),
    ]);
  });

  test('is retransmitted after 1 and 3 seconds', () => {
    const drops = eventsOf({ ...tcp, egress: denyByDefault }, seededRandom(1)).filter(
      (e) => e.proves === 'denial',
    );
    expect(drops.map((event) => Math.round(event.delayMs / 1000))).toEqual([0, 1, 3]);
  });

  test('does not say whether it was a reply', () => {
    const events = eventsOf({ ...tcp, ingress: denyByDefault }, seededRandom(1)).filter(
      (e) => e.flow.verdict === 2,
    );
    expect(events.every((event) => event.flow.is_reply === undefined)).toBe(true);
  });

  test('names the policy only where a deny rule matched', () => {
    const named = (ingress: Attempt['ingress']): unknown[] =>
      eventsOf({ ...tcp, ...(ingress === undefined ? {} : { ingress }) }, seededRandom(1)).flatMap(
        (e) => e.flow.ingress_denied_by ?? [],
      );
    expect(named(denyByDefault)).toEqual([]);
    expect(named(denyBy(rule))).toContain(rule);
    expect(story({ ...tcp, ingress: denyBy(rule) })).toContain('n2 drop 181 dropped SYN');
    expect(story({ ...tcp, ingress: authRequired })).toContain('n2 drop 189 dropped SYN');
  });

  test('never arrives', () => {
    for (const attempt of [
      { ...tcp, egress: denyByDefault },
      { ...tcp, ingress: denyByDefault },
    ]) {
      expect(arrivals(attempt)).toEqual([]);
    }
  });
});

describe('policy audit mode', () => {
  test('reports AUDIT and then the arrival like any other', () => {
    const audited = { ...tcp, ingress: audit };
    expect(outcomeOf(audited)).toBe('audited');
    expect(story(audited).slice(1, 3)).toEqual([
      'n2 policy-verdict ingress audit SYN',
      'n2 to-endpoint forwarded new SYN',
    ]);
  });
});

describe('a rule for layer 7', () => {
  test('on the server: redirected to the proxy, logged, and one arrival that is ESTABLISHED', () => {
    const proxied = { ...tcp, ingress: redirect(rule) };
    const told = story(proxied);
    expect(told).toContain('n2 policy-verdict ingress redirected SYN');
    expect(told).toContain('n2 to-proxy forwarded new SYN');
    expect(told.filter((text) => text.startsWith('n2 l7'))).toHaveLength(2);
    expect(arrivals(proxied).map(line)[0]).toBe('n2 to-endpoint forwarded established SYN');
    expect(told).not.toContain('n2 to-endpoint forwarded new SYN');
  });

  test('logs requests from the client and responses from the server, both INGRESS', () => {
    const records = eventsOf({ ...tcp, ingress: redirect(rule) }, seededRandom(1)).filter(
      (e) => e.flow.event_type.type === 129,
    );
    expect(
      records.map(({ flow }) => [flow.is_reply?.value, flow.traffic_direction, flow.source.namespace]),
    ).toEqual([
      [false, 1, 'team-b'],
      [true, 1, 'team-a'],
    ]);
  });

  test('on the client, for DNS: the proxy asks from the node, with the labels of the pod and without its name', () => {
    const asked: Attempt = { from: client, to: coredns, protocol: 'udp', port: 53, egress: redirect(rule) };
    const [first] = arrivals(asked);
    expect(first?.node).toBe('prod/n3');
    expect(first?.flow.IP.source).toBe(client.node?.ip);
    expect(first?.flow.source.labels).toEqual(client.local.labels);
    expect(first?.flow.source.pod_name).toBeUndefined();
    expect(story(asked)[0]).toBe('n1 policy-verdict egress redirected UDP');
  });
});

describe('other conversations', () => {
  test('a Service gives two socket events before the first packet, without reply and source port', () => {
    const service = { name: 'web', namespace: 'team-a', ip: '10.96.7.7' };
    const events = eventsOf({ ...tcp, service }, seededRandom(1));
    expect(events.slice(0, 2).map(line)).toEqual(['n1 sock 1 traced TCP', 'n1 sock 2 translated TCP']);
    expect(events[0]?.flow.destination_service?.name).toBe('web');
    expect(events[0]?.flow.IP.destination).toBe('10.96.7.7');
    expect(events[1]?.flow.IP.destination).toBe(server.ip);
    for (const { flow } of events.slice(0, 2)) {
      expect(flow.is_reply).toBeUndefined();
      expect(flow.l4).toMatchObject({ TCP: { source_port: 0 } });
    }
  });

  test('with per-packet translation there are none, and replies keep the address that the client believed in', () => {
    const other = new Cluster({ nodes: ['n1', 'n2'], datapath: { serviceTranslation: 'packet' } });
    const from = other.pod({ name: 'a', namespace: 'x', node: 'n1' });
    const to = other.pod({ name: 'b', namespace: 'x', node: 'n2' });
    const service = { name: 'web', namespace: 'x', ip: '10.96.7.7' };
    const events = eventsOf({ from, to, protocol: 'tcp', port: 80, service }, seededRandom(1));
    expect(events.some(({ flow }) => flow.event_type.type === 7)).toBe(false);
    const reply = events.find(({ flow }) => flow.event_type.sub_type === 0 && flow.is_reply?.value === true);
    expect(reply?.flow.IP).toMatchObject({ source: to.ip, source_xlated: '10.96.7.7' });
  });

  test('ping: the first request is NEW, the next within five seconds go unreported, answers are replies', () => {
    expect(story({ from: client, to: server, protocol: 'icmp', conversation: ping({ count: 4 }) })).toEqual([
      'n1 to-overlay forwarded new ICMPv4 EchoRequest',
      'n2 to-endpoint forwarded new ICMPv4 EchoRequest',
      'n2 to-overlay forwarded reply ICMPv4 EchoReply',
      'n1 to-endpoint forwarded reply ICMPv4 EchoReply',
    ]);
    const long = story({ from: client, to: server, protocol: 'icmp', conversation: ping({ count: 7 }) });
    expect(long).toContain('n2 to-endpoint forwarded established ICMPv4 EchoRequest');
  });

  test('DNS: every datagram is reported, the second as ESTABLISHED', () => {
    const asked = story({ from: client, to: coredns, protocol: 'udp', port: 53 });
    expect(asked.filter((text) => text.startsWith('n3 to-endpoint'))).toEqual([
      'n3 to-endpoint forwarded new UDP',
      'n3 to-endpoint forwarded established UDP',
    ]);
  });

  test('an ICMP error is RELATED and no reply, from server to client, and proves no arrival', () => {
    const events = eventsOf(
      { from: client, to: server, protocol: 'udp', port: 9, conversation: udpUnreachable() },
      seededRandom(1),
    );
    const errors = events.filter(({ flow }) => flow.trace_reason === 4);
    expect(errors.map(line)).toEqual([
      'n2 to-overlay forwarded related ICMPv4 DestinationUnreachable(Port)',
      'n1 to-endpoint forwarded related ICMPv4 DestinationUnreachable(Port)',
    ]);
    expect(errors.every(({ flow, proves }) => flow.is_reply?.value === false && proves === undefined)).toBe(
      true,
    );
  });

  test('a closed port is an arrival all the same: the policy let the packet through', () => {
    const refused = { ...tcp, conversation: tcpRefused() };
    expect(arrivals(refused)).toHaveLength(1);
    expect(story(refused).at(-1)).toBe('n1 to-endpoint forwarded reply ACK|RST');
  });

  test('a long connection is reported every five seconds at each point and in each direction', () => {
    const long = { ...tcp, conversation: tcpLong({ lastsMs: 21_000, everyMs: 1000 }) };
    const pushes = eventsOf(long, seededRandom(1)).filter(
      (e) => e.proves === 'arrival' && e.flow.Summary.includes('PSH'),
    );
    expect(pushes.map((event) => Math.round(event.delayMs / 1000))).toEqual([1, 6, 11, 16]);
  });

  test('a kubelet probe comes from the host, and its answer goes to the stack', () => {
    const probe: Attempt = {
      from: host(cluster.node('n2')),
      to: server,
      protocol: 'tcp',
      port: 8080,
      conversation: tcpRequest(),
    };
    expect(story(probe).slice(0, 2)).toEqual([
      'n2 to-endpoint forwarded new SYN',
      'n2 to-stack forwarded reply SYN|ACK',
    ]);
    expect(arrivals(probe)[0]?.flow.source.labels).toEqual(['reserved:host']);
  });

  test('a node seen from another node is remote-node, and its packets leave without a known reason', () => {
    const far: Attempt = { from: host(cluster.node('n1')), to: server, protocol: 'tcp', port: 8080 };
    const [leaving, arriving] = eventsOf(far, seededRandom(1));
    expect(leaving?.flow.is_reply).toBeUndefined();
    expect(arriving?.flow.source.labels).toEqual(['reserved:remote-node']);
  });

  test("Cilium's ingress is a source without a pod, seen at its own node and at the server's", () => {
    const from = ciliumIngress(cluster.node('n1'), '10.10.0.149');
    const [leaving, arriving] = eventsOf({ from, to: server, protocol: 'tcp', port: 80 }, seededRandom(1));
    expect(leaving?.flow.source).toMatchObject({ identity: 8, labels: ['reserved:ingress'] });
    expect(leaving?.flow.is_reply).toBeUndefined();
    expect([arriving?.flow.source.pod_name, arriving?.flow.source.ID]).toEqual([undefined, undefined]);
  });

  test('before the ipcache knows a pod, the other node has its labels and not its name', () => {
    const [, arriving] = eventsOf({ ...tcp, from: beforeIpcache(client) }, seededRandom(1));
    expect(arriving?.flow.source.pod_name).toBeUndefined();
    expect(arriving?.flow.source.labels).toEqual(client.local.labels);
  });
});

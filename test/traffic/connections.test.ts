import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { createConnections } from '../../src/traffic/connections.js';
import { readRemembered } from '../../src/traffic/remembered.js';
import { TcpFlag, TraceReason, type Flow } from '../../src/model.js';
import { T0, arrival, denial, established, icmp, tcp, udp } from '../fixtures/flows.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Feeds flows in order, each at its own time, and returns how many connections were counted. */
function counted(flows: Flow[], connections = createConnections(1_000)): number {
  return flows.filter((flow) => connections.arrival(flow, false, flow.time ?? T0).isNew).length;
}
const at = (seconds: number) => ({ time: T0 + seconds * SECOND });

describe('over a restart', () => {
  const over = (connections: ReturnType<typeof createConnections>, now: number): typeof connections => {
    const saved = readRemembered(JSON.parse(JSON.stringify(connections.remembered(now))));
    if (saved === undefined || saved === 'unusable') throw new Error('not readable');
    return createConnections(1_000, saved);
  };
  test('an open connection stays one, with the verdict it had', () => {
    const before = createConnections(1_000);
    before.arrival(arrival(at(0)), true, T0);
    before.arrival(established(at(1)), false, T0 + SECOND);
    const after = over(over(before, T0 + SECOND), T0 + SECOND);
    const going = after.arrival(established(at(3_600)), false, T0 + 60 * MINUTE);
    expect(going).toMatchObject({ isNew: false, verdict: 'audited' });
  });
  test('a denied one that tries again stays one', () => {
    const before = createConnections(1_000);
    before.denial(denial(at(0)), T0);
    expect(over(before, T0).denial(denial(at(30)), T0 + 30 * SECOND).isNew).toBe(false);
  });
  test('a new one over the same ports is another', () => {
    const before = createConnections(1_000);
    counted([arrival(at(0)), established({ l4: tcp(TcpFlag.FIN | TcpFlag.ACK), ...at(1) })], before);
    expect(over(before, T0 + SECOND).arrival(arrival(at(2)), false, T0 + 2 * SECOND).isNew).toBe(true);
  });
  test('more than is kept: a flood pushes out its own, never what is established before it', () => {
    const before = createConnections(60_000);
    counted([arrival({ sourceIp: '10.9.9.9' }), established({ sourceIp: '10.9.9.9' })], before);
    for (let i = 0; i < 55_000; i += 1)
      before.denial(denial({ sourceIp: `10.1.${i >> 8}.${i & 255}`, ...at(1) }), T0 + SECOND);
    const kept = before.remembered(T0 + SECOND);
    expect(kept).toHaveLength(50_000);
    const after = createConnections(60_000, kept);
    expect(counted([established({ sourceIp: '10.9.9.9', ...at(2) })], after)).toBe(0);
  });
  test('what a smaller table has no room for is counted as forgotten early', () => {
    const before = createConnections(1_000);
    for (let port = 0; port < 30; port += 1)
      counted([arrival({ l4: tcp(TcpFlag.SYN, 1_024 + port) })], before);
    const after = createConnections(10, before.remembered(T0));
    expect(after.tracked(T0)).toBe(10);
    expect(after.evicted).toBe(20);
  });
  test('what had expired is not kept', () => {
    const before = createConnections(1_000);
    before.arrival(arrival(at(0)), false, T0);
    expect(before.remembered(T0 + 10 * MINUTE)).toEqual([]);
  });
  test('two connections never get one number', () => {
    const before = createConnections(1_000);
    const first = before.arrival(arrival(at(0)), false, T0);
    const other = over(before, T0).arrival(arrival({ ...at(1), sourceIp: '10.0.9.9' }), false, T0 + SECOND);
    expect(other.connection).not.toBe(first.connection);
  });
  test.each([[null], ['text'], [[1]], [[{ key: 'a' }]], [[{ key: 'a', verdict: 'maybe' }]]])(
    'what is no list of connections is told apart: %j',
    (saved) => expect(readRemembered(saved)).toBe('unusable'),
  );
});

describe('one TCP connection is one', () => {
  test('SYN, ACK, PSH, FIN', () => {
    const flags = [TcpFlag.SYN, TcpFlag.ACK, TcpFlag.PSH | TcpFlag.ACK, TcpFlag.FIN | TcpFlag.ACK];
    const flows = flags.map((flag, i) =>
      arrival({ l4: tcp(flag), traceReason: i === 0 ? TraceReason.NEW : TraceReason.ESTABLISHED }),
    );
    expect(counted(flows)).toBe(1);
  });
  test('a retransmitted SYN that tracking calls NEW again', () => {
    expect(counted([arrival(at(0)), arrival(at(1)), arrival(at(3)), arrival(at(7))])).toBe(1);
  });
  test('two CPUs that report the SYN at once', () => {
    expect(counted([arrival(), arrival()])).toBe(1);
  });
  test('an idle connection that goes on after two hours', () => {
    expect(counted([arrival(), established(at(1)), established(at(7_200))])).toBe(1);
  });
  test('a straggler after the FIN', () => {
    const fin = established({ l4: tcp(TcpFlag.FIN | TcpFlag.ACK), ...at(2) });
    expect(counted([arrival(), fin, established(at(3))])).toBe(1);
  });
  test('one that began before we looked counts once', () => {
    expect(counted([established(at(0)), established(at(5)), established(at(10))])).toBe(1);
  });
  test('a flow without a time', () => {
    expect(counted([arrival({ time: undefined }), established({ time: undefined })])).toBe(1);
  });
  test('before Cilium 1.16, where no reason is given, a SYN opens and the rest belongs to it', () => {
    const reason = { traceReason: TraceReason.UNKNOWN };
    const flows = [arrival(reason), established({ ...reason, ...at(1) }), arrival({ ...reason, ...at(1) })];
    expect(counted(flows)).toBe(1);
  });
});

describe('another connection is another', () => {
  test.each<[string, Partial<Flow>]>([
    ['another source port', { l4: tcp(TcpFlag.SYN, 40_001) }],
    ['another destination port', { l4: tcp(TcpFlag.SYN, 40_000, 443) }],
    ['another source address', { sourceIp: '10.0.1.11' }],
    ['another destination address', { destinationIp: '10.0.2.21' }],
    ['another protocol', { l4: udp(40_000, 80) }],
    ['another node', { nodeName: 'worker-2' }],
  ])('%s', (_, fields) => {
    expect(counted([arrival(), arrival(fields)])).toBe(2);
  });
  test('the same ports again after a FIN', () => {
    const fin = established({ l4: tcp(TcpFlag.FIN | TcpFlag.ACK), ...at(1) });
    expect(counted([arrival(), fin, arrival(at(5))])).toBe(2);
  });
  test('the same ports again after a RST', () => {
    const rst = established({ l4: tcp(TcpFlag.RST), ...at(1) });
    expect(counted([arrival(), rst, arrival(at(2))])).toBe(2);
  });
  test('a SYN long after the last word of a connection nobody saw closed', () => {
    expect(counted([arrival(), established(at(1)), arrival(at(90))])).toBe(2);
  });
  test('B opening its own connection back to A', () => {
    const back = arrival({
      sourceIp: '10.0.2.20',
      destinationIp: '10.0.1.10',
      l4: tcp(TcpFlag.SYN, 80, 40_000),
    });
    expect(counted([arrival(), back])).toBe(2);
  });
});

describe('datagrams', () => {
  const ping = (seconds: number, traceReason: number) => arrival({ l4: icmp(), traceReason, ...at(seconds) });
  test('a ping that goes on is one', () => {
    const flows = [0, 5, 10, 15].map((s) => ping(s, s === 0 ? TraceReason.NEW : TraceReason.ESTABLISHED));
    expect(counted(flows)).toBe(1);
  });
  test('a second ping command is another', () => {
    expect(counted([ping(0, TraceReason.NEW), ping(5, TraceReason.NEW)])).toBe(2);
  });
  test('the same datagram reported twice is one', () => {
    expect(counted([arrival({ l4: udp() }), arrival({ l4: udp(), ...at(0.01) })])).toBe(1);
  });
});

describe('denials', () => {
  test('the retransmitted SYNs of one attempt are one', () => {
    const connections = createConnections(100);
    const times = [0, 1, 3, 7, 15, 31, 63];
    const fresh = times.filter((s) => connections.denial(denial(at(s)), T0 + s * SECOND).isNew);
    expect(fresh).toEqual([0]);
  });
  test('denied first and let through later is one of each', () => {
    const connections = createConnections(100);
    expect(connections.denial(denial(), T0)).toMatchObject({ isNew: true, verdict: 'denied' });
    expect(connections.arrival(arrival(at(1)), false, T0 + SECOND)).toMatchObject({
      isNew: true,
      verdict: 'allowed',
    });
  });
  test('an attempt after the client gave up is another', () => {
    const connections = createConnections(100);
    connections.denial(denial(), T0);
    connections.tracked(T0 + 5 * MINUTE);
    expect(connections.denial(denial(at(300)), T0 + 5 * MINUTE).isNew).toBe(true);
  });
});

describe('audited', () => {
  test('a connection keeps the verdict it was counted with', () => {
    const connections = createConnections(100);
    expect(connections.arrival(arrival(), true, T0).verdict).toBe('audited');
    expect(connections.arrival(established(at(1)), false, T0 + SECOND)).toMatchObject({
      isNew: false,
      verdict: 'audited',
    });
  });
});

describe('the table is bounded', () => {
  const scan = (count: number, first = 0) =>
    Array.from({ length: count }, (_, i) => arrival({ l4: tcp(TcpFlag.SYN, 1_024 + first + i) }));

  test('never more than its capacity, and what it forgets early is counted', () => {
    const connections = createConnections(10);
    counted(scan(25), connections);
    expect(connections.tracked(T0)).toBe(10);
    expect(connections.evicted).toBe(15);
  });
  test('a scan cannot push out an established connection', () => {
    const connections = createConnections(10);
    counted([arrival({ sourceIp: '10.9.9.9' }), established({ sourceIp: '10.9.9.9' })], connections);
    counted(scan(1_000), connections);
    expect(counted([established({ sourceIp: '10.9.9.9' })], connections)).toBe(0);
  });
  test('what is surely over leaves without being called an eviction', () => {
    const connections = createConnections(10);
    counted(scan(10), connections);
    expect(connections.tracked(T0 + 5 * MINUTE)).toBe(0);
    expect(connections.evicted).toBe(0);
  });
  test('an established connection stays for as long as Cilium tracks it', () => {
    const connections = createConnections(10);
    counted([arrival(), established()], connections);
    expect(connections.tracked(T0 + 8_000 * SECOND)).toBe(1);
    expect(connections.tracked(T0 + 9_000 * SECOND)).toBe(0);
  });
});

test('any interleaving of any connections counts each exactly once', () => {
  const packet = fc.record({ port: fc.integer({ min: 1, max: 12 }), node: fc.integer({ min: 1, max: 3 }) });
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 200 }), (packets) => {
      const flows = packets.map(({ port, node }, i) =>
        established({ l4: tcp(TcpFlag.ACK, port), nodeName: `n${node}`, ...at(i) }),
      );
      expect(counted(flows)).toBe(new Set(packets.map(({ port, node }) => `${port} ${node}`)).size);
    }),
    { seed: 20_260_115, numRuns: 300 },
  );
});

/** The table of connections against one of plain maps, event by event: the columns must change nothing that counts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createConnections, isOpening } from '../../src/traffic/connections.js';
import { Key } from '../../src/traffic/key.js';
import { NO_ROW, Rows } from '../../src/traffic/rows.js';
import { TcpFlag, TraceReason, type Flow, type Occurrence, type Verdict } from '../../src/model.js';
import { arrival, denial, icmp, T0, tcp, udp } from '../fixtures/flows.js';

interface Known {
  id: number;
  verdict: Verdict;
  flowTime: number;
  touchedAt: number;
  closed: boolean;
}

/** What the table is to do, as simply as it can be said. */
class PlainTable {
  evicted = 0;
  private lastId = 0;
  private readonly lists = { brief: new Map<string, Known>(), established: new Map<string, Known>() };

  private readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  take(flow: Flow, denied: boolean, audited: boolean, now: number): Occurrence {
    const { brief, established } = this.lists;
    const { l4 } = flow;
    const tuple = `${flow.nodeName} ${l4.protocol} ${String(flow.sourceIp)} ${l4.sourcePort} ${String(flow.destinationIp)} ${l4.destinationPort}`;
    const key = denied ? `!${tuple}` : tuple;
    const known = brief.get(key) ?? established.get(key);
    brief.delete(key);
    established.delete(key);
    const time = flow.time ?? now;
    const isStream = l4.protocol === 'tcp' || l4.protocol === 'sctp';
    const again =
      !denied &&
      known !== undefined &&
      isOpening(flow) &&
      (known.closed || Math.abs(time - known.flowTime) > (isStream ? 60_000 : 1_000));
    const isNew = known === undefined || again;
    const verdict: Verdict = denied ? 'denied' : audited ? 'audited' : 'allowed';
    const entry = isNew
      ? { id: ++this.lastId, verdict, flowTime: time, touchedAt: now, closed: false }
      : known;
    entry.touchedAt = now;
    if (!denied) {
      entry.flowTime = Math.max(entry.flowTime, time);
      entry.closed ||= (l4.flags & (TcpFlag.FIN | TcpFlag.RST)) !== 0;
    }
    const handshake = (l4.flags & (TcpFlag.SYN | TcpFlag.ACK)) === TcpFlag.SYN;
    const lasting = !denied && isStream && !entry.closed && !handshake;
    (lasting ? established : brief).set(key, entry);
    this.reclaim(now, 4);
    if (brief.size + established.size > this.capacity) {
      const list = brief.size > 1 ? brief : established;
      list.delete([...list.keys()][0] ?? '');
      this.evicted += 1;
    }
    return { connection: entry.id, isNew, verdict: entry.verdict };
  }

  reclaim(now: number, most: number): void {
    for (const [list, lifetime] of [
      [this.lists.brief, 120_000],
      [this.lists.established, 8_100_000],
    ] as const) {
      let left = most;
      for (const [key, { touchedAt }] of list) {
        if (left-- === 0 || touchedAt >= now - lifetime) break;
        list.delete(key);
      }
    }
  }

  remembered(now: number): unknown[] {
    this.reclaim(now, Infinity);
    const rows = (list: Map<string, Known>, established: boolean) =>
      [...list].map(([key, { verdict, flowTime, touchedAt, closed }]) => ({
        key,
        verdict,
        flowTime,
        touchedAt,
        closed,
        established,
      }));
    return [...rows(this.lists.brief, false), ...rows(this.lists.established, true)];
  }
}

const event = fc.record({
  port: fc.integer({ min: 1, max: 9 }),
  l4: fc.constantFrom('tcp', 'udp', 'icmp'),
  flags: fc.constantFrom(
    TcpFlag.SYN,
    TcpFlag.ACK,
    TcpFlag.ACK | TcpFlag.PSH,
    TcpFlag.FIN | TcpFlag.ACK,
    TcpFlag.RST,
  ),
  traceReason: fc.constantFrom(
    TraceReason.UNKNOWN,
    TraceReason.NEW,
    TraceReason.ESTABLISHED,
    TraceReason.REOPENED,
  ),
  node: fc.constantFrom('worker-1', 'wörker-2'),
  denied: fc.boolean(),
  audited: fc.boolean(),
  hasTime: fc.boolean(),
  /** Seconds since the event before. */
  pause: fc.oneof(
    { weight: 9, arbitrary: fc.nat(5) },
    { weight: 1, arbitrary: fc.constantFrom(59, 61, 121, 8_101) },
  ),
  restart: fc.boolean(),
});

test('columns and plain maps say the same of every event, and remember the same', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 150 }), fc.integer({ min: 1, max: 12 }), (events, capacity) => {
      const table = createConnections(capacity);
      const plain = new PlainTable(capacity);
      let now = T0;
      for (const { port, l4, flags, traceReason, node, denied, audited, hasTime, pause } of events) {
        now += pause * 1_000;
        const header = l4 === 'tcp' ? tcp(flags, port) : l4 === 'udp' ? udp(port) : icmp();
        const fields = { l4: header, traceReason, nodeName: node, time: hasTime ? now - 250 : undefined };
        const flow = denied ? denial(fields) : arrival(fields);
        const said = denied ? table.denial(flow, now) : table.arrival(flow, audited, now);
        expect(said).toEqual(plain.take(flow, denied, audited, now));
        expect(table.evicted).toBe(plain.evicted);
      }
      expect(table.remembered(now)).toEqual(plain.remembered(now));
      expect(createConnections(capacity, table.remembered(now)).remembered(now)).toEqual(
        plain.remembered(now),
      );
      expect(table.tracked(now)).toBe(plain.remembered(now).length);
    }),
    { seed: 20_261_122, numRuns: 400 },
  );
});

function written(text: string): Key {
  const key = new Key();
  key.ofText(text);
  return key;
}

describe('keys', () => {
  test('of connections are the same as of their text, in whatever letters and of whatever length', () => {
    const name = fc.oneof(
      fc.constantFrom('worker-1', 'wörker-2', '', '\x7f', '\x80', 'x'.repeat(400), '世'.repeat(600)),
      fc.string({ unit: 'binary' }),
    );
    const number = fc.oneof(fc.nat(65_535), fc.constantFrom(0, 9, 10, 99, 100, 65_536, 4_294_967_295));
    const bytesOf = ({ bytes, length }: Key) => bytes.toString('latin1', 0, length);
    const key = new Key();
    fc.assert(
      fc.property(
        name,
        name,
        name,
        number,
        number,
        fc.boolean(),
        (nodeName, from, to, source, port, denied) => {
          const flow = arrival({ nodeName, sourceIp: from, destinationIp: to, l4: tcp(0, source, port) });
          const start = denied ? '!' : '';
          const tuple = `tcp ${from} ${source} ${to} ${port}`;
          key.ofConnection(flow, denied);
          expect(bytesOf(key)).toBe(bytesOf(written(`${start}${nodeName} ${tuple}`)));
          key.ofTuple(flow, denied);
          expect(bytesOf(key)).toBe(bytesOf(written(`${start}${tuple}`)));
        },
      ),
      { seed: 7, numRuns: 500 },
    );
  });

  test('are told by every character, and given back as they were', () => {
    const rows = new Rows(100);
    const keys = [
      'node tcp 10.0.0.1 1 10.0.0.2 80',
      'node tcp 10.0.0.1 1 10.0.0.2 8',
      '!node tcp 10.0.0.1 1 10.0.0.2 80',
      'nöde 世界',
    ];
    const found = keys.map((key) => {
      expect(rows.find(written(key))).toBe(NO_ROW);
      return rows.add(written(key));
    });
    expect(keys.map((key) => rows.find(written(key)))).toEqual(found);
    expect(found.map((row) => rows.keyOf(row))).toEqual(keys);
  });
  test('of any length stay apart', () => {
    const rows = new Rows(100);
    const long = '世'.repeat(100_000);
    const found = [long, `${long}a`, long.slice(0, 1_024), long.slice(0, 1_025)].map(
      (key) => (rows.find(written(key)), rows.add(written(key))),
    );
    expect(new Set(found).size).toBe(4);
    expect(rows.find(written(long))).toBe(found[0]);
    expect(rows.find(written(`${long}b`))).toBe(NO_ROW);
    // As the state file keeps it.
    expect(rows.find(written(rows.keyOf(found[1] ?? NO_ROW)))).toBe(found[1]);
  });
});

test('the same connection twice in a state file is one, as the later entry says', () => {
  const one = {
    key: 'n tcp a 1 b 2',
    verdict: 'allowed',
    flowTime: T0,
    touchedAt: T0,
    closed: false,
    established: true,
  } as const;
  const table = createConnections(10, [
    one,
    { ...one, verdict: 'audited', closed: true, established: false },
  ]);
  expect(table.remembered(T0)).toEqual([{ ...one, verdict: 'audited', closed: true, established: false }]);
});

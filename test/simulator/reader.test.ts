import { describe, expect, test } from 'vitest';
import { codecs, type GetFlowsRequest } from '../../src/simulator/messages.js';
import {
  RingReader,
  type FlowsMessage,
  type NextMessage,
  type RingEvent,
} from '../../src/simulator/reader.js';
import { Ring } from '../../src/simulator/ring.js';
import { LostSource, wireTime, type WireFlow } from '../../src/simulator/wire.js';
import { decodeResponse } from './decode.js';

/** A node's ring, a clock, and readers of it. */
class Bench {
  readonly ring: Ring<RingEvent>;
  now = 1_000_000;
  readonly version: string;
  #written = 0;

  constructor(capacity: number, version = '1.19.4') {
    this.ring = new Ring(capacity);
    this.version = version;
  }

  /** Flows `f0`, `f1` … a second apart. */
  write(count: number, change: (flow: WireFlow) => WireFlow = (flow) => flow): void {
    for (let n = 0; n < count; n++) {
      const at = this.#written++;
      const time = at * 1000;
      this.ring.write({ kind: 'flow', time, flow: change(flowNumber(at)) });
    }
  }

  lose(count: number): void {
    const lost = { source: LostSource.PERF_EVENT_RING_BUFFER, num_events_lost: count };
    this.ring.write({ kind: 'lost', time: this.now, lost });
  }

  read(request: GetFlowsRequest): RingReader {
    return new RingReader(
      { ring: this.ring, nodeName: 'n1', version: this.version, now: () => this.now },
      request,
    );
  }

  /** Everything there is to read now, flows as their uuids. */
  all(reader: RingReader): string[] {
    const told: string[] = [];
    for (;;) {
      const next = reader.next();
      if (!isMessage(next)) return [...told, next === 'wait' ? 'wait' : 'end'];
      const { flow, lost_events: lost } = decodeResponse(next.bytes);
      told.push(flow ? flow.uuid : `lost ${lost?.num_events_lost}`);
    }
  }
}

const isMessage = (next: NextMessage): next is FlowsMessage => typeof next === 'object' && 'bytes' in next;

function flowNumber(at: number): WireFlow {
  const nobody = { identity: 1, labels: [] };
  return {
    uuid: `f${at}`,
    time: wireTime(at * 1000),
    verdict: 1,
    IP: { source: '10.0.0.1', destination: '10.0.0.2', ipVersion: 1 },
    source: nobody,
    destination: nobody,
    Type: 1,
    node_name: 'n1',
    node_labels: [],
    event_type: { type: 4 },
    is_reply: { value: false },
    Summary: 'TCP Flags: SYN',
  };
}

const since = (at: number): { since: ReturnType<typeof wireTime> } => ({ since: wireTime(at * 1000) });

describe('a ring', () => {
  test('takes only the capacities that Hubble takes', () => {
    for (const capacity of [1, 3, 4095, 65_535]) expect(new Ring(capacity).capacity).toBe(capacity);
    for (const capacity of [0, 2, 4096, 131_071, 1.5])
      expect(() => new Ring(capacity)).toThrow(`ring capacity ${capacity}: expected 2^n - 1`);
  });

  test('holds its newest event back until the next one comes', () => {
    const bench = new Bench(15);
    bench.write(5);
    expect(bench.all(bench.read({}))).toEqual(['f0', 'f1', 'f2', 'f3', 'end']);
  });
});

describe('a reader that follows', () => {
  test('starts at the live end, with the last event that can be read', () => {
    const bench = new Bench(15);
    bench.write(6);
    const reader = bench.read({ follow: true });
    expect(bench.all(reader)).toEqual(['f4', 'wait']);
    bench.write(2);
    expect(bench.all(reader)).toEqual(['f5', 'f6', 'wait']);
  });

  test('goes back by `number` matching flows, and does not stop at it', () => {
    const bench = new Bench(63);
    bench.write(20, (flow) => ({ ...flow, verdict: Number(flow.uuid.slice(1)) % 2 }));
    const reader = bench.read({ follow: true, number: 3, whitelist: [{ verdict: [1] }] });
    expect(bench.all(reader)).toEqual(['f13', 'f15', 'f17', 'wait']);
    bench.write(6, (flow) => ({ ...flow, verdict: 1 }));
    expect(bench.all(reader)).toHaveLength(7);
  });

  test('goes back to `since`, which wins over `number`', () => {
    const bench = new Bench(63);
    bench.write(20);
    expect(bench.all(bench.read({ follow: true, number: 1, ...since(15) }))).toEqual([
      'f15',
      'f16',
      'f17',
      'f18',
      'wait',
    ]);
  });

  test('learns nothing of a gap when `since` is older than the ring; on a full ring one slot counts as lost', () => {
    const bench = new Bench(7);
    bench.write(30);
    const reader = bench.read({ follow: true, ...since(2) });
    expect(bench.all(reader)).toEqual(['f22', 'f23', 'f24', 'f25', 'f26', 'f27', 'f28', 'wait']);
    bench.now += 1000;
    bench.write(1);
    expect(bench.all(reader)).toEqual(['lost 1', 'f29', 'wait']);
  });

  test('ends cleanly after `until`', () => {
    const bench = new Bench(63);
    bench.write(20);
    expect(bench.all(bench.read({ follow: true, ...since(10), until: wireTime(12_000) }))).toEqual([
      'f10',
      'f11',
      'f12',
      'end',
    ]);
  });

  test('on a ring with less than two events hears nothing until the ring is full, then everything that is left', () => {
    const bench = new Bench(7);
    bench.write(1);
    const reader = bench.read({ follow: true });
    bench.write(6);
    expect(bench.all(reader)).toEqual(['wait']);
    bench.write(1);
    expect(bench.all(reader).slice(0, 3)).toEqual(['f0', 'f1', 'f2']);
  });

  test('that starts after two events hears everything', () => {
    const bench = new Bench(7);
    bench.write(2);
    const reader = bench.read({ follow: true });
    expect(bench.all(reader)).toEqual(['f0', 'wait']);
  });
});

describe('a reader that is overtaken', () => {
  test('gets what is left, then one loss that sums the slots of a second', () => {
    const bench = new Bench(7);
    bench.write(3);
    const reader = bench.read({ follow: true });
    expect(bench.all(reader)).toEqual(['f1', 'wait']);
    bench.write(17);
    expect(bench.all(reader)).toEqual(['f12', 'f13', 'f14', 'f15', 'f16', 'f17', 'f18', 'wait']);
    bench.now += 1000;
    bench.write(1);
    expect(bench.all(reader)).toEqual(['lost 10', 'f19', 'wait']);
  });

  test('by an agent before 1.19 gets one loss for each slot', () => {
    const bench = new Bench(7, '1.18.3');
    bench.write(3);
    const reader = bench.read({ follow: true });
    bench.all(reader);
    bench.write(12);
    expect(bench.all(reader).filter((told) => told === 'lost 1')).toHaveLength(5);
  });
});

describe('losses that the kernel reports', () => {
  test('pass every filter and every range, and do not count as flows', () => {
    const bench = new Bench(63);
    bench.write(5);
    bench.lose(9);
    bench.write(5);
    expect(bench.all(bench.read({ first: true, whitelist: [{ verdict: [2] }] }))).toEqual(['lost 9', 'end']);
    expect(bench.all(bench.read({ number: 6 }))).toEqual([
      ...['f3', 'f4', 'lost 9', 'f5', 'f6', 'f7', 'f8'],
      'end',
    ]);
  });

  test('are told again to whoever re-reads with `since`, also when they are older than that', () => {
    const bench = new Bench(63);
    bench.write(5);
    bench.lose(9);
    bench.write(5);
    // Only a matching flow before `since` ends the way back.
    expect(bench.all(bench.read({ ...since(100), whitelist: [{ verdict: [2] }] }))).toEqual([
      'lost 9',
      'end',
    ]);
    expect(bench.all(bench.read(since(7)))).toEqual(['f7', 'f8', 'end']);
  });
});

describe('a request that does not follow', () => {
  test('brings the last `number`, or the first', () => {
    const bench = new Bench(63);
    bench.write(20);
    expect(bench.all(bench.read({ number: 2 }))).toEqual(['f17', 'f18', 'end']);
    expect(bench.all(bench.read({ number: 2, first: true }))).toEqual(['f0', 'f1', 'end']);
    expect(bench.all(bench.read({}))).toHaveLength(20);
  });
});

describe('a request that Hubble refuses', () => {
  test('first together with follow', () => {
    expect(() => new Bench(7).read({ first: true, follow: true })).toThrow(
      'first cannot be specified with follow',
    );
  });

  test('a mask with a path that this version does not know', () => {
    const masked = (version: string, path: string): RingReader =>
      new Bench(7, version).read({ field_mask: { paths: ['time', path] } });
    expect(() => masked('1.19.4', 'nonsense')).toThrow('invalid fieldmask');
    expect(() => masked('1.18.3', 'emitter')).toThrow('invalid fieldmask');
    expect(() => masked('1.19.4', 'emitter')).not.toThrow();
    expect(() => masked('1.16.0', 'source.cluster_name')).not.toThrow();
    expect(() => masked('1.19.4', 'source.labels.x')).toThrow('invalid fieldmask');
  });

  test('but not where masks are unknown: before 1.16 the field is stepped over and whole flows are sent', () => {
    const bench = new Bench(15, '1.15.9');
    bench.write(3);
    const next = bench.read({ number: 1, field_mask: { paths: ['nonsense'] } }).next();
    expect(isMessage(next) && decodeResponse(next.bytes).flow?.Summary).toBe('TCP Flags: SYN');
  });

  test('a filter that the simulator cannot answer is refused, never widened', () => {
    const request = codecs().getFlows;
    expect(request.path).toBe('/observer.Observer/GetFlows');
    const widened = { whitelist: [{ http_path: ['/x'] }] } as unknown as GetFlowsRequest;
    expect(() => new Bench(7).read(widened)).toThrow('filter "http_path" is not simulated');
  });
});

describe('a field mask', () => {
  const oneOf = (paths: string[], flow: WireFlow): ReturnType<typeof decodeResponse> => {
    const bench = new Bench(15);
    bench.write(3, () => flow);
    const next = bench.read({ number: 1, field_mask: { paths } }).next();
    if (!isMessage(next)) throw new Error('nothing read');
    return decodeResponse(next.bytes);
  };

  test("takes response time and node name away too, when the flow's own are not asked for", () => {
    const bare = oneOf(['uuid'], flowNumber(5));
    expect(bare).toMatchObject({ node_name: '', time: null, flow: { uuid: 'f5', Summary: '', verdict: 0 } });
    expect(oneOf(['uuid', 'time', 'node_name'], flowNumber(5))).toMatchObject({
      node_name: 'n1',
      time: { seconds: 5 },
    });
  });

  test('into one protocol turns flows of another into it', () => {
    const udp = { ...flowNumber(1), l4: { UDP: { source_port: 5, destination_port: 53 } } };
    expect(oneOf(['uuid', 'l4.TCP.source_port'], udp).flow?.l4).toMatchObject({ TCP: { source_port: 0 } });
    expect(oneOf(['uuid', 'l4'], udp).flow?.l4).toMatchObject({ UDP: { destination_port: 53 } });
  });

  test('leaves out what the flow does not have, from one flow to the next', () => {
    const bench = new Bench(15);
    bench.write(1, (flow) => ({ ...flow, trace_reason: 1 }));
    bench.write(2);
    const reader = bench.read({ first: true, field_mask: { paths: ['uuid', 'trace_reason'] } });
    const reasons = [reader.next(), reader.next()].map(
      (next) => isMessage(next) && decodeResponse(next.bytes).flow?.trace_reason,
    );
    expect(reasons).toEqual([1, 0]);
  });
});

describe('an unset default', () => {
  test('is not on the wire: is_reply false is an empty wrapper, to-endpoint has no sub type', () => {
    const { flow } = (() => {
      const bench = new Bench(15);
      bench.write(3, (flow) => ({ ...flow, event_type: { type: 4, sub_type: 0 } }));
      const next = bench.read({ number: 1 }).next();
      if (!isMessage(next)) throw new Error('nothing read');
      // Field 26, length-delimited, nothing in it. Field 19: type 4 and nothing else.
      expect(next.bytes.includes(Buffer.from([0xd2, 0x01, 0x00]))).toBe(true);
      expect(next.bytes.includes(Buffer.from([0x9a, 0x01, 0x02, 0x08, 0x04]))).toBe(true);
      return decodeResponse(next.bytes);
    })();
    expect(flow?.is_reply).toEqual({ value: false });
  });
});

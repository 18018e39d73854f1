import { describe, expect, test } from 'vitest';
import { createDecoder } from '../../src/hubble/decode.js';
import type { Flow, HubbleEvent } from '../../src/model.js';
import { contents, field } from './fields.js';
import { flow, MESSAGES, pod, response, type Message } from './messages.js';
import { encode, oracle, shown } from './oracle.js';

const decode = createDecoder({ endpoints: 100 });

function decoded(message: Message): HubbleEvent {
  return decode(encode(message));
}
function decodedFlow(fields: Message): Flow {
  return flowIn(encode(response(fields)));
}
function flowIn(bytes: Uint8Array): Flow {
  const event = shown(decode(bytes));
  if (event.kind !== 'flow') throw new Error(`not a flow: ${JSON.stringify(event)}`);
  return event.flow;
}

describe('a flow', () => {
  test('is told in our words', () => {
    expect(shown(decoded(response()))).toEqual({
      kind: 'flow',
      flow: {
        time: 1_790_000_123_119.8752,
        uuid: '7d0f2c51-3d1f-4b70-9a55-0c8a3f6f1e02',
        nodeName: 'harbour/worker-2',
        verdict: 1,
        dropReason: 0,
        sourceIp: '10.20.1.15',
        destinationIp: '10.20.3.77',
        l4: { protocol: 'tcp', sourcePort: 42_676, destinationPort: 8080, flags: 2, icmpVersion: 0 },
        source: {
          id: 0,
          identity: 41_007,
          namespace: 'team-b',
          podName: 'curl-x-default-x-team-b',
          labels: pod('team-b', 'curl')['labels'],
          clusterName: 'harbour',
        },
        destination: {
          id: 2751,
          identity: 41_008,
          namespace: 'team-a',
          podName: 'web-0-x-default-x-team-a',
          labels: pod('team-a', 'web-0')['labels'],
          clusterName: 'harbour',
        },
        eventType: 4,
        subType: 0,
        isReply: false,
        traceReason: 1,
        trafficDirection: 2,
        destinationService: '',
        allowedBy: [],
        deniedBy: [],
      },
    });
  });
  test('without any field is still a flow', () => {
    expect(decoded({ flow: {} })).toMatchObject({
      kind: 'flow',
      flow: { uuid: '', time: undefined, l4: { protocol: 'other' } },
    });
  });
  test.each(MESSAGES.map((message, i) => [i, message] as const))(
    'of our collection, number %i, is what proto-loader reads',
    (_, message) => {
      expect(shown(decoded(message))).toEqual(oracle(encode(message)));
    },
  );
  test('keeps the numbers of enums that we have no name for', () => {
    expect(
      decodedFlow({
        verdict: 99,
        trace_reason: 77,
        drop_reason_desc: 1000,
        event_type: { type: -1, sub_type: 300 },
      }),
    ).toMatchObject({
      verdict: 99,
      traceReason: 77,
      dropReason: 1000,
      eventType: -1,
      subType: 300,
    });
  });
  test('of a newer server is read past its new fields', () => {
    // Flow field 15 (a message), 150,000 (a message) and 300 (a fixed64), after a whole flow.
    const unknown = Buffer.from('7a020801' + '82fb480401020304' + 'e112' + '0102030405060708', 'hex');
    const bytes = field(1, contents(encode(response())), unknown);
    expect(flowIn(bytes)).toEqual(decodedFlow({}));
  });
});

describe('is_reply', () => {
  test('absent means that Hubble does not know', () => {
    expect(decodedFlow({ is_reply: null }).isReply).toBeUndefined();
  });
  test('present and empty means no', () => {
    expect(decodedFlow({ is_reply: {} }).isReply).toBe(false);
  });
  test('true means yes', () => {
    expect(decodedFlow({ is_reply: { value: true } }).isReply).toBe(true);
  });
});

describe('the drop reason', () => {
  test('is the new field where there is one', () => {
    expect(decodedFlow({ drop_reason: 130, drop_reason_desc: 'POLICY_DENIED' }).dropReason).toBe(133);
  });
  test('is the old field of an old server', () => {
    expect(decodedFlow({ drop_reason: 181 }).dropReason).toBe(181);
  });
});

describe('layer 4', () => {
  test.each([
    [
      { TCP: { source_port: 1, destination_port: 65_535, flags: { SYN: true, ACK: true } } },
      ['tcp', 1, 65_535, 18, 0],
    ],
    [{ UDP: { source_port: 5353, destination_port: 53 } }, ['udp', 5353, 53, 0, 0]],
    [{ SCTP: { source_port: 7, destination_port: 9 } }, ['sctp', 7, 9, 0, 0]],
    [{ ICMPv4: { type: 8, code: 1 } }, ['icmp', 8, 1, 0, 4]],
    [{ ICMPv6: { type: 128, code: 0 } }, ['icmp', 128, 0, 0, 6]],
    [{ TCP: {} }, ['tcp', 0, 0, 0, 0]],
    [{}, ['other', 0, 0, 0, 0]],
  ])('%j', (l4, [protocol, sourcePort, destinationPort, flags, icmpVersion]) => {
    expect(decodedFlow({ l4 }).l4).toEqual({ protocol, sourcePort, destinationPort, flags, icmpVersion });
  });
  test('a protocol that came later (VRRP, field 6) is "other", and not the one before it', () => {
    const bytes = field(1, field(6, field(6, Buffer.from([8, 1]))));
    expect(flowIn(bytes).l4.protocol).toBe('other');
  });
});

describe('where a message says a thing twice', () => {
  const headers = (...bytes: Buffer[]) => flowIn(field(1, field(6, ...bytes))).l4;
  const tcp = field(1, Buffer.from([8, 7, 16, 80]));
  const udp = field(2, Buffer.from([8, 9, 16, 53]));
  test('of two layer 4 headers the one with the higher number counts, in whatever order they come', () => {
    for (const l4 of [headers(tcp, udp), headers(udp, tcp)]) {
      expect(l4).toMatchObject({ protocol: 'udp', sourcePort: 9, destinationPort: 53 });
    }
  });
  test('a TCP flag is what was said of it last', () => {
    const [syn, noSyn] = [Buffer.from([16, 1]), Buffer.from([16, 0])];
    expect(headers(field(1, field(3, syn, noSyn))).flags).toBe(0);
    expect(headers(field(1, field(3, noSyn, syn))).flags).toBe(2);
  });
  test('of a flow and a loss the loss counts, in whatever order they come', () => {
    const [one, other] = [field(1, tcp), field(3, Buffer.from([8, 1]))];
    expect(decode(Buffer.concat([one, other]))).toEqual(decode(Buffer.concat([other, one])));
    expect(decode(Buffer.concat([one, other])).kind).toBe('lost_events');
  });
});

test('policies stand in order, egress before ingress, whichever came first', () => {
  const name = (text: string) => ({ name: text, namespace: 'team-a', kind: 'CiliumNetworkPolicy' });
  const ingress = { ingress_allowed_by: [name('in')], ingress_denied_by: [name('no-in')] };
  const egress = { egress_allowed_by: [name('out')], egress_denied_by: [name('no-out')] };
  const bytes = field(1, contents(encode({ flow: ingress })), contents(encode({ flow: egress })));
  const { allowedBy, deniedBy } = flowIn(bytes);
  expect(allowedBy.map((policy) => policy.name)).toEqual(['out', 'in']);
  expect(deniedBy.map((policy) => policy.name)).toEqual(['no-out', 'no-in']);
});

describe('time', () => {
  const around = { seconds: 5 };
  const timeOf = (time: Message | null, outer: Message | null = null) => {
    const event = decoded({ flow: { time }, time: outer });
    return event.kind === 'flow' ? event.flow.time : 'no flow';
  };
  test('has its fraction of a millisecond', () => {
    expect(timeOf({ seconds: 1_790_000_000, nanos: 1_500_000 })).toBe(1_790_000_000_001.5);
  });
  test('of the epoch itself is a time', () => {
    expect(timeOf({})).toBe(0);
  });
  test.each([
    ['before the epoch', { seconds: -1 }],
    ["Go's zero time", { seconds: '-62135596800' }],
    ['after the year 9999', { seconds: '253402300800' }],
    ['far too large', { seconds: '9223372036854775807' }],
    ['negative nanoseconds', { seconds: 1, nanos: -1 }],
    ['a whole second of nanoseconds', { seconds: 1, nanos: 1_000_000_000 }],
  ])('%s is not known', (_, time) => {
    expect(timeOf(time)).toBeUndefined();
    expect(timeOf(time, around)).toBe(5000);
  });
  test('and node are taken from around the flow where a field mask left them out of it', () => {
    expect(decoded({ flow: {}, node_name: 'harbour/worker-1', time: around })).toMatchObject({
      flow: { time: 5000, nodeName: 'harbour/worker-1' },
    });
    expect(decoded({ flow: { node_name: 'a', time: {} }, node_name: 'b', time: around })).toMatchObject({
      flow: { time: 0, nodeName: 'a' },
    });
  });
});

describe('what is no flow', () => {
  test.each([
    ['NODE_CONNECTED', 'connected'],
    ['NODE_UNAVAILABLE', 'unavailable'],
    ['NODE_GONE', 'gone'],
    ['NODE_ERROR', 'error'],
    [0, 'unknown'],
    [17, 'unknown'],
    [-1, 'unknown'],
  ])('a node status %s is %s', (state_change, state) => {
    const node_status = { state_change, node_names: ['a', 'b'], message: 'why' };
    const status = { kind: 'node_status', state, nodeNames: ['a', 'b'], message: 'why' };
    expect(decoded({ node_status })).toEqual({ ...status, time: undefined });
    expect(decoded({ node_status, time: { seconds: 7 } })).toEqual({ ...status, time: 7_000 });
  });
  test.each([
    ['PERF_EVENT_RING_BUFFER', 'perf_event_ring_buffer'],
    ['OBSERVER_EVENTS_QUEUE', 'observer_events_queue'],
    ['HUBBLE_RING_BUFFER', 'hubble_ring_buffer'],
    [0, 'unknown'],
    [4, 'unknown'],
  ])('lost events by %s are by %s', (source, word) => {
    expect(
      decoded({
        lost_events: { source, num_events_lost: 12, cpu: {} },
        node_name: 'a',
        time: { seconds: 2 },
      }),
    ).toEqual({
      kind: 'lost_events',
      source: word,
      count: 12,
      cpu: 0,
      nodeName: 'a',
      time: 2000,
    });
  });
  test('a loss without cpu and time has none; the last lost event dates it', () => {
    expect(decoded({ lost_events: {} })).toMatchObject({ count: 0, cpu: undefined, time: undefined });
    expect(decoded({ lost_events: { last: { seconds: 3 } } })).toMatchObject({ time: 3000 });
  });
  test.each([
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', Number.MAX_SAFE_INTEGER],
    ['18446744073709551615', Number.MAX_SAFE_INTEGER],
    ['9007199254740990', Number.MAX_SAFE_INTEGER - 1],
    ['4294967296', 4_294_967_296],
  ])('a loss of %s counts as %d', (num_events_lost, count) => {
    expect(decoded({ lost_events: { num_events_lost } })).toMatchObject({ count });
  });
  test.each([
    ['nothing at all', ''],
    ['only a node name', encode({ node_name: 'a' }).toString('hex')],
    ['a member that came later', '22020801'],
  ])('%s is unknown, not unreadable', (_, hex) => {
    expect(decode(Buffer.from(hex, 'hex'))).toEqual({ kind: 'unknown' });
  });
});

describe('damage', () => {
  test('a message cut anywhere is never an exception, and what proto-loader says of it', () => {
    for (const bytes of MESSAGES.map(encode)) {
      for (let length = 0; length < bytes.length; length++) {
        const cut = bytes.subarray(0, length);
        expect(shown(decode(cut)), cut.toString('hex')).toEqual(oracle(cut));
      }
    }
  });
  test.each([
    ['a flow cut short', '0a05', 'truncated'],
    ['a varint cut short', '0a0280', 'truncated'],
    ['a wire type that does not exist', '26', 'malformed'],
    ['the end of a group that never began', '24', 'malformed'],
    ['a number of more than ten bytes', `1a0c10${'ff'.repeat(11)}`, 'malformed'],
    [
      'a revision of more than ten bytes',
      field(1, field(21_001, Buffer.alloc(13, 0xff).fill(32, 0, 1))),
      'malformed',
    ],
    ['groups nested without end', '23'.repeat(1000), 'malformed'],
  ])('%s is unreadable', (_, hex, reason) => {
    const bytes = typeof hex === 'string' ? Buffer.from(hex, 'hex') : hex;
    expect(decode(bytes)).toEqual({ kind: 'unreadable', reason });
    expect(oracle(bytes)).toEqual({ kind: 'unreadable', reason });
  });
  test('text that is no UTF-8 is readable, with U+FFFD for what is not', () => {
    const bytes = field(1, field(11, Buffer.from([0x61, 0xff, 0x62])));
    expect(flowIn(bytes).nodeName).toBe('a\uFFFDb');
  });
  test('a member named twice is the last one as a whole, never a mixture', () => {
    const one = contents(encode({ flow: { IP: { source: '10.0.0.1', destination: '10.0.0.2' } } }));
    const other = contents(encode({ flow: { IP: { source: '10.0.0.3' } } }));
    expect(flowIn(field(1, one, other))).toMatchObject({
      sourceIp: '10.0.0.3',
      destinationIp: '',
    });
  });
  test('four megabytes of anything are survived', () => {
    for (const byte of [0x00, 0x0a, 0x23, 0x80, 0xff]) {
      const bytes = Buffer.alloc(4 * 1024 * 1024, byte);
      expect(shown(decode(bytes))).toEqual(oracle(bytes));
    }
  });
});

test('bytes need not be a Buffer, nor begin where their memory begins', () => {
  const bytes = encode(response());
  const memory = new Uint8Array(bytes.length + 20);
  memory.set(bytes, 7);
  expect(shown(decode(memory.subarray(7, 7 + bytes.length)))).toEqual(oracle(bytes));
});

test('an event does not change when the network buffer it came in is used again', () => {
  const bytes = Buffer.from(encode(response({ source: pod('team-c', 'gone') })));
  const event = decode(bytes);
  const expected = oracle(bytes);
  bytes.fill(0x61);
  expect(shown(event)).toEqual(expected);
  expect(shown(decoded(response({ source: pod('team-c', 'gone') })))).toEqual(expected);
});

test('fields in any order give the same flow', () => {
  const whole = flow();
  const names = Object.keys(whole).reverse();
  const pieces = names.map((name) => contents(encode({ flow: { [name]: whole[name] } })));
  const bytes = field(1, ...pieces);
  expect(flowIn(bytes)).toEqual(decodedFlow({}));
});

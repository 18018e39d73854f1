import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDecoder } from '../../src/hubble/decode.js';
import {
  DROP_REASON_NUMBERS,
  LOST_EVENT_SOURCE_NUMBERS,
  NODE_STATE_NUMBERS,
  TRACE_REASON_NUMBERS,
  TRAFFIC_DIRECTION_NUMBERS,
  VERDICT_NUMBERS,
} from '../../src/hubble/enums.js';
import { createLineReader } from '../../src/hubble/recorded.js';
import type { Flow } from '../../src/model.js';
import { response as anyResponse } from './arbitraries.js';
import { MESSAGES, pod, response } from './messages.js';
import { encode, shown } from './oracle.js';
import { camelCased, enumNumbers, protojson } from './protojson.js';

const LONG = process.env['CROSSTALK_LONG'] === '1';
const read = createLineReader();
const decode = createDecoder({ endpoints: 100 });

function readFlow(flow: unknown, around: object = {}): Flow {
  const event = read(JSON.stringify({ flow, ...around }));
  if (event?.kind !== 'flow') throw new Error(`not a flow: ${JSON.stringify(event)}`);
  return event.flow;
}
const reasonOf = (line: string) => {
  const event = read(line);
  return event?.kind === 'unreadable' ? event.reason : event?.kind;
};

describe('a recorded line gives what the same message gives on the wire', () => {
  test.each(MESSAGES.map((message, i) => [i, message] as const))(
    'number %i of our collection',
    (_, message) => {
      const event = shown(decode(encode(message)));
      expect(read(JSON.stringify(protojson(message)))).toEqual(event);
      expect(read(JSON.stringify(camelCased(protojson(message))))).toEqual(event);
    },
  );
  test('any message, in either spelling of its names', () => {
    fc.assert(
      fc.property(anyResponse, (message) => {
        const event = shown(decode(encode(message)));
        const json = protojson(message);
        expect(read(JSON.stringify(json))).toEqual(event);
        expect(read(JSON.stringify(camelCased(json)))).toEqual(event);
      }),
      { seed: 1124, numRuns: LONG ? 50_000 : 2_000 },
    );
  });
});

describe('lines come in several forms', () => {
  const { flow } = protojson(response()) as { flow: object };
  const expected = shown(decode(encode(response())));
  test('a flow in the message that Hubble sends', () => {
    expect(
      read(JSON.stringify({ flow, node_name: 'harbour/worker-2', time: '2026-09-21T00:00:00Z' })),
    ).toEqual(expected);
  });
  test('a flow by itself', () => {
    expect(read(JSON.stringify(flow))).toEqual(expected);
  });
  test('with space around, a carriage return, or a byte order mark', () => {
    expect(read(`\uFEFF  ${JSON.stringify({ flow })} \r`)).toEqual(expected);
  });
  test('null stands for absent', () => {
    expect(readFlow({ ...flow, is_reply: null, source: null, l4: null, verdict: null })).toMatchObject({
      isReply: undefined,
      verdict: 0,
      source: { identity: 0 },
      l4: { protocol: 'other' },
    });
  });
  test.each(['', ' ', '\t\r', '\uFEFF'])('a blank line is nothing: %j', (line) => {
    expect(read(line)).toBeUndefined();
  });
  test.each([
    [
      'an agent event',
      { agent_event: { type: 'POLICY_UPDATED' }, node_name: 'a', time: '2026-09-21T00:00:00Z' },
    ],
    ['a debug event', { debugEvent: {} }],
    ['a message about nothing', { node_name: 'a', time: '2026-09-21T00:00:00Z' }],
    ['a message without any member', {}],
    ['a flow that is null', { flow: null }],
  ])('%s is unknown', (_, line) => {
    expect(read(JSON.stringify(line))).toEqual({ kind: 'unknown' });
  });
});

describe('values', () => {
  test('enums are names or numbers', () => {
    expect(readFlow({ verdict: 'DROPPED', drop_reason_desc: 'POLICY_DENY' })).toMatchObject({
      verdict: 2,
      dropReason: 181,
    });
    expect(readFlow({ verdict: 2, drop_reason_desc: 181 })).toMatchObject({ verdict: 2, dropReason: 181 });
  });
  test.each([
    ['verdict', 'APPROVED'],
    ['verdict', 'constructor'],
    ['verdict', '__proto__'],
    ['verdict', 'forwarded'],
    ['traffic_direction', 'SIDEWAYS'],
    ['trace_reason', 'BECAUSE'],
    ['drop_reason_desc', 'BAD_LUCK'],
  ])('a %s named %s is not known, and nothing else by mistake', (name, value) => {
    expect(readFlow({ [name]: value })).toMatchObject({
      verdict: 0,
      trafficDirection: 0,
      traceReason: 0,
      dropReason: 0,
    });
  });
  test('an absent sub type is to-endpoint', () => {
    expect(readFlow({ event_type: { type: 4 } })).toMatchObject({ eventType: 4, subType: 0 });
  });
  test('integers may be text', () => {
    expect(readFlow({ l4: { UDP: { source_port: '53', destination_port: 1e3 } } }).l4).toMatchObject({
      sourcePort: 53,
      destinationPort: 1000,
    });
  });
  test.each([
    ['2026-09-18T13:59:51.119875254Z', Date.UTC(2026, 8, 18, 13, 59, 51) + 119.875254],
    ['2026-09-18T13:59:51Z', Date.UTC(2026, 8, 18, 13, 59, 51)],
    ['2026-09-18T15:59:51.5+02:00', Date.UTC(2026, 8, 18, 13, 59, 51, 500)],
    ['2026-09-18T08:29:51-05:30', Date.UTC(2026, 8, 18, 13, 59, 51)],
    ['1970-01-01T00:00:00Z', 0],
    ['9999-12-31T23:59:59Z', 253_402_300_799_000],
    ['0001-01-01T00:00:00Z', undefined],
    ['1970-01-01T00:00:00+01:00', undefined],
  ])('the time %s', (time, expected) => {
    expect(readFlow({ time }).time).toBe(expected);
  });
  test('half of a surrogate pair, which is no text, is U+FFFD', () => {
    expect(read('{"flow":{"source":{"pod_name":"a\\ud800b","labels":["\\udc00"]}}}')).toMatchObject({
      flow: { source: { podName: 'a\uFFFDb', labels: ['\uFFFD'] } },
    });
  });
  test('what is not read may be anything', () => {
    expect(readFlow({ verdict: 1, ethernet: 7, l7: 'http', extensions: [], ext_error: {} })).toMatchObject({
      verdict: 1,
    });
  });
  test('equal endpoints are one object', () => {
    expect(readFlow({ source: pod('team-a', 'web') }).source).toBe(
      readFlow({ destination: pod('team-a', 'web') }).destination,
    );
  });
});

describe('what cannot be read has its reason', () => {
  test.each([
    ['{"flow":', 'not_json'],
    ['Sep 18 13:59:51.119: team-a/web:80 -> team-b/web to-endpoint FORWARDED', 'not_json'],
    ['{"flow":{}} {"flow":{}}', 'not_json'],
    ['\u0000', 'not_json'],
    ['[]', 'not_a_flow'],
    ['null', 'not_a_flow'],
    ['"flow"', 'not_a_flow'],
    ['17', 'not_a_flow'],
    ['{"level":"info","msg":"started","time":"2026-09-18T13:59:51Z"}', 'not_a_flow'],
    ['{"flow":"FORWARDED"}', 'bad_field'],
    ['{"flow":[]}', 'bad_field'],
    ['{"lost_events":1}', 'bad_field'],
    ['{"lost_events":{"num_events_lost":-1}}', 'bad_field'],
    ['{"lost_events":{"num_events_lost":"many"}}', 'bad_field'],
    ['{"node_status":{"node_names":"a"}}', 'bad_field'],
    ['{"node_status":{"node_names":[1]}}', 'bad_field'],
  ])('%s', (line, reason) => {
    expect(reasonOf(line)).toBe(reason);
  });
  test.each([
    ['time', 1_790_000_000],
    ['time', '2026-09-18'],
    ['time', '2026-02-30T00:00:00Z'],
    ['time', '2026-13-01T00:00:00Z'],
    ['time', '2026-09-18T24:00:00Z'],
    ['time', '2026-09-18T13:59:51.1198752540Z'],
    ['uuid', 7],
    ['verdict', true],
    ['verdict', 1.5],
    ['verdict', 2 ** 31],
    ['drop_reason', -1],
    ['is_reply', 'false'],
    ['is_reply', {}],
    ['source', 'web'],
    ['source', { identity: 2 ** 32 }],
    ['source', { identity: '0x10' }],
    ['source', { labels: 'k8s:app=web' }],
    ['source', { labels: [null] }],
    ['l4', { TCP: 80 }],
    ['l4', { TCP: { flags: { SYN: 1 } } }],
    ['egress_allowed_by', {}],
    ['egress_allowed_by', ['policy']],
  ])('a flow whose %s is %j', (name, value) => {
    expect(reasonOf(JSON.stringify({ flow: { [name]: value } }))).toBe('bad_field');
    expect(reasonOf(JSON.stringify({ verdict: 1, [name]: value }))).toBe('bad_field');
  });
});

describe('hostile lines are harmless', () => {
  test('__proto__ and constructor are names like any other', () => {
    const line =
      '{"flow":{"__proto__":{"verdict":"FORWARDED","uuid":"x"},"constructor":{"prototype":{"verdict":1}}},"__proto__":{"lost_events":{}}}';
    expect(read(line)).toMatchObject({ kind: 'flow', flow: { verdict: 0, uuid: '' } });
    expect(({} as Record<string, unknown>)['verdict']).toBeUndefined();
    expect(reasonOf('{"__proto__":{"flow":{"verdict":1}}}')).toBe('not_a_flow');
  });
  test('a hundred thousand levels of nesting', () => {
    const deep = (open: string, close: string) => open.repeat(100_000) + close.repeat(100_000);
    expect(reasonOf(deep('[', ']'))).toBe('not_a_flow');
    expect(reasonOf(`{"flow":{"l7":${deep('[', ']')}}}`)).toBe('flow');
    expect(reasonOf(`{"flow":{"source":${deep('[', ']')}}}`)).toBe('bad_field');
    expect(reasonOf('{"flow":'.repeat(100_000))).toBe('not_json');
  });
  test('numbers without measure', () => {
    expect(reasonOf('{"flow":{"verdict":1e999}}')).toBe('bad_field');
    expect(reasonOf(`{"flow":{"verdict":${'9'.repeat(100_000)}}}`)).toBe('bad_field');
    expect(reasonOf(`{"flow":{"verdict":1,"drop_reason":"${'9'.repeat(100_000)}"}}`)).toBe('bad_field');
    expect(read('{"lost_events":{"num_events_lost":18446744073709551615}}')).toMatchObject({
      count: Number.MAX_SAFE_INTEGER,
    });
    expect(Object.is(readFlow({}).verdict, 0) && read('{"flow":{"verdict":-0}}')).toEqual(
      read('{"flow":{}}'),
    );
  });
  test('a line with a bad character, or cut, anywhere is never an exception', () => {
    const line = JSON.stringify(protojson(MESSAGES[7]!));
    for (let i = 0; i < line.length; i++) {
      for (const text of [
        line.slice(0, i),
        `${line.slice(0, i)}0${line.slice(i + 1)}`,
        `${line.slice(0, i)}"${line.slice(i)}`,
      ]) {
        expect(['flow', 'bad_field', 'not_json', 'not_a_flow', 'unknown', undefined]).toContain(
          reasonOf(text),
        );
      }
    }
  });
});

test.each([
  ['flow.Verdict', VERDICT_NUMBERS],
  ['flow.TraceReason', TRACE_REASON_NUMBERS],
  ['flow.TrafficDirection', TRAFFIC_DIRECTION_NUMBERS],
  ['flow.DropReason', DROP_REASON_NUMBERS],
  ['flow.LostEventSource', LOST_EVENT_SOURCE_NUMBERS],
  ['relay.NodeState', NODE_STATE_NUMBERS],
])('the names of %s are those of proto/', (name, numbers) => {
  expect(new Map(numbers)).toEqual(enumNumbers(name));
});

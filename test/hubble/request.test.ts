import { describe, expect, test } from 'vitest';
import {
  followRequest,
  latestRequest,
  nextMask,
  oldestRequest,
  refusesMask,
  timestamp,
} from '../../src/hubble/request.js';
import { grpcTarget, parseServer } from '../../src/hubble/target.js';

const SINCE = Date.UTC(2026, 0, 1) + 250.5;

describe('the request', () => {
  const judged = followRequest({ filter: 'judged', since: SINCE, mask: 'full' });
  test('always follows, says since when, and keeps the sort buffer of the relay small', () => {
    expect(judged).toMatchObject({
      follow: true,
      number: 1,
      since: { seconds: Date.UTC(2026, 0, 1) / 1000, nanos: 250_000_000 },
    });
    expect(judged.first).toBeUndefined();
  });
  test('makes sub type 0 a condition: without match_sub_type every trace would travel', () => {
    expect(judged.whitelist?.[0]).toEqual({
      event_type: [{ type: 4, match_sub_type: true, sub_type: 0 }],
      verdict: [1],
      reply: [false],
    });
  });
  test('never asks by direction, label or name: those are wrong or hidden in some clusters', () => {
    const asked = new Set(judged.whitelist?.flatMap((filter) => Object.keys(filter)));
    expect([...asked].sort()).toEqual(['event_type', 'reply', 'verdict']);
  });
  test('for everything has no filter, but the same mask', () => {
    const all = followRequest({ filter: 'all', since: SINCE, mask: 'full' });
    expect(all.whitelist).toBeUndefined();
    expect(all.field_mask).toEqual(judged.field_mask);
  });
  test.each(['full', 'core'] as const)(
    'with mask %s names what relay and node read from the masked flow',
    (mask) => {
      const paths = followRequest({ filter: 'judged', since: SINCE, mask }).field_mask?.paths ?? [];
      expect(paths).toEqual(
        expect.arrayContaining([
          'time',
          'node_name',
          'uuid',
          'l4',
          'is_reply',
          'trace_reason',
          'traffic_direction',
        ]),
      );
      // A path below the oneof turns UDP into an empty TCP before 1.19.
      expect(paths.filter((path) => path.includes('.'))).toEqual([]);
      expect(new Set(paths).size).toBe(paths.length);
    },
  );
  test('without a mask has none, in the probes too', () => {
    expect(followRequest({ filter: 'judged', since: SINCE, mask: 'none' }).field_mask).toBeUndefined();
    expect(oldestRequest('none').field_mask).toBeUndefined();
    expect(latestRequest({ filter: 'judged', mask: 'none' }).field_mask).toBeUndefined();
  });
  test('for the oldest flow does not filter: the ring is overwritten by every event', () => {
    expect(oldestRequest('full')).toEqual({
      follow: false,
      first: true,
      number: 1,
      field_mask: { paths: ['time', 'node_name'] },
    });
  });
  test('for the latest asks for what the stream asks for', () => {
    expect(latestRequest({ filter: 'judged', mask: 'full' }).whitelist).toEqual(judged.whitelist);
    expect(latestRequest({ filter: 'all', mask: 'full' }).whitelist).toBeUndefined();
  });
  test('has no time before the epoch, which servers refuse', () => {
    expect(timestamp(-5)).toEqual({ seconds: 0, nanos: 0 });
  });
  test('gets simpler until nothing simpler is left', () => {
    expect([nextMask('full'), nextMask('core'), nextMask('none')]).toEqual(['core', 'none', undefined]);
    expect(
      [
        'invalid fieldmask',
        'rpc error: code = Unknown desc = invalid fieldmask',
        'field_mask: unknown path',
      ].every(refusesMask),
    ).toBe(true);
    expect(refusesMask('first cannot be specified with follow')).toBe(false);
  });
});

describe('--server', () => {
  test.each([
    [
      'hubble-relay.kube-system.svc.cluster.local:80',
      { kind: 'tcp', host: 'hubble-relay.kube-system.svc.cluster.local', port: 80, tls: false },
      'dns:hubble-relay.kube-system.svc.cluster.local:80',
    ],
    ['tls://relay:443', { kind: 'tcp', host: 'relay', port: 443, tls: true }, 'dns:relay:443'],
    ['[::1]:4245', { kind: 'tcp', host: '::1', port: 4245, tls: false }, 'dns:[::1]:4245'],
    [
      'unix:///var/run/cilium/hubble.sock',
      { kind: 'unix', path: '/var/run/cilium/hubble.sock', tls: false },
      'unix:///var/run/cilium/hubble.sock',
    ],
  ])('%s', (given, target, grpc) => {
    expect(parseServer(given)).toEqual(target);
    expect(grpcTarget(parseServer(given))).toBe(grpc);
  });
  test.each([
    ['relay', 'no port between 1 and 65535'],
    ['relay:0', 'no port between 1 and 65535'],
    ['relay:65536', 'no port between 1 and 65535'],
    ['relay:http', 'no port between 1 and 65535'],
    ['', 'no host'],
    [':80', 'no host'],
    ['http://relay:80', 'unknown scheme "http"'],
    ['::1:4245', 'no host'],
    ['relay:80/path', 'no host'],
  ])('%s is refused with what was expected', (given, why) => {
    expect(() => parseServer(given)).toThrow(
      `--server: ${why} in "${given}"; expected host:port, tls://host:port or unix:///path`,
    );
  });
});

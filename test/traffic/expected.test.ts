import { expect, test } from 'vitest';
import { createExpected } from '../../src/traffic/expected.js';
import type { ExpectedTraffic } from '../../src/model.js';
import { T0, icmp, tcp, udp } from '../fixtures/flows.js';

function agreement(fields: Partial<ExpectedTraffic> = {}): ExpectedTraffic {
  return {
    source: 'team-a',
    destination: 'team-b',
    ports: [{ port: 5432, protocol: 'tcp' }],
    reason: 'shared billing database',
    until: undefined,
    ...fields,
  };
}
const toPort = (port: number) => tcp(2, 40_000, port);

test('covers the agreed pair on the agreed port', () => {
  const find = createExpected([agreement()]);
  expect(find('team-a', 'team-b', toPort(5432), T0)?.reason).toBe('shared billing database');
});

test.each([
  ['another port', 'team-a', 'team-b', toPort(5433)],
  ['the same port over another protocol', 'team-a', 'team-b', udp(40_000, 5432)],
  ['the source port', 'team-a', 'team-b', tcp(2, 5432, 80)],
  ['ICMP whose code happens to be the port number', 'team-a', 'team-b', icmp(8, 5432)],
  ['the opposite direction', 'team-b', 'team-a', toPort(5432)],
  ['another source', 'team-c', 'team-b', toPort(5432)],
  ['another destination', 'team-a', 'team-c', toPort(5432)],
  ['a source whose name begins alike', 'team-a2', 'team-b', toPort(5432)],
])('does not cover %s', (_, source, destination, l4) => {
  expect(createExpected([agreement()])(source, destination, l4, T0)).toBeUndefined();
});

test('without ports any port and protocol is agreed', () => {
  const find = createExpected([agreement({ ports: [] })]);
  for (const l4 of [toPort(1), udp(), icmp()]) expect(find('team-a', 'team-b', l4, T0)).toBeDefined();
});

test('icmp can be agreed on by itself', () => {
  const find = createExpected([agreement({ ports: [{ port: undefined, protocol: 'icmp' }] })]);
  expect(find('team-a', 'team-b', icmp(), T0)).toBeDefined();
  expect(find('team-a', 'team-b', toPort(80), T0)).toBeUndefined();
});

test('an asterisk stands for any tenant', () => {
  const find = createExpected([agreement({ source: '*' })]);
  expect(find('whoever', 'team-b', toPort(5432), T0)).toBeDefined();
  expect(find('whoever', 'team-c', toPort(5432), T0)).toBeUndefined();
});

test('an agreement ends at its until, to the millisecond', () => {
  const find = createExpected([agreement({ until: T0 })]);
  expect(find('team-a', 'team-b', toPort(5432), T0 - 1)).toBeDefined();
  expect(find('team-a', 'team-b', toPort(5432), T0)).toBeUndefined();
});

test('the first entry that fits decides', () => {
  const find = createExpected([agreement({ reason: 'first' }), agreement({ reason: 'second', ports: [] })]);
  expect(find('team-a', 'team-b', toPort(5432), T0)?.reason).toBe('first');
  expect(find('team-a', 'team-b', toPort(80), T0)?.reason).toBe('second');
});

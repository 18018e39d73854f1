import { expect, test } from 'vitest';
import { Aggregation } from '../../src/simulator/aggregation.js';
import type { Packet, TcpFlagName } from '../../src/simulator/conversations.js';

const packet = (delayMs: number, ...flags: TcpFlagName[]): Packet => ({
  delayMs,
  direction: 'forward',
  flags,
});
const reported = (aggregation: Aggregation, ...packets: Packet[]): boolean[] =>
  packets.map((each) => aggregation.reports('n1/in', each));

test('a flag is reported when it is new, and again only after the interval', () => {
  const packets = [
    packet(0, 'SYN'),
    packet(1, 'ACK'),
    packet(2, 'ACK'),
    packet(5000, 'ACK'),
    packet(5001, 'ACK'),
  ];
  // The interval runs from the last report, which was at 1.
  expect(reported(new Aggregation(), ...packets)).toEqual([true, true, false, false, true]);
  expect(reported(new Aggregation(), packet(0, 'ACK'), packet(5000, 'ACK'), packet(9000, 'ACK'))).toEqual([
    true,
    true,
    false,
  ]);
});

test('every FIN and every RST is reported, retransmitted ones too', () => {
  const packets = [packet(0, 'FIN', 'ACK'), packet(1, 'FIN', 'ACK'), packet(2, 'RST'), packet(3, 'RST')];
  expect(reported(new Aggregation(), ...packets)).toEqual([true, true, true, true]);
});

test('each point and each direction has a memory of its own', () => {
  const aggregation = new Aggregation();
  expect(aggregation.reports('n1/out', packet(0, 'ACK'))).toBe(true);
  expect(aggregation.reports('n2/in', packet(1, 'ACK'))).toBe(true);
  expect(aggregation.reports('n2/in', { ...packet(2, 'ACK'), direction: 'reply' })).toBe(true);
  expect(aggregation.reports('n2/in', packet(3, 'ACK'))).toBe(false);
});

test('on port 53 every packet is reported', () => {
  expect(reported(new Aggregation({ everyPacket: true }), packet(0), packet(1), packet(2))).toEqual([
    true,
    true,
    true,
  ]);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ipv4 } from '../../src/hubble/address.js';
import { createDecoder } from '../../src/hubble/decode.js';
import type { Text } from '../../src/model.js';
import { encode } from './oracle.js';

const decode = createDecoder({ endpoints: 1 });

function read(source: string, destination = ''): readonly Text[] {
  const event = decode(encode({ flow: { IP: { source, destination } } }));
  if (event.kind !== 'flow') throw new Error(event.kind);
  return [event.flow.sourceIp, event.flow.destinationIp];
}

const CANONICAL = /^((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.|$)){4}$/;

const part = fc.oneof(fc.nat(255), fc.nat(300)).map(String);
const nearlyOne = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: part },
      { weight: 1, arbitrary: fc.constantFrom('', '01', '00', ' 1', '1a', '-1', '+1', '٣') },
    ),
    {
      minLength: 3,
      maxLength: 5,
    },
  )
  .map((parts) => parts.join('.'));

test('an address is the text that was sent, whatever it is, and IPv4 as such', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.ipV4(), fc.ipV6(), nearlyOne, fc.string({ maxLength: 20 })),
      fc.oneof(fc.ipV4(), fc.ipV6()),
      (source, destination) => {
        const [one, other] = read(source, destination);
        expect(String(one)).toBe(source);
        expect(String(other)).toBe(destination);
        expect(JSON.stringify({ one })).toBe(JSON.stringify({ one: source }));
        expect(one instanceof Ipv4).toBe(CANONICAL.test(source) && !source.endsWith('.'));
      },
    ),
    { seed: 6, numRuns: 5_000 },
  );
});

test.each(['0.0.0.0', '255.255.255.255', '10.0.0.1', '128.0.0.0', '1.2.3.4'])(
  '%s is read as IPv4',
  (text) => {
    expect(read(text)[0]).toBeInstanceOf(Ipv4);
    expect(String(read(text)[0])).toBe(text);
  },
);

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.',
  '.1.2.3.4',
  '1..2.3',
  '256.0.0.1',
  '01.2.3.4',
  '1.2.3.4 ',
  '1.2.3.4x',
  '4294967296.1',
])('%j is read as it is', (text) => {
  expect(read(text)[0]).toBe(text);
});

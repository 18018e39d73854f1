import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDecoder } from '../../src/hubble/decode.js';
import { fingerprintFlow } from '../../src/hubble/fingerprint.js';
import { readUuid, Uuid } from '../../src/hubble/uuid.js';
import { Wire } from '../../src/hubble/wire.js';
import type { Text } from '../../src/model.js';
import { encode } from './oracle.js';
import { flowOf } from './world.js';

const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function read(text: string): Text {
  const event = createDecoder({ endpoints: 1 })(encode({ flow: { uuid: text } }));
  if (event.kind !== 'flow') throw new Error(event.kind);
  return event.flow.uuid;
}

function fingerprint(uuid: Text): string {
  const into = new Int32Array(4);
  fingerprintFlow({ ...flowOf('n', 1), uuid }, into);
  return into.join();
}

const digit = fc.constantFrom(...Array.from('0123456789abcdefABCDEFg-\u00e9'));
const nearlyOne = fc
  .tuple(fc.uuid(), fc.nat(35), digit)
  .map(([uuid, at, other]) => `${uuid.slice(0, at)}${other}${uuid.slice(at + 1)}`);

test('what an event is known by is the text that was sent, whatever it is, and a UUID as such', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uuid(), nearlyOne, fc.string({ maxLength: 40 })), (text) => {
      const id = read(text);
      expect(String(id)).toBe(text);
      expect(JSON.stringify({ id })).toBe(JSON.stringify({ id: text }));
      expect(id instanceof Uuid).toBe(CANONICAL.test(text));
      // Live or from a recording, it is one event.
      expect(fingerprint(id)).toBe(fingerprint(text));
    }),
    { seed: 5, numRuns: 3_000 },
  );
});

test('every digit counts, at every place', () => {
  const prints = new Set<string>();
  const zero = '00000000-0000-0000-0000-000000000000';
  for (let at = 0; at < 36; at += 1) {
    if (zero[at] === '-') continue;
    for (const value of '123456789abcdef') {
      const text = `${zero.slice(0, at)}${value}${zero.slice(at + 1)}`;
      expect(String(read(text))).toBe(text);
      prints.add(fingerprint(read(text)));
    }
  }
  expect(prints.size).toBe(32 * 15);
});

test('a length that reaches beyond the message ends with it', () => {
  const wire = new Wire();
  const bytes = Buffer.concat([Buffer.from([36]), Buffer.from('12345678-9abc-4def-8123-456789abcdef')]);
  wire.open(bytes, 0, 36);
  expect(readUuid(wire)).toBe('12345678-9abc-4def-8123-456789abcde');
  expect(wire.pos).toBe(36);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDecoder } from '../../src/hubble/decode.js';
import { response } from './arbitraries.js';
import { encode, oracle, shown } from './oracle.js';

const numRuns = process.env['CROSSTALK_LONG'] === '1' ? 100_000 : 3_000;

test('any sound message is read as proto-loader reads it, the first time and again', () => {
  const decode = createDecoder({ endpoints: 64 });
  fc.assert(
    fc.property(response, (message) => {
      const bytes = encode(message);
      const expected = oracle(bytes);
      expect(shown(decode(bytes))).toEqual(expected);
      expect(shown(decode(bytes))).toEqual(expected);
    }),
    { seed: 1122, numRuns },
  );
});

test('the same endpoint is the same object until it is forgotten', () => {
  const decode = createDecoder({ endpoints: 10_000 });
  fc.assert(
    fc.property(response, (message) => {
      const [one, other] = [decode(encode(message)), decode(encode(message))];
      if (one.kind !== 'flow' || other.kind !== 'flow') return;
      expect(other.flow.source).toBe(one.flow.source);
      expect(other.flow.destination).toBe(one.flow.destination);
    }),
    { seed: 1123, numRuns: 1_000 },
  );
});

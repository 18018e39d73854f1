/**
 * Damaged messages, held to proto-loader's answer on the same bytes: 50,000 of
 * them, or 1,500,000 with CROSSTALK_LONG=1.
 */
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { createDecoder } from '../../src/hubble/decode.js';
import { MESSAGES } from './messages.js';
import { mutations } from './mutations.js';
import { encode, oracle, shown } from './oracle.js';

const LONG = process.env['CROSSTALK_LONG'] === '1';
const COUNT = LONG ? 1_500_000 : 50_000;

test('damaged bytes are read as proto-loader reads them, or are unreadable as they are to it', () => {
  const sound = MESSAGES.map(encode);
  const next = mutations(20_261_122, sound);
  // A small bound, so that endpoints are forgotten and learned again all the time.
  const decode = createDecoder({ endpoints: 8 });
  const seen = new Map<string, number>();
  const started = Date.now();
  for (let i = 0; i < COUNT; i++) {
    const bytes = next();
    const event = shown(decode(bytes));
    const expected = oracle(bytes);
    if (!isDeepStrictEqual(event, expected))
      expect({ bytes: bytes.toString('hex'), event }).toEqual({ event: expected });
    const kind = event.kind === 'unreadable' ? event.reason : event.kind;
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
  }
  const seconds = (Date.now() - started) / 1000;
  if (LONG)
    process.stdout.write(`${COUNT} mutations in ${seconds} s: ${JSON.stringify(Object.fromEntries(seen))}\n`);
  // The damage must leave something to read, and must not always: else nothing was compared.
  for (const kind of ['flow', 'node_status', 'lost_events', 'unknown', 'truncated', 'malformed']) {
    expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(COUNT / 1000);
  }
  // The same decoder afterwards: nothing of it was damaged.
  for (const bytes of sound) expect(shown(decode(bytes))).toEqual(oracle(bytes));
}, 3_600_000);

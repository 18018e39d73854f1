import { expect, test } from 'vitest';
import { CROSSINGS, PROBLEM } from '../../src/expose/schemas.js';
import { missingIn } from '../../src/expose/schema.js';
import { crossing, party } from '../fixtures/reports.js';

test('what a schema requires is missed wherever it is, and what it does not is not', () => {
  const whole = crossing(party('a', 'web'), party('b', 'db'));
  const { pod: _, ...nameless } = whole.source;
  expect(missingIn([whole, whole], CROSSINGS)).toBeUndefined();
  expect(missingIn([whole, { ...whole, node: undefined }], CROSSINGS)).toBe('node');
  expect(missingIn([whole, { ...whole, source: nameless }], CROSSINGS)).toBe('pod');
  expect(missingIn([whole, { ...whole, source: undefined }], CROSSINGS)).toBe('source');
  expect(missingIn([{ ...whole, port: undefined, reason: undefined }], CROSSINGS)).toBeUndefined();
  expect(missingIn(undefined, PROBLEM)).toBe('type');
});

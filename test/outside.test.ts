import { expect, test } from 'vitest';
import fc from 'fast-check';
import { plain } from '../src/outside.js';

test.each([
  ['a terminal escape', 'web\u001b[31m-0', 'web\ufffd[31m-0'],
  ['a line break', 'web\n{"level":"fatal"}', 'web\ufffd{"level":"fatal"}'],
  ['a right-to-left override', 'web\u202e0-x', 'web\ufffd0-x'],
  ['a zero-width joiner', 'te\u200dam', 'te\ufffdam'],
  ['a C1 control', 'a\u009bb', 'a\ufffdb'],
  ['an unpaired surrogate', 'a\ud800b', 'a\ufffdb'],
])('%s is replaced', (_, given, expected) => {
  expect(plain(given)).toBe(expected);
});

test('ordinary names, also non-Latin ones and emoji, stay as they are', () => {
  for (const text of ['web-0-x-default-x-team-a', 'größe', '名前', '🚀']) expect(plain(text)).toBe(text);
});

test('long text is cut, and the cut shows', () => {
  expect(plain('x'.repeat(300))).toBe(`${'x'.repeat(252)}…`);
  expect(plain('x'.repeat(253))).toHaveLength(253);
});

test('whatever comes in, nothing that breaks a line or a terminal goes out', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const out = plain(text);
      expect(out.length).toBeLessThanOrEqual(253);
      expect(out).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
    }),
    { seed: 20_260_115, numRuns: 2_000 },
  );
});

import { expect, test } from 'vitest';
import { counted, table } from '../../src/cli/table.js';

test('columns stand under each other, numbers at their ends', () => {
  expect(
    table(
      [{ title: 'WHO' }, { title: 'FLOWS', align: 'right' }, { title: 'WHY' }],
      [
        ['a', 1, 'x'],
        ['longer', 12_345, ''],
      ],
    ),
  ).toBe('  WHO      FLOWS  WHY\n  a            1  x\n  longer  12,345\n');
});

test('a very long table is cut, and says by how much', () => {
  const lines = table(
    [{ title: 'N' }],
    Array.from({ length: 1_250 }, (_, index) => [index]),
  ).split('\n');
  expect(lines).toHaveLength(103);
  expect(lines.at(-2)).toBe('  … and 1,150 more; --output json has all');
});

test('one is one, and many are many', () => {
  expect([counted(0, 'flow'), counted(1, 'flow'), counted(2_000, 'flow')]).toEqual([
    '0 flows',
    '1 flow',
    '2,000 flows',
  ]);
});

import { expect, test } from 'vitest';
import { StringTable } from '../../src/hubble/strings.js';
import { Wire } from '../../src/hubble/wire.js';
import { varint } from './fields.js';

function reader(table: StringTable): (bytes: Buffer) => string {
  const wire = new Wire();
  return (bytes) => {
    const all = Buffer.concat([varint(bytes.length), bytes]);
    wire.open(all, 0, all.length);
    return table.next(wire);
  };
}

test('a text is never mistaken for a longer one that begins with it, though they share a slot', () => {
  // One pair in 4,096 shares a slot by chance: of so many pairs some do.
  for (let batch = 0; batch < 200; batch++) {
    const read = reader(new StringTable(32));
    for (let i = 0; i < 200; i++) {
      const text = `harbour/worker-${batch}-${i}`;
      if (read(Buffer.from(`${text}0`)) !== `${text}0` || read(Buffer.from(text)) !== text) expect.fail(text);
    }
  }
});

test('texts of any length are read, kept or not', () => {
  const read = reader(new StringTable(16));
  for (let round = 0; round < 2; round++) {
    for (let length = 0; length < 300; length++) {
      const text = 'ä'.repeat(length);
      expect(read(Buffer.from(text))).toBe(text);
    }
  }
});

test('a table that far more texts come to than it holds still reads each', () => {
  const read = reader(new StringTable(24));
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 20_000; i++) {
      const text = `10.${i >> 8}.7.${i & 255}`;
      if (read(Buffer.from(text)) !== text) expect.fail(text);
    }
  }
});

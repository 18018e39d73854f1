import { afterEach, describe, expect, test, vi } from 'vitest';
import { Batch } from '../../src/hubble/batch.js';
import type { HubbleEvent } from '../../src/model.js';
import { thrownLater } from './faults.js';

/** An event for each message, which says what its bytes were. */
const decode = (bytes: Uint8Array, start = 0, end = bytes.length): HubbleEvent => ({
  kind: 'lost_events',
  source: 'unknown',
  count: Buffer.from(bytes).readUInt8(start),
  cpu: undefined,
  nodeName: String(end - start),
  time: undefined,
});
const message = (number: number): [Buffer, number, number] => [Buffer.from([0, number, 0]), 1, 2];
const numberOf = (event: HubbleEvent): number => (event.kind === 'lost_events' ? event.count : -1);

describe('the messages of a piece', () => {
  afterEach(() => vi.restoreAllMocks());

  test('are delivered when it is through, in the order they came, and once', () => {
    const delivered: number[] = [];
    const batch = new Batch(decode, (event) => delivered.push(numberOf(event)));
    expect([batch.take(...message(1)), batch.take(...message(2))]).toEqual([true, true]);
    expect(delivered).toEqual([]);
    expect(batch.flush()).toBe(true);
    expect(delivered).toEqual([1, 2]);
    expect(batch.flush()).toBe(true);
    batch.take(...message(3));
    batch.flush();
    expect(delivered).toEqual([1, 2, 3]);
  });

  test('are dropped from the one on at which nobody wants more', () => {
    const delivered: number[] = [];
    const batch = new Batch(decode, (event) => {
      delivered.push(numberOf(event));
      if (delivered.length === 2) batch.stop();
    });
    for (const number of [1, 2, 3]) batch.take(...message(number));
    expect(batch.flush()).toBe(false);
    expect(batch.take(...message(4))).toBe(false);
    expect(batch.flush()).toBe(false);
    expect(delivered).toEqual([1, 2]);
  });

  test('are not decoded any more once nobody wants them', () => {
    const read = vi.fn(decode);
    const batch = new Batch(read, () => undefined);
    batch.stop();
    expect(batch.take(...message(1))).toBe(false);
    expect(read).not.toHaveBeenCalled();
  });

  test('a fault in what is done with them is thrown where nobody catches it, and nothing more is delivered', () => {
    const thrown = thrownLater();
    const fault = new Error('ours');
    const deliver = vi.fn(() => {
      throw fault;
    });
    const batch = new Batch(decode, deliver);
    batch.take(...message(1));
    batch.take(...message(2));
    expect(batch.flush()).toBe(false);
    expect(thrown).toEqual([fault]);
    expect(deliver).toHaveBeenCalledTimes(1);
    expect(batch.take(...message(3))).toBe(false);
  });
});

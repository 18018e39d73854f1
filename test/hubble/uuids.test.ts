import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Fingerprint, fingerprintFlow, fingerprintLoss } from '../../src/hubble/fingerprint.js';
import { UuidMemory } from '../../src/hubble/uuids.js';
import { DEFAULT_UUIDS } from '../../src/hubble/subscription.js';
import type { Flow } from '../../src/model.js';
import { flowOf } from './world.js';

const key = (...words: number[]): Fingerprint => Int32Array.from([0, 1, 2, 3].map((at) => words[at] ?? 0));
const print = (flow: Flow): string => {
  const into = key();
  fingerprintFlow(flow, into);
  return [...into].join();
};

describe('a memory of fingerprints', () => {
  test('knows exactly the last ones that fit, whatever came before: as a plain list would', () => {
    const operation = fc.oneof(
      { weight: 20, arbitrary: fc.record({ add: fc.nat(60) }) },
      { weight: 1, arbitrary: fc.record({ resize: fc.integer({ min: 1, max: 40 }) }) },
    );
    // An event has the same time whenever it comes; in order, in disorder, many at once, or none of its own.
    const inOrder = fc.constant(Array.from({ length: 61 }, (_, n) => n));
    const inDisorder = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 61, maxLength: 61 });
    const someTimeless = fc.array(fc.option(fc.nat(90), { nil: undefined, freq: 30 }), {
      minLength: 61,
      maxLength: 61,
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(operation, { maxLength: 400 }),
        fc.oneof(inOrder, inDisorder, someTimeless),
        (start, operations, times) => {
          let capacity = start;
          const memory = new UuidMemory(capacity);
          let list: number[] = [];
          for (const step of operations) {
            if ('resize' in step) {
              capacity = step.resize;
              memory.resize(capacity);
            } else {
              // Few distinct words and many zeros: keys that collide in the index.
              const fresh = memory.add(key(step.add & 3, 0, 0, step.add >> 2), times[step.add], 50);
              expect(fresh).toBe(!list.includes(step.add));
              if (fresh) list.push(step.add);
            }
            list = list.slice(-capacity);
            expect(memory.count).toBe(list.length);
          }
          for (let n = 0; n <= 60; n++)
            expect(memory.has(key(n & 3, 0, 0, n >> 2), times[n])).toBe(list.includes(n));
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  test('as large as a ring of Hubble, knows a re-read of all of it, and what came before it', () => {
    const memory = new UuidMemory(4_095);
    const add = (n: number): boolean => memory.add(key(n), n - (n % 3), 0);
    for (let n = 0; n < 10_000; n++) expect(add(n)).toBe(true);
    for (let n = 10_000 - 4_095; n < 10_000; n++) expect(add(n)).toBe(false);
    expect(add(10_000 - 4_096)).toBe(true);
    // Long after, when the index has gone, again.
    for (let n = 10_000; n < 20_000; n++) expect(add(n)).toBe(true);
    for (let n = 20_000 - 4_095; n < 20_000; n++) expect(add(n)).toBe(false);
  });

  test('knows what came without a time, as a mask may leave it, when it comes again with one', () => {
    const memory = new UuidMemory(10);
    expect(memory.add(key(1), undefined, 50)).toBe(true);
    expect(memory.add(key(2), 60, 61)).toBe(true);
    expect(memory.add(key(1), 100, 101)).toBe(false);
    expect(memory.add(key(3), 100, 101)).toBe(true);
  });

  test('says up to when it has forgotten', () => {
    const memory = new UuidMemory(2);
    memory.add(key(1), 100, 0);
    memory.add(key(2), 90, 0);
    expect(memory.forgottenUntil).toBe(-Infinity);
    memory.add(key(3), 300, 0);
    memory.add(key(4), 400, 0);
    expect(memory.forgottenUntil).toBe(100);
  });

  test('for 128 nodes with full rings takes 12 MiB, 20 while they are re-read, and for a quiet one next to nothing', () => {
    const memory = new UuidMemory(4096);
    expect(memory.bytes).toBeLessThan(4096);
    const mebibytes = () => (memory.bytes * DEFAULT_UUIDS) / 4096 / 1024 / 1024;
    for (let n = 0; n < 10_000; n++) memory.add(key(n, n * 7, 1, 2), n, n);
    expect(mebibytes()).toBe(12);
    expect(memory.add(key(9_000, 63_000, 1, 2), 9_000, 10_001)).toBe(false);
    expect(mebibytes()).toBe(20);
    for (let n = 10_000; n < 14_100; n++) memory.add(key(n, n * 7, 1, 2), n, n);
    expect(mebibytes()).toBe(12);
  });
});

describe('a fingerprint', () => {
  const uuid = '12345678-9abc-4def-8123-456789abcdef';
  test('is the UUID, in either case, all 128 bits of it', () => {
    const into = key();
    fingerprintFlow(flowOf('n', 1, uuid), into);
    expect(Buffer.from(into.buffer).swap32().toString('hex')).toBe(uuid.replaceAll('-', ''));
    expect(print(flowOf('n', 1, uuid.toUpperCase()))).toBe(print(flowOf('n', 1, uuid)));
    for (let at = 0; at < 36; at++) {
      if (uuid[at] === '-') continue;
      const other = uuid.slice(0, at) + (uuid[at] === '0' ? '1' : '0') + uuid.slice(at + 1);
      expect(print(flowOf('n', 1, other))).not.toBe(print(flowOf('n', 1, uuid)));
    }
  });

  test('of what is no canonical UUID is a hash of all of it', () => {
    const odd = [
      'x',
      uuid.replaceAll('-', ''),
      `${uuid} `,
      uuid.replace('a', 'g'),
      uuid.replace('a', 'é'),
      uuid.replace('-', 'a'),
    ];
    const prints = [...odd, uuid].map((text) => print(flowOf('n', 1, text)));
    expect(new Set(prints).size).toBe(prints.length);
    expect(print(flowOf('n', 1, 'x'))).toBe(print(flowOf('n', 2, 'x')));
  });

  test('without a UUID (before Cilium 1.14) tells packets apart by everything that differs', () => {
    const flow = flowOf('n', 1, '');
    const others: Flow[] = [
      { ...flow, time: 2 },
      { ...flow, nodeName: 'm' },
      { ...flow, sourceIp: '10.0.0.9' },
      { ...flow, destinationIp: '10.0.0.9' },
      { ...flow, eventType: 5 },
      { ...flow, subType: 3 },
      { ...flow, verdict: 2 },
      { ...flow, l4: { ...flow.l4, sourcePort: 9 } },
      { ...flow, l4: { ...flow.l4, destinationPort: 9 } },
      { ...flow, l4: { ...flow.l4, flags: 16 } },
      { ...flow, l4: { ...flow.l4, protocol: 'udp' } },
    ];
    const prints = [flow, ...others].map(print);
    expect(new Set(prints).size).toBe(prints.length);
    expect(print({ ...flow })).toBe(print(flow));
  });

  test('of a loss tells by node, source, CPU, time and count', () => {
    const loss = {
      kind: 'lost_events',
      source: 'perf_event_ring_buffer',
      count: 1,
      cpu: 0,
      nodeName: 'n',
      time: 1,
    } as const;
    const prints = [
      loss,
      { ...loss, count: 2 },
      { ...loss, cpu: undefined },
      { ...loss, cpu: 1 },
      { ...loss, nodeName: 'm' },
      { ...loss, time: 2 },
      { ...loss, source: 'unknown' as const },
    ].map((one) => {
      const into = key();
      fingerprintLoss(one, into);
      return [...into].join();
    });
    expect(new Set(prints).size).toBe(prints.length);
  });
});

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
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(operation, { maxLength: 400 }),
        (start, operations) => {
          let capacity = start;
          const memory = new UuidMemory(capacity);
          let list: number[] = [];
          for (const step of operations) {
            if ('resize' in step) {
              capacity = step.resize;
              memory.resize(capacity);
            } else {
              // Few distinct words and many zeros: keys that collide in the index.
              const fresh = memory.add(key(step.add & 3, 0, 0, step.add >> 2), step.add);
              expect(fresh).toBe(!list.includes(step.add));
              if (fresh) list.push(step.add);
            }
            list = list.slice(-capacity);
            expect(memory.count).toBe(list.length);
          }
          for (let n = 0; n <= 60; n++) expect(memory.has(key(n & 3, 0, 0, n >> 2))).toBe(list.includes(n));
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  test('says up to when it has forgotten', () => {
    const memory = new UuidMemory(2);
    memory.add(key(1), 100);
    memory.add(key(2), 90);
    expect(memory.forgottenUntil).toBe(-Infinity);
    memory.add(key(3), 300);
    memory.add(key(4), 400);
    expect(memory.forgottenUntil).toBe(100);
  });

  test('for 128 nodes with full rings takes 20 MiB, and for a quiet one next to nothing', () => {
    const memory = new UuidMemory(4096);
    expect(memory.bytes).toBeLessThan(4096);
    for (let n = 0; n < 10_000; n++) memory.add(key(n, n * 7, 1, 2), n);
    expect((memory.bytes * DEFAULT_UUIDS) / 4096).toBe(20 * 1024 * 1024);
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

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createObservations, type Observations, type ObservedSide } from '../../src/policy/observed.js';
import { Openers } from '../../src/policy/openers.js';
import { NO_ENDPOINT } from '../../src/hubble/endpoint.js';
import { EventType, HubbleVerdict, TcpFlag, TraceReason, TrafficDirection } from '../../src/model.js';
import { departure } from '../../src/traffic/departure.js';
import { arrival, syncedPod, tcp } from '../fixtures/flows.js';
import { createWholePipeline, countedSamples } from '../fixtures/pipeline.js';

const T = 1_000;
const WORLD = {
  id: 0,
  identity: 2,
  namespace: '',
  podName: '',
  labels: ['reserved:world'],
  clusterName: '',
};
const toPort = (port: number) => tcp(TcpFlag.SYN, 40_000, port);
const leaving = (changes: Partial<ReturnType<typeof arrival>> = {}) =>
  arrival({ destination: WORLD, destinationIp: '203.0.113.9', subType: 3, l4: toPort(443), ...changes });

describe('what policies can be asked about', () => {
  test('a kind of connection is kept once, with how often and when', () => {
    const seen = createObservations();
    const flow = arrival();
    seen.take(flow, 'allowed', T);
    seen.take({ ...flow, uuid: 'b' }, 'allowed', T + 5);
    seen.take({ ...flow, uuid: 'c' }, 'denied', T + 9);
    expect(
      seen.list().map(({ verdict, count, firstSeen, lastSeen }) => ({ verdict, count, firstSeen, lastSeen })),
    ).toEqual([
      { verdict: 'allowed', count: 2, firstSeen: T, lastSeen: T + 5 },
      { verdict: 'denied', count: 1, firstSeen: T + 9, lastSeen: T + 9 },
    ]);
  });

  test('pods of one identity are one side, and each address outside is one of its own', () => {
    const seen = createObservations();
    const flow = leaving();
    const again = { ...flow.source, podName: `${flow.source.podName}x` };
    seen.take(flow, 'allowed', T);
    seen.take({ ...flow, source: again }, 'allowed', T);
    expect(seen.size).toBe(1);
    seen.take({ ...flow, destinationIp: '203.0.113.10' }, 'allowed', T);
    expect(seen.list().map(({ destination }) => destination.ip)).toEqual(['203.0.113.9', '203.0.113.10']);
  });

  test('pods that only their names tell apart are not one side', () => {
    const seen = createObservations();
    const labels = ['k8s:io.kubernetes.pod.namespace=shared'];
    const named = (podName: string) => ({ ...arrival().source, namespace: 'shared', labels, podName });
    seen.take(arrival({ source: named('web-0-x-default-x-a') }), 'allowed', T);
    seen.take(arrival({ source: named('web-0-x-default-x-b') }), 'allowed', T);
    expect(seen.size).toBe(2);
  });

  test('packets of an established connection make it no second one', () => {
    const seen = createObservations();
    seen.take(arrival(), 'allowed', T);
    seen.take(arrival({ traceReason: TraceReason.ESTABLISHED }), 'allowed', T + 60);
    expect(seen.list()).toMatchObject([{ count: 1, lastSeen: T + 60 }]);
  });

  test('one connection that is traced at two points on its way is one', () => {
    const seen = createObservations();
    seen.take(leaving(), 'allowed', T);
    seen.take(leaving({ subType: 11 }), 'allowed', T);
    expect(seen.list()).toMatchObject([{ count: 1 }]);
  });

  test('a flood pushes out its own, never what others do or what is seen again and again', () => {
    const seen = createObservations(50);
    const quiet = arrival({ source: syncedPod('team-quiet', 'job') });
    seen.take(quiet, 'allowed', T);
    const beat = arrival({ l4: toPort(1) });
    for (let port = 2; port < 1_000; port++) {
      seen.take(beat, 'allowed', T + port);
      seen.take(arrival({ l4: toPort(port) }), 'allowed', T + port);
    }
    const kept = seen.list();
    expect(kept).toHaveLength(50);
    expect(seen.forgotten).toBe(949 + 1);
    expect(kept.some(({ source }) => source.endpoint === quiet.source)).toBe(true);
    expect(kept.some(({ port }) => port === 1)).toBe(true);
    expect(kept.some(({ port }) => port === 999)).toBe(true);
    expect(kept.some(({ port }) => port === 500)).toBe(false);
  });
});

test('what was forgotten is made anew when it comes again, also for whoever only opened and whoever only answered', () => {
  const seen = createObservations(3);
  const flow = (from: number, to: number) =>
    arrival({ source: syncedPod(`ns-${from}`, 'a'), destination: syncedPod(`ns-${to}`, 'b') });
  const first = flow(0, 1);
  seen.take(first, 'allowed', T);
  for (let other = 2; other < 20; other++) seen.take(flow(other, other + 1), 'allowed', T + other);
  expect(seen.list().some(({ example }) => example === first)).toBe(false);
  seen.take(first, 'allowed', T + 50);
  seen.take(flow(1, 0), 'allowed', T + 51);
  expect(seen.list()).toHaveLength(3);
  expect(seen.list().filter(({ lastSeen }) => lastSeen >= T + 50)).toHaveLength(2);
  expect(seen.size + seen.forgotten).toBe(21);
});

test('two records of the same endpoints, of which one forgets, keep each kind once', () => {
  const pods = ['a', 'b'].map((name) => ({ ...syncedPod('team-a', name), labels: [`k8s:app=${name}`] }));
  const others = [WORLD, { ...NO_ENDPOINT, identity: 9 }];
  const everybody = [...pods, ...others].flatMap((endpoint) => [endpoint, { ...endpoint }]);
  const event = fc.record({
    record: fc.nat(1),
    source: fc.constantFrom(...everybody, NO_ENDPOINT),
    destination: fc.constantFrom(...everybody, NO_ENDPOINT),
    sourceIp: fc.constantFrom('203.0.113.1', '203.0.113.2'),
    destinationIp: fc.constantFrom('203.0.113.3', '203.0.113.4'),
    port: fc.integer({ min: 1, max: 2 }),
  });
  const nameOf = ({ endpoint: { podName, identity }, ip }: Pick<ObservedSide, 'endpoint' | 'ip'>): string =>
    [podName, identity, [2, 9].includes(identity) ? ip : ''].join(' ');
  const kinds = (record: Observations): string[] =>
    record.list().map(({ source, destination, port }) => `${nameOf(source)} ${nameOf(destination)} ${port}`);
  fc.assert(
    fc.property(fc.array(event, { maxLength: 100, size: 'max' }), (events) => {
      const [whole, small] = [createObservations(), createObservations(5)];
      const told = new Map<string, number>();
      for (const { record, port, ...who } of events) {
        (record === 0 ? whole : small).take(arrival({ ...who, l4: toPort(port) }), 'allowed', T);
        expect(new Set(kinds(small)).size).toBe(small.size);
        if (record === 1) continue;
        const source = nameOf({ endpoint: who.source, ip: who.sourceIp });
        const kind = `${source} ${nameOf({ endpoint: who.destination, ip: who.destinationIp })} ${port}`;
        told.set(kind, (told.get(kind) ?? 0) + 1);
      }
      const counts = whole.list().map(({ count }) => count);
      expect(
        kinds(whole)
          .map((kind, at) => [kind, counts[at]])
          .sort(),
      ).toEqual([...told].sort());
    }),
    { seed: 7 },
  );
});

test('the namespace that opened most is known after any number of additions and deletions', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 9 }), fc.boolean())),
      (steps) => {
        const openers = new Openers<string>();
        const naive = new Map<string, Set<string>>();
        for (const [at, number, isAdded] of steps) {
          const [namespace, entry] = [`ns-${at}`, `${at} ${number}`];
          const entries = naive.get(namespace) ?? new Set<string>();
          naive.set(namespace, entries);
          if (isAdded) entries.add(entry);
          else entries.delete(entry);
          if (isAdded) openers.add(namespace, entry);
          else openers.delete(namespace, entry);
          const sizes = [...naive.values()].map(({ size }) => size);
          expect(openers.largest().size).toBe(Math.max(0, ...sizes));
          expect(openers.list().sort()).toEqual([...naive.values()].flatMap((some) => [...some]).sort());
          expect(openers.namespaces).toBe(sizes.filter((size) => size > 0).length);
        }
      },
    ),
    { seed: 7 },
  );
});

describe('connections to what has no endpoint are told by where they leave', () => {
  test.each([
    ['to-stack', leaving()],
    ['to-host', leaving({ subType: 2 })],
    ['to-network', leaving({ subType: 11 })],
    [
      'a verdict of the egress policy',
      leaving({
        eventType: EventType.POLICY_VERDICT,
        trafficDirection: TrafficDirection.EGRESS,
        verdict: HubbleVerdict.FORWARDED,
      }),
    ],
  ])('%s', (_, flow) => expect(departure(flow)).toBe('allowed'));

  test.each([
    ['a reply', leaving({ isReply: true })],
    ['a packet of unknown direction', leaving({ isReply: undefined })],
    ['an ICMP error', leaving({ traceReason: TraceReason.RELATED })],
    ['a point before the egress policy (from-endpoint)', leaving({ subType: 5 })],
    ['a pod: its arrival tells', arrival({ subType: 3 })],
    ['what no pod opened', leaving({ source: WORLD })],
    [
      'an ingress verdict',
      leaving({ eventType: EventType.POLICY_VERDICT, trafficDirection: TrafficDirection.INGRESS }),
    ],
    [
      'a verdict that denies: its drop tells',
      leaving({
        eventType: EventType.POLICY_VERDICT,
        trafficDirection: TrafficDirection.EGRESS,
        verdict: HubbleVerdict.DROPPED,
      }),
    ],
  ])('not by %s', (_, flow) => expect(departure(flow)).toBeUndefined());

  test('and count nowhere else: one flow in transit, no traffic, no endpoint attributed', () => {
    const whole = createWholePipeline();
    whole.take(leaving());
    expect(countedSamples(whole)).toEqual({ 'flows_total{event="transit"}': 1 });
    expect(whole.observations.size).toBe(1);
  });
});

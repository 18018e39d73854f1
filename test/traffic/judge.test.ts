import { describe, expect, test } from 'vitest';
import { judge } from '../../src/traffic/judge.js';
import { EVENT_WORDS, EventType, HubbleVerdict, TraceReason, type Flow } from '../../src/model.js';
import { arrival, denial, icmp, policyVerdict, udp } from '../fixtures/flows.js';
import fc from 'fast-check';

describe('what arrives at its destination is an arrival', () => {
  test.each<[string, Partial<Flow>]>([
    ['a SYN', {}],
    ['a packet of a known connection', { traceReason: TraceReason.ESTABLISHED }],
    ['a reopened connection', { traceReason: TraceReason.REOPENED }],
    ['a server before 1.16 that gives no reason', { traceReason: TraceReason.UNKNOWN }],
    ['an echo request', { l4: icmp(8) }],
    ['an ICMPv6 echo request', { l4: icmp(128, 0, 6) }],
    ['a datagram', { l4: udp() }],
    ['a trace that says INGRESS, as before 1.16', { trafficDirection: 1 }],
    ['a trace that says EGRESS, as since 1.16', { trafficDirection: 2 }],
    ['an unknown trace reason of a newer server', { traceReason: 99 }],
  ])('%s', (_, fields) => {
    expect(judge(arrival(fields))).toBe('arrival');
  });
});

describe('what did not arrive, or answers, is no arrival', () => {
  test.each<[string, Partial<Flow>, string]>([
    ['a reply', { isReply: true, traceReason: TraceReason.REPLY }, 'reply'],
    ['a reply without a reason', { isReply: true, traceReason: TraceReason.UNKNOWN }, 'reply'],
    ['a direction that Hubble does not know', { isReply: undefined }, 'undirected'],
    ['an ICMP error that answers', { traceReason: TraceReason.RELATED, l4: icmp(3, 1) }, 'related'],
    ['an ICMP error before 1.16', { traceReason: TraceReason.UNKNOWN, l4: icmp(11) }, 'related'],
    ['an ICMPv6 error before 1.16', { traceReason: TraceReason.UNKNOWN, l4: icmp(1, 4, 6) }, 'related'],
    ['to-overlay', { subType: 4 }, 'transit'],
    ['to-network', { subType: 11 }, 'transit'],
    ['to-stack', { subType: 3 }, 'transit'],
    ['to-proxy', { subType: 1 }, 'transit'],
    ['from-endpoint', { subType: 5, isReply: undefined }, 'transit'],
    ['a verdict number nobody knows', { verdict: 99 }, 'other'],
    ['a trace that was redirected', { verdict: HubbleVerdict.REDIRECTED }, 'other'],
    ['a socket translation', { eventType: EventType.SOCK, verdict: HubbleVerdict.TRANSLATED }, 'socket'],
    ['an L7 record', { eventType: EventType.L7 }, 'l7'],
    ['a debug capture', { eventType: EventType.DEBUG_CAPTURE, verdict: 0 }, 'other'],
    ['an event type nobody knows', { eventType: 77 }, 'other'],
    ['no event type at all', { eventType: 0 }, 'other'],
  ])('%s', (_, fields, word) => {
    expect(judge(arrival(fields))).toBe(word);
  });

  test('a forged ICMP error that tracking calls NEW has opened a path of its own: it counts', () => {
    expect(judge(arrival({ l4: icmp(3, 1), traceReason: TraceReason.NEW }))).toBe('arrival');
  });

  test('TCP port 3 is no ICMP error', () => {
    const l4 = { protocol: 'tcp', sourcePort: 3, destinationPort: 80, flags: 2, icmpVersion: 0 } as const;
    expect(judge(arrival({ l4, traceReason: TraceReason.UNKNOWN }))).toBe('arrival');
  });
});

describe('a policy decision is told from other drops', () => {
  test.each([133, 181, 189])('drop reason %i is a denial', (dropReason) => {
    expect(judge(denial({ dropReason }))).toBe('denial');
  });
  test.each([0, 130, 151, 158, 202, 255, 999])('drop reason %i is a drop', (dropReason) => {
    expect(judge(denial({ dropReason }))).toBe('drop');
  });
  test('a drop event without the verdict DROPPED is neither', () => {
    expect(judge(denial({ verdict: HubbleVerdict.FORWARDED }))).toBe('other');
  });
  test.each(['FORWARDED', 'DROPPED', 'AUDIT', 'REDIRECTED'] as const)(
    'a policy verdict %s is a policy verdict, whatever it decided',
    (verdict) => {
      expect(judge(policyVerdict({ verdict: HubbleVerdict[verdict], dropReason: 133 }))).toBe(
        'policy_verdict',
      );
    },
  );
});

test('every flow is exactly one word', () => {
  const anyFlow = fc.record({
    eventType: fc.oneof(fc.constantFrom(0, 1, 3, 4, 5, 7, 129), fc.integer()),
    subType: fc.oneof(fc.constant(0), fc.integer()),
    verdict: fc.integer({ min: -1, max: 12 }),
    dropReason: fc.oneof(fc.constantFrom(0, 133, 181, 189), fc.integer()),
    isReply: fc.constantFrom(true, false, undefined),
    traceReason: fc.integer({ min: 0, max: 12 }),
  });
  fc.assert(
    fc.property(anyFlow, (fields) => {
      const word = judge(arrival(fields));
      expect(EVENT_WORDS).toContain(word);
      if (word === 'arrival') {
        expect(fields).toMatchObject({ eventType: 4, subType: 0, verdict: 1, isReply: false });
        expect(fields.traceReason).not.toBe(TraceReason.RELATED);
      }
    }),
    { seed: 20_260_115, numRuns: 5_000 },
  );
});

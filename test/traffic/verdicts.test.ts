import { describe, expect, test } from 'vitest';
import { createVerdicts } from '../../src/traffic/verdicts.js';
import { HubbleVerdict, TcpFlag, TraceReason, TrafficDirection } from '../../src/model.js';
import { T0, arrival, denial, established, policyVerdict, tcp } from '../fixtures/flows.js';

const allow = { kind: 'CiliumNetworkPolicy', namespace: 'team-a', name: 'allow-http' };
const egress = { kind: 'CiliumNetworkPolicy', namespace: 'team-b', name: 'egress' };
const deny = { kind: 'CiliumNetworkPolicy', namespace: 'team-a', name: 'isolate' };
const audit = () => policyVerdict({ verdict: HubbleVerdict.AUDIT });

describe('an AUDIT verdict makes the arrival it precedes audited', () => {
  test('on the same connection', () => {
    const verdicts = createVerdicts();
    verdicts.note(audit(), false, T0);
    expect(verdicts.audited(arrival(), T0)).toBe(true);
  });
  test('also when the egress side said it, on the source’s node', () => {
    const verdicts = createVerdicts();
    const egressAudit = { ...audit(), nodeName: 'worker-9', trafficDirection: TrafficDirection.EGRESS };
    verdicts.note(egressAudit, false, T0);
    expect(verdicts.audited(arrival(), T0)).toBe(true);
  });
  test('and all its later packets', () => {
    const verdicts = createVerdicts();
    verdicts.note(audit(), false, T0);
    expect(verdicts.audited(established({ time: T0 + 600_000 }), T0 + 600_000)).toBe(true);
  });
  test.each([
    ['another source port', arrival({ l4: tcp(2, 50_000) })],
    ['another destination', arrival({ destinationIp: '10.0.2.21' })],
    ['the opposite direction', arrival({ sourceIp: '10.0.2.20', destinationIp: '10.0.1.10' })],
  ])('not %s', (_, flow) => {
    const verdicts = createVerdicts();
    verdicts.note(audit(), false, T0);
    expect(verdicts.audited(flow, T0)).toBe(false);
  });
  test('not a connection that uses the same ports again much later', () => {
    const verdicts = createVerdicts();
    verdicts.note(audit(), false, T0);
    expect(verdicts.audited(arrival({ time: T0 + 61_000 }), T0 + 61_000)).toBe(false);
    expect(verdicts.audited(established({ time: T0 + 62_000 }), T0 + 62_000)).toBe(false);
  });
  test.each(['FORWARDED', 'REDIRECTED', 'DROPPED'] as const)('a verdict %s does not', (verdict) => {
    const verdicts = createVerdicts();
    verdicts.note(policyVerdict({ verdict: HubbleVerdict[verdict] }), true, T0);
    expect(verdicts.audited(arrival(), T0)).toBe(false);
  });
});

describe('policies are named', () => {
  test('from both sides, none twice', () => {
    const verdicts = createVerdicts();
    verdicts.note(policyVerdict({ allowedBy: [egress] }), true, T0);
    verdicts.note(policyVerdict({ allowedBy: [allow, egress] }), true, T0);
    expect(verdicts.policies(arrival(), T0)).toEqual([egress, allow]);
  });
  test('those that let a connection through are not those that denied it before', () => {
    const verdicts = createVerdicts();
    const dropped = policyVerdict({ verdict: HubbleVerdict.DROPPED, deniedBy: [deny] });
    verdicts.note(dropped, true, T0);
    verdicts.note(policyVerdict({ allowedBy: [allow] }), true, T0);
    expect(verdicts.policies(denial(), T0)).toEqual([deny]);
    expect(verdicts.policies(arrival(), T0)).toEqual([allow]);
  });
  test('not for a connection much later', () => {
    const verdicts = createVerdicts();
    verdicts.note(policyVerdict({ allowedBy: [allow] }), true, T0);
    expect(verdicts.policies(arrival({ time: T0 + 61_000 }), T0)).toEqual([]);
  });
  test('and only kept where asked for', () => {
    const verdicts = createVerdicts();
    verdicts.note(policyVerdict({ allowedBy: [allow] }), false, T0);
    expect(verdicts.policies(arrival(), T0)).toEqual([]);
  });
});

test('who is spoken of again is remembered for longer than who is not', () => {
  const verdicts = createVerdicts(3);
  const at = (port: number) => tcp(TcpFlag.ACK, port);
  const note = (port: number) => verdicts.note({ ...audit(), allowedBy: [allow], l4: at(port) }, true, T0);
  const known = (port: number) => [
    verdicts.audited(arrival({ l4: at(port), traceReason: TraceReason.NEW }), T0),
    verdicts.policies(arrival({ l4: at(port) }), T0).length === 1,
  ];
  for (const port of [1, 2, 3, 1, 4]) note(port);
  expect([1, 2, 3, 4].map(known)).toEqual([
    [true, true],
    [false, false],
    [true, true],
    [true, true],
  ]);
  verdicts.audited(arrival({ l4: at(3), traceReason: TraceReason.ESTABLISHED }), T0);
  note(5);
  expect([1, 3].map(known)).toEqual([
    [false, true],
    [true, false],
  ]);
});

test('what is remembered is bounded: the oldest are forgotten', () => {
  const verdicts = createVerdicts(10);
  for (let port = 1; port <= 20; port += 1) verdicts.note({ ...audit(), l4: tcp(2, port) }, true, T0);
  expect(verdicts.audited(arrival({ l4: tcp(2, 10) }), T0)).toBe(false);
  expect(verdicts.audited(arrival({ l4: tcp(2, 11) }), T0)).toBe(true);
});

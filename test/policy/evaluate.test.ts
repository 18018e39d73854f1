import { describe, expect, test } from 'vitest';
import type { Written } from './cases.js';
import { promises } from './promises.js';
import { cnp, db, decide, foreign, tcp, web, world } from './written.js';

describe.each(promises)('%s', (_, rows) => {
  test.each(rows)('%s', (_promise, policy, connection, answer, options = {}) => {
    expect(decide(Array.isArray(policy) ? policy : [policy], connection, options).answer).toBe(answer);
  });
});

const all = { endpointSelector: {} };
const app = (name: string): Written => ({ matchLabels: { app: name } });
const from = (...fromEndpoints: Written[]): Written => cnp({ ...all, ingress: [{ fromEndpoints }] });

describe('the answer says what decided', () => {
  const ref = { kind: 'CiliumNetworkPolicy', namespace: 'team-a', name: 'tested' };
  test('the rule that allows', () => {
    expect(decide([from(app('x'), app('web'))], tcp(web, db)).ingress).toEqual({
      answer: 'allowed',
      because: { kind: 'rules', rules: [{ policy: ref, path: 'spec.ingress[0]' }] },
    });
  });
  test('the rules that close', () => {
    expect(decide([from(app('x'))], tcp(web, db)).ingress).toEqual({
      answer: 'denied',
      because: { kind: 'default_deny', rules: [{ policy: ref, path: 'spec.ingress[0]' }] },
    });
  });
  test('none, and no endpoint', () => {
    const { egress, ingress } = decide([from({})], tcp(foreign, world));
    expect([egress.because.kind, ingress.because.kind]).toEqual(['no_policy', 'not_an_endpoint']);
  });
  test('why it cannot be told', () => {
    const policy = cnp({ ...all, egress: [{ toFQDNs: [{ matchName: 'example.com' }] }] });
    expect(decide([policy], tcp(web, world)).egress.because).toEqual({
      kind: 'unknown',
      why: 'toFQDNs cannot be told from what was observed',
      rules: [{ policy: ref, path: 'spec.egress[0]' }],
    });
  });
});

/** The push and the real Alertmanager: one notification when a violation begins, one when it ends. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readViolations } from '../../src/alert/remembered.js';
import type { Violation, Violations } from '../../src/alert/violations.js';
import { startAlertmanager, startWebhook, type Alertmanager, type Webhook } from '../e2e/alertmanager.js';
import { tenantParty } from '../fixtures/flows.js';
import { AGREEMENT, crossed, violationsWith } from './crossed.js';
import { startPush } from './receiver.js';

const until = (met: () => void | Promise<void>) => vi.waitFor(met, { timeout: 60_000, interval: 20 });
const HOLD_MS = 3_000;

let webhook: Webhook;
let alertmanager: Alertmanager;
beforeAll(async () => {
  webhook = await startWebhook();
  alertmanager = await startAlertmanager({ webhook: webhook.url });
});
afterAll(async () => {
  await alertmanager.stop();
  await webhook.stop();
});

function shortLived(remembered?: readonly Violation[]): Violations {
  return violationsWith({ settings: () => ({ cluster: 'default', holdMs: HOLD_MS }), remembered });
}
function cross(violations: Violations, source: string): void {
  const now = Date.now();
  violations.add(crossed({ source: tenantParty(source), seenAt: now }), now);
}
const toldOf = (source: string) =>
  webhook.notified
    .filter(({ labels }) => labels['source_tenant'] === source)
    .map(({ status, labels }) => `${labels['alertname'] ?? ''} ${status}`);

test('the real Alertmanager takes an empty post', async () => {
  const push = startPush(shortLived(), { urls: [alertmanager.url] });
  await until(() => expect(push.results[alertmanager.url]).toEqual(expect.arrayContaining(['success'])));
  expect(push.failures).toEqual([]);
});

describe('a violation', () => {
  test('is notified of once when it begins and once when it ends, whatever is posted between; expected traffic never', async () => {
    const violations = shortLived();
    const push = startPush(violations, { urls: [alertmanager.url] });
    const now = Date.now();
    violations.add(crossed({ source: tenantParty('agreed'), agreement: AGREEMENT, seenAt: now }), now);
    cross(violations, 'once');
    push.nudge();
    await until(() => expect(toldOf('once')).toEqual(['CrossTenantTrafficAllowed firing']));
    cross(violations, 'once');
    await until(() =>
      expect(toldOf('once')).toEqual([
        'CrossTenantTrafficAllowed firing',
        'CrossTenantTrafficAllowed resolved',
      ]),
    );
    expect(push.results[alertmanager.url]?.length).toBeGreaterThan(20);
    expect(toldOf('agreed')).toEqual([]);
    expect(webhook.notified.find(({ labels }) => labels['source_tenant'] === 'once')).toMatchObject({
      annotations: {
        connections: '1',
        description: expect.stringContaining('once reached team-a') as string,
      },
    });
  });

  test('goes on over a restart without a word', async () => {
    const before = shortLived();
    const first = startPush(before, { urls: [alertmanager.url] });
    cross(before, 'restarted');
    first.nudge();
    await until(() => expect(toldOf('restarted')).toHaveLength(1));
    before.holdInFull(Date.now());
    await first.close(2_000);
    const state: unknown = JSON.parse(JSON.stringify(before.active(Date.now())));

    const after = shortLived(readViolations(state) as readonly Violation[]);
    startPush(after, { urls: [alertmanager.url] });
    cross(after, 'restarted');
    await until(() => expect(toldOf('restarted')).toHaveLength(2));
    expect(toldOf('restarted')).toEqual([
      'CrossTenantTrafficAllowed firing',
      'CrossTenantTrafficAllowed resolved',
    ]);
  });
});

test('an Alertmanager that lost its memory is told again of all that is active', async () => {
  const violations = shortLived();
  startPush(violations, { urls: [alertmanager.url] });
  cross(violations, 'remembered');
  const seen = setInterval(() => cross(violations, 'remembered'), 100);
  try {
    await until(() => expect(toldOf('remembered')).toHaveLength(1));
    await alertmanager.stop();
    alertmanager = await startAlertmanager({ webhook: webhook.url, previous: alertmanager });
    await until(async () => {
      const held = await alertmanager.alerts();
      expect(held.map(({ labels }) => labels['source_tenant'])).toEqual(['remembered']);
    });
  } finally {
    clearInterval(seen);
  }
  await until(() => expect(toldOf('remembered')).toHaveLength(2));
  expect(toldOf('remembered').at(-1)).toContain('resolved');
});

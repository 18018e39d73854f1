/** The push over real HTTP: what is sent when, and what becomes of it when Alertmanager is ill. */
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { T0, tenantParty } from '../fixtures/flows.js';
import { crossed, HOLD_MS, violationsWith } from './crossed.js';
import { startPush, startReceiver, type Receiver } from './receiver.js';

const clock = () => T0;
const until = (met: () => void) => vi.waitFor(met, { timeout: 10_000, interval: 5 });
const sources = (receiver: Receiver, post = -1) =>
  receiver.posts.at(post)?.alerts.map(({ labels }) => labels['source_tenant']);

function violationsOf(count: number): ReturnType<typeof violationsWith> {
  const violations = violationsWith({ capacity: 10_000 });
  for (let index = 0; index < count; index += 1)
    violations.add(crossed({ source: tenantParty(`t${index}`) }), T0);
  return violations;
}

describe('every Alertmanager', () => {
  test('is sent all active violations, again and again', async () => {
    const receivers = [await startReceiver(), await startReceiver()];
    startPush(violationsOf(2), { urls: receivers.map(({ url }) => url) }, { clock });
    for (const receiver of receivers) {
      await until(() => expect(receiver.posts.length).toBeGreaterThan(2));
      expect(sources(receiver)).toEqual(['t0', 't1']);
      expect(receiver.posts[0]).toMatchObject({ url: '/api/v2/alerts' });
      expect(receiver.posts[0]?.headers['content-type']).toBe('application/json');
    }
  });

  test('is spoken to under the path that its URL has', async () => {
    const receiver = await startReceiver();
    startPush(violationsOf(1), { urls: [`${receiver.url}/team/alertmanager`] }, { clock });
    await until(() => expect(receiver.posts[0]?.url).toBe('/team/alertmanager/api/v2/alerts'));
  });

  test('is tried before there is anything to say, so that a wrong URL is found before the first violation', async () => {
    const receiver = await startReceiver();
    const push = startPush(violationsOf(0), { urls: [receiver.url] }, { clock });
    await until(() => expect(push.results[receiver.url]).toContain('success'));
    expect(receiver.alarms()).toEqual([]);
  });

  test('is told of a new violation at once, and of no other then', async () => {
    const receiver = await startReceiver();
    const violations = violationsOf(1);
    const push = startPush(violations, { urls: [receiver.url] }, { clock, resendMs: 3_600_000 });
    await until(() => expect(sources(receiver)).toEqual(['t0']));
    for (const name of ['new', 'newer']) {
      violations.add(crossed({ source: tenantParty(name) }), T0);
      push.nudge();
    }
    await until(() => expect(sources(receiver)).toEqual(['new', 'newer']));
    expect(receiver.posts).toHaveLength(2);
  });

  test('is told of a violation that began while it was being told of others', async () => {
    const receiver = await startReceiver();
    const waiting: (() => void)[] = [];
    receiver.answer = (_, response) => void waiting.push(() => response.end());
    const violations = violationsOf(1);
    const push = startPush(violations, { urls: [receiver.url] }, { clock, resendMs: 3_600_000 });
    await until(() => expect(waiting).toHaveLength(1));
    violations.add(crossed({ source: tenantParty('meanwhile') }), T0);
    push.nudge();
    waiting[0]?.();
    await until(() => expect(sources(receiver)).toEqual(['meanwhile']));
    waiting[1]?.();
  });

  test('hears in time that one goes on which it would see end', async () => {
    let now = T0;
    const receiver = await startReceiver();
    let nudge = (): void => undefined;
    const violations = violationsWith({ urgent: () => nudge() });
    violations.add(crossed(), T0);
    const push = startPush(violations, { urls: [receiver.url] }, { clock: () => now, resendMs: 3_600_000 });
    nudge = () => push.nudge();
    await until(() => expect(receiver.alarms()).toHaveLength(1));
    now = T0 + HOLD_MS - 1;
    violations.add(crossed({ seenAt: now }, { isNew: false }), now);
    await until(() => expect(receiver.alarms()).toHaveLength(2));
    expect(receiver.alarms()[1]?.alerts[0]).toMatchObject({
      startsAt: new Date(T0).toISOString(),
      endsAt: new Date(now + HOLD_MS).toISOString(),
    });
  });

  test('gets many violations in posts of at most 256', async () => {
    const receiver = await startReceiver();
    startPush(violationsOf(600), { urls: [receiver.url] }, { clock, resendMs: 3_600_000 });
    await until(() => expect(receiver.posts.map(({ alerts }) => alerts.length)).toEqual([256, 256, 88]));
  });
});

describe('an Alertmanager that is ill', () => {
  const silent: Server[] = [];
  afterEach(() => silent.splice(0).forEach((server) => server.close()));

  /** Takes connections and never answers. */
  async function blackHole(): Promise<string> {
    const server = createServer((socket) => socket.on('error', () => undefined));
    silent.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test.each([429, 500, 503])('with %i gets everything when it is well again', async (status) => {
    const receiver = await startReceiver();
    receiver.answer = (_, response) => response.writeHead(status).end('overloaded');
    const push = startPush(violationsOf(1), { urls: [receiver.url] }, { clock });
    await until(() => expect(push.results[receiver.url]?.length).toBeGreaterThan(2));
    expect(new Set(push.results[receiver.url])).toEqual(new Set(['failed']));
    expect(push.failures[0]).toBe(`answered ${status}: overloaded`);
    receiver.answer = (_, response) => response.end();
    await until(() => expect(push.results[receiver.url]).toContain('success'));
    expect(sources(receiver)).toEqual(['t0']);
  });

  test('and well again is told of a new violation at once', async () => {
    const receiver = await startReceiver();
    receiver.answer = (_, response) => response.writeHead(503).end();
    const violations = violationsOf(1);
    const push = startPush(violations, { urls: [receiver.url] }, { clock, resendMs: 3_600_000 });
    await until(() => expect(push.failures).toHaveLength(1));
    receiver.answer = (_, response) => response.end();
    await until(() => expect(push.results[receiver.url]).toContain('success'));
    violations.add(crossed({ source: tenantParty('new') }), T0);
    push.nudge();
    await until(() => expect(sources(receiver)).toEqual(['new']));
  });

  test('and silent holds up no other', async () => {
    const [hole, receiver] = [await blackHole(), await startReceiver()];
    const push = startPush(violationsOf(1), { urls: [hole, receiver.url] }, { clock, timeoutMs: 60_000 });
    await until(() => expect(receiver.posts.length).toBeGreaterThan(5));
    expect(push.results[hole]).toBeUndefined();
  });

  test('and silent is given up on in time', async () => {
    const hole = await blackHole();
    const push = startPush(violationsOf(1), { urls: [hole] }, { clock, timeoutMs: 100 });
    await until(() => expect(push.results[hole]).toContain('timeout'));
    expect(push.failures[0]).toBe('no answer within 0.1 s');
  });

  test('and gone is a failure that says so', async () => {
    const hole = await blackHole();
    silent.splice(0).forEach((server) => server.close());
    const push = startPush(violationsOf(1), { urls: [hole] }, { clock });
    await until(() => expect(push.results[hole]).toContain('failed'));
    expect(push.failures[0]).toContain('ECONNREFUSED');
  });

  test('and answers without end is not listened to without end', async () => {
    const receiver = await startReceiver();
    receiver.answer = (_, response) => {
      response.writeHead(500);
      const timer = setInterval(() => response.write('x'.repeat(10_000)), 1);
      response.on('close', () => clearInterval(timer));
    };
    const push = startPush(violationsOf(1), { urls: [receiver.url] }, { clock });
    await until(() => expect(push.results[receiver.url]).toContain('failed'));
    expect(push.failures[0]?.length).toBeLessThan(1_100);
  });

  test('and sends elsewhere is not followed', async () => {
    const [receiver, other] = [await startReceiver(), await startReceiver()];
    receiver.answer = (_, response) => response.writeHead(307, { location: other.url }).end();
    const push = startPush(violationsOf(1), { urls: [receiver.url] }, { clock });
    await until(() => expect(push.failures.length).toBeGreaterThan(1));
    expect(push.failures[0]).toBe(
      `answered 307, a redirect to ${other.url}, which is not followed: give the URL it leads to`,
    );
    expect(other.posts).toEqual([]);
  });
});

describe('an alert that Alertmanager refuses', () => {
  const isBad = (alert: { labels: Readonly<Record<string, string>> }) =>
    /^t(3|200)$/.test(alert.labels['source_tenant'] ?? '');

  test('costs the others nothing, is told once, and is not sent again', async () => {
    const receiver = await startReceiver();
    const accepted = new Set<string>();
    receiver.answer = ({ alerts }, response) => {
      if (alerts.some(isBad)) {
        response.writeHead(400).end('bad label');
        return;
      }
      for (const { labels } of alerts) accepted.add(labels['source_tenant'] ?? '');
      response.end();
    };
    const push = startPush(violationsOf(300), { urls: [receiver.url] }, { clock });
    await until(() => expect(push.refusals).toHaveLength(2));
    await until(() => expect(receiver.posts.slice(-2).map(({ alerts }) => alerts.length)).toEqual([256, 42]));
    expect(push.refusals.map(({ violation, message }) => [violation.source, message])).toEqual([
      ['t3', 'answered 400: bad label'],
      ['t200', 'answered 400: bad label'],
    ]);
    expect(accepted.size).toBe(298);
    expect(push.failures).toEqual([]);
  });

  test('alone is found out, since an empty post is taken', async () => {
    const receiver = await startReceiver();
    receiver.answer = ({ alerts }, response) => response.writeHead(alerts.length > 0 ? 400 : 200).end();
    const push = startPush(violationsOf(1), { urls: [receiver.url] }, { clock });
    await until(() => expect(push.refusals).toHaveLength(1));
  });

  test('like everything else is not to blame: it is sent again', async () => {
    const receiver = await startReceiver();
    receiver.answer = (_, response) =>
      response.writeHead(400).end('Client sent an HTTP request to an HTTPS server.');
    const push = startPush(violationsOf(300), { urls: [receiver.url] }, { clock });
    await until(() => expect(push.failures.length).toBeGreaterThan(1));
    expect(push.refusals).toEqual([]);
    expect(push.failures[0]).toContain('HTTP request to an HTTPS server');
    receiver.answer = (_, response) => response.end();
    await until(() => expect(receiver.posts.slice(-2).map(({ alerts }) => alerts.length)).toEqual([256, 44]));
  });
});

describe('at the end of the process', () => {
  test('every Alertmanager has a last word, whatever was under way', async () => {
    const receiver = await startReceiver();
    let isEnded = false;
    receiver.answer = (_, response) => {
      if (receiver.posts.length > 1) response.end();
      else response.on('close', () => (isEnded = true));
    };
    const push = startPush(violationsOf(2), { urls: [receiver.url] }, { clock, timeoutMs: 60_000 });
    await until(() => expect(receiver.posts).toHaveLength(1));
    await push.close(60_000);
    expect(receiver.posts.map(({ alerts }) => alerts.length)).toEqual([2, 2]);
    await until(() => expect(isEnded).toBe(true));
    expect(push.results[receiver.url]).toEqual(['success']);
  });

  test('one that does not answer is not waited for', async () => {
    const receiver = await startReceiver();
    receiver.answer = () => undefined;
    const push = startPush(violationsOf(1), { urls: [receiver.url] }, { clock, timeoutMs: 600_000 });
    await push.close(50);
    expect(push.failures).toEqual(['ended, as the process ends']);
  });
});

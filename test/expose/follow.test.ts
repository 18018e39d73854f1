/** Those who follow: what they are told, how many they may be, and that they cost nothing when they go. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { once } from 'node:events';
import http from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { ChangesReport, CrossingReport, MatrixPair } from '../../src/expose/api.js';
import { createChanges } from '../../src/expose/changes.js';
import { MOST_FOLLOWERS } from '../../src/expose/follow.js';
import { before, crossing, pair, party, sources, status } from '../fixtures/reports.js';
import { ask, startWeb, type RunningWeb } from '../fixtures/web.js';

interface Told {
  readonly id: string;
  readonly report: ChangesReport;
}

interface Listener {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** The next message; rejects when the stream ends before. */
  next(): Promise<Told>;
  /** Resolves when the server has ended it. */
  readonly ended: Promise<void>;
  leave(): void;
}

const listeners: Listener[] = [];
afterEach(() => {
  for (const listener of listeners.splice(0)) listener.leave();
});

async function listen(web: RunningWeb, headers: Record<string, string> = {}): Promise<Listener> {
  const sent = http.get(`${web.address}/api/v1/stream`, { agent: false, headers });
  sent.on('error', () => undefined);
  const [response] = (await once(sent, 'response')) as [http.IncomingMessage];
  response.setEncoding('utf8').on('error', () => undefined);
  const told: Told[] = [];
  let rest = '';
  const wake = new EventTarget();
  response.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const [, id, data] = /^id: (\S+)\nevent: changes\ndata: (.*)$/.exec(part) ?? [];
      if (id !== undefined && data !== undefined)
        told.push({ id, report: JSON.parse(data) as ChangesReport });
    }
    wake.dispatchEvent(new Event('told'));
  });
  const ended = new Promise<void>((resolve) => {
    response.on('close', () => {
      wake.dispatchEvent(new Event('told'));
      resolve();
    });
  });
  const listener: Listener = {
    status: response.statusCode ?? 0,
    headers: response.headers,
    ended,
    leave: () => sent.destroy(),
    async next() {
      while (told.length === 0) {
        if (response.destroyed) throw new Error('the stream has ended');
        await once(wake, 'told');
      }
      return told.shift()!;
    },
  };
  listeners.push(listener);
  return listener;
}

const [a, b] = [party('team-a', 'nginx'), party('team-b', 'curl')];

/** Sources whose matrix and crossings are what the test makes of them. */
function changing(): { crossings: CrossingReport[]; pairs: MatrixPair[]; looks: number } {
  return { crossings: [], pairs: [], looks: 0 };
}
async function startFollowed(world: ReturnType<typeof changing>): Promise<RunningWeb> {
  return startWeb({
    followEveryMs: 5,
    sources: {
      matrix: () => ({ tenants: [], pairs: world.pairs }),
      crossings: ({ limit }) => {
        world.looks += 1;
        return world.crossings.slice(0, limit);
      },
    },
  });
}

describe('who follows', () => {
  test('is told at once how things stand, and to read the rest', async () => {
    const web = await startFollowed(changing());
    const listener = await listen(web);
    expect(listener).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' } });
    expect(listener.headers['content-security-policy']).toContain("default-src 'none'");
    const { report } = await listener.next();
    expect(report).toMatchObject({ incomplete: true, pairs: [], crossings: [], glance: { tone: 'quiet' } });
  });

  test('is told of a new connection and of a new event of a known one, and of nothing twice', async () => {
    const world = changing();
    const web = await startFollowed(world);
    const listener = await listen(web);
    await listener.next();
    const first = crossing(b, a, { uuid: 'one' });
    world.crossings = [first];
    world.pairs = [pair('team-b', 'team-a', { unexpected: { allowed: 1 } })];
    const { report } = await listener.next();
    expect(report.crossings).toEqual(JSON.parse(JSON.stringify([first])));
    expect(report.pairs).toEqual(world.pairs);
    expect(report).toMatchObject({ incomplete: false, glance: { tone: 'alarm' } });
    world.crossings = [crossing(b, a, { uuid: 'two' }), { ...first, count: 8 }];
    const second = await listener.next();
    expect(second.report.crossings.map(({ uuid, count }) => [uuid, count])).toEqual([
      ['two', 7],
      ['one', 8],
    ]);
    expect(second.report.pairs).toEqual([]);
  });

  test('hears what the document says', async () => {
    const world = changing();
    const web = await startFollowed(world);
    const document = JSON.parse((await ask(`${web.address}/api/v1/openapi.json`)).text) as {
      paths: Record<string, { get: { responses: { 200: { content: Record<string, { schema: object }> } } } }>;
      components: object;
    };
    const { schema } = document.paths['/api/v1/stream']!.get.responses[200].content['text/event-stream']!;
    expect(schema).toMatchObject({
      contentMediaType: 'application/json',
      contentSchema: { $ref: '#/components/schemas/Changes' },
    });
    const formats = { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ };
    const ajv = new Ajv2020({ strict: true, allErrors: true, formats });
    ajv.addVocabulary(['components']);
    const check = ajv.compile({
      $ref: '#/components/schemas/Changes',
      components: document.components,
      $id: 'document',
    });
    const listener = await listen(web);
    check((await listener.next()).report);
    expect(check.errors ?? []).toEqual([]);
    world.crossings = sources().crossings({ limit: 10 });
    world.pairs = [...sources().matrix().pairs];
    check((await listener.next()).report);
    expect(check.errors ?? []).toEqual([]);
  });

  test('that comes back at once gets what it missed, and after a pause is told to read everything', async () => {
    const world = changing();
    const web = await startFollowed(world);
    const stays = await listen(web);
    const { id } = await stays.next();
    world.crossings = [crossing(b, a, { uuid: 'missed' })];
    await stays.next();
    const back = await listen(web, { 'last-event-id': id });
    expect((await back.next()).report.crossings.map(({ uuid }) => uuid)).toEqual(['missed']);
    const stranger = await listen(web, { 'last-event-id': 'another-run.1' });
    expect((await stranger.next()).report.incomplete).toBe(true);
  });

  test.each(['', '.', 'x', '-1', '1e9', '__proto__.1', '9'.repeat(400)])(
    'with the id %j of nothing is told to read everything',
    async (id) => {
      const web = await startFollowed(changing());
      const listener = await listen(web, { 'last-event-id': id });
      expect((await listener.next()).report.incomplete).toBe(true);
    },
  );
});

test('that nothing has changed is said now and then, also while the clock stands still', async () => {
  // The clock of this server is one moment, for ever.
  const web = await startFollowed(changing());
  const listener = await listen(web);
  const { report } = await listener.next();
  const next = await listener.next();
  expect(next.report).toMatchObject({ glance: report.glance, pairs: [], crossings: [], incomplete: false });
});

describe('limits', () => {
  test(`${MOST_FOLLOWERS} follow; the next one is told so, and has a place when one goes`, async () => {
    const web = await startFollowed(changing());
    const all = await Promise.all(Array.from({ length: MOST_FOLLOWERS }, async () => listen(web)));
    expect(new Set(all.map((listener) => listener.status))).toEqual(new Set([200]));
    const refused = await ask(`${web.address}/api/v1/stream`);
    expect(refused).toMatchObject({ status: 503 });
    expect(JSON.parse(refused.text)).toMatchObject({
      detail: expect.stringContaining(`${MOST_FOLLOWERS} follow already`) as string,
    });
    // Scrapes go on beside them.
    expect((await ask(`${web.address}/metrics`)).status).toBe(200);
    all[0]!.leave();
    await expect.poll(async () => (await listen(web)).status, { timeout: 60_000 }).toBe(200);
  });

  test('all of them together cost one look, and none when nobody follows', async () => {
    const world = changing();
    const web = await startFollowed(world);
    expect(world.looks).toBe(0);
    const all = await Promise.all(Array.from({ length: 10 }, async () => listen(web)));
    for (const listener of all) await listener.next();
    world.looks = 0;
    world.crossings = [crossing(b, a, { uuid: 'one' })];
    const ids = await Promise.all(all.map(async (listener) => (await listener.next()).id));
    expect(new Set(ids).size).toBe(1);
    for (const listener of all) listener.leave();
    // Once the server has noticed, no look follows another.
    let before = -1;
    await expect
      .poll(
        () => {
          const quiet = world.looks === before;
          before = world.looks;
          return quiet;
        },
        { interval: 100, timeout: 60_000 },
      )
      .toBe(true);
  });

  test('more than fits a message is cut, and said to be', () => {
    const changes = createChanges();
    changes.since({ tenants: [], pairs: [] }, []);
    const many = Array.from({ length: 300 }, (_, i) => crossing(b, a, { uuid: `u${i}` }));
    const pairs = Array.from({ length: 600 }, (_, i) => pair(`t${i}`, 'x', { unexpected: { denied: 1 } }));
    const told = changes.since({ tenants: [], pairs }, many);
    expect(told.crossings).toEqual(many.slice(0, 200));
    expect(told.pairs).toHaveLength(500);
    expect(told.incomplete).toBe(true);
    expect(changes.since({ tenants: [], pairs }, many)).toEqual({
      pairs: [],
      crossings: [],
      incomplete: false,
    });
  });

  test('connections without a uuid (before Cilium 1.14) are told apart all the same', () => {
    const changes = createChanges();
    changes.since({ tenants: [], pairs: [] }, []);
    const one = crossing(b, a, { uuid: '' });
    const other = crossing(b, a, { uuid: '', time: before(94) });
    expect(changes.since({ tenants: [], pairs: [] }, [other, one]).crossings).toEqual([other, one]);
  });
});

test('a source that fails is a 500 for who comes, tells the log, and silences nobody for good', async () => {
  let fails = false;
  const web = await startWeb({
    followEveryMs: 5,
    sources: {
      status: () => {
        if (fails) throw new Error('no status');
        return status();
      },
    },
  });
  const listener = await listen(web);
  await listener.next();
  fails = true;
  expect((await ask(`${web.address}/api/v1/stream`)).status).toBe(500);
  await expect.poll(() => web.lines.length, { timeout: 60_000 }).toBeGreaterThan(1);
  fails = false;
  await expect.poll(async () => (await ask(`${web.address}/api/v1/glance`)).status).toBe(200);
});

test('the stream ends with the server, at once', async () => {
  const web = await startFollowed(changing());
  const listener = await listen(web);
  await listener.next();
  await web.close();
  await listener.ended;
});

test('HEAD has nothing to follow', async () => {
  const web = await startFollowed(changing());
  expect((await ask(`${web.address}/api/v1/stream`, { method: 'HEAD' })).text).toBe('');
});

/** What each route promises to scrapers, probes, scripts and people. */
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { before, NOW, sources, status } from '../fixtures/reports.js';
import { ask, routesWith, startWeb } from '../fixtures/web.js';
import type { CrossingFilter } from '../../src/account/crossings.js';
import { createApp } from '../../src/expose/app.js';

const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8';

describe('metrics', () => {
  test('are served in the text format 0.0.4 at the telemetry path and nowhere else', async () => {
    const web = await startWeb({ web: { telemetryPath: '/custom/metrics' } });
    const answer = await ask(`${web.address}/custom/metrics`);
    expect(answer).toMatchObject({ status: 200, text: '# HELP up Up.\n# TYPE up gauge\nup 1\n' });
    expect(answer.headers['content-type']).toBe(EXPOSITION);
    expect((await ask(`${web.address}/metrics`)).status).toBe(404);
  });

  test('ignore parameters, as scrape configurations add some', async () => {
    const web = await startWeb();
    expect((await ask(`${web.address}/metrics?collect[]=node&x=1`)).status).toBe(200);
  });

  const large = 'crosstalk_flows_total{event="arrival"} 1\n'.repeat(1_000);
  test.each([
    ['gzip', true],
    ['gzip;q=0.5, deflate', true],
    ['deflate, *', true],
    ['identity', false],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['br', false],
    ['', false],
  ])('Accept-Encoding "%s": compressed %s', async (accepted, compressed) => {
    const web = await startWeb({ sources: { metrics: async () => large } });
    const answer = await ask(`${web.address}/metrics`, { headers: { 'accept-encoding': accepted } });
    expect(answer.headers['content-encoding']).toBe(compressed ? 'gzip' : undefined);
    expect(answer.headers.vary).toBe('accept-encoding');
    expect(Number(answer.headers['content-length'])).toBe(answer.body.length);
    expect(compressed ? gunzipSync(answer.body).toString() : answer.text).toBe(large);
  });

  test('what fits a packet is not compressed', async () => {
    const web = await startWeb();
    const answer = await ask(`${web.address}/metrics`, { headers: { 'accept-encoding': 'gzip' } });
    expect(answer.headers['content-encoding']).toBeUndefined();
  });

  test('three scrapes at once cost one rendering, and the next one is rendered anew', async () => {
    let renderings = 0;
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const metrics = async (): Promise<string> => {
      renderings += 1;
      await gate;
      return `renderings ${renderings}\n`;
    };
    const app = await createApp(routesWith({ metrics }), () => undefined);
    const scrapes = [1, 2, 3].map(() => app.inject('/metrics'));
    await app.inject('/-/healthy'); // came last and is answered: the scrapes are all under way
    release();
    expect((await Promise.all(scrapes)).map(({ body }) => body)).toEqual(Array(3).fill('renderings 1\n'));
    expect((await app.inject('/metrics')).body).toBe('renderings 2\n');
    await app.close();
  });

  test('twenty pages that ask the same together cost one answer, and one that asks something else its own', async () => {
    let made = 0;
    const crossings = (): [] => {
      made += 1;
      return [];
    };
    const app = await createApp(routesWith({ crossings }), () => undefined);
    const same = Array.from({ length: 20 }, () => app.inject('/api/v1/crossings?limit=1000'));
    await Promise.all([...same, app.inject('/api/v1/crossings?limit=10')]);
    expect(made).toBe(2);
    await app.inject('/api/v1/crossings?limit=1000');
    expect(made).toBe(3);
    await app.close();
  });

  test('a rendering that failed is not kept', async () => {
    let attempts = 0;
    const metrics = async (): Promise<string> => {
      attempts += 1;
      if (attempts === 1) throw new Error('once');
      return 'fine\n';
    };
    const web = await startWeb({ sources: { metrics } });
    expect((await ask(`${web.address}/metrics`)).status).toBe(500);
    expect((await ask(`${web.address}/metrics`)).text).toBe('fine\n');
  });
});

describe('health', () => {
  const dead = { ready: false, reasons: ['no stream of flows from relay:80 yet', 'and another reason'] };

  test('healthy says that the process works, also when nothing is being watched and every source fails', async () => {
    const fail = (): never => {
      throw new Error('no');
    };
    const web = await startWeb({ sources: { ready: () => dead, status: fail, metrics: fail } });
    expect(await ask(`${web.address}/-/healthy`)).toMatchObject({
      status: 200,
      text: 'Crosstalk is healthy.\n',
    });
  });

  test('ready says why not, a reason a line', async () => {
    const web = await startWeb({ sources: { ready: () => dead } });
    const answer = await ask(`${web.address}/-/ready`);
    expect(answer.status).toBe(503);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.text.split('\n')).toEqual(['Crosstalk is not ready.', ...dead.reasons, '']);
    const ready = await startWeb();
    expect(await ask(`${ready.address}/-/ready`)).toMatchObject({
      status: 200,
      text: 'Crosstalk is ready.\n',
    });
  });
});

describe('reload', () => {
  test.each(['POST', 'PUT'])('%s is refused in Prometheus words unless it was enabled', async (method) => {
    let reloads = 0;
    const reload = async (): Promise<{ ok: boolean; problems: string[] }> => {
      reloads += 1;
      return { ok: true, problems: [] };
    };
    const web = await startWeb({ sources: { reload } });
    expect(await ask(`${web.address}/-/reload`, { method })).toMatchObject({
      status: 403,
      text: 'Lifecycle API is not enabled.\n',
    });
    expect(reloads).toBe(0);
    const enabled = await startWeb({ web: { enableLifecycle: true }, sources: { reload } });
    expect((await ask(`${enabled.address}/-/reload`, { method })).status).toBe(200);
    expect(reloads).toBe(1);
  });

  test('GET does not reload, so that no crawler does', async () => {
    const web = await startWeb({ web: { enableLifecycle: true } });
    const answer = await ask(`${web.address}/-/reload`);
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('POST, PUT');
  });

  test('a configuration that is refused is a 500 with every problem', async () => {
    const problems = ['crosstalk.yaml:1:1: srever: unknown key', 'crosstalk.yaml:2:1: x: unknown key'];
    const reload = async (): Promise<{ ok: boolean; problems: string[] }> => ({ ok: false, problems });
    const web = await startWeb({ web: { enableLifecycle: true }, sources: { reload } });
    const answer = await ask(`${web.address}/-/reload`, { method: 'POST' });
    expect(answer).toMatchObject({
      status: 500,
      text: ['failed to reload config:', ...problems, ''].join('\n'),
    });
  });

  test('`curl -d ""` reloads as well: a content type without a body is no mistake', async () => {
    const web = await startWeb({ web: { enableLifecycle: true } });
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '0' };
    expect((await ask(`${web.address}/-/reload`, { method: 'POST', headers })).status).toBe(200);
  });

  test('a form on another site cannot reload through the browser of someone who may', async () => {
    const web = await startWeb({ web: { enableLifecycle: true } });
    const from = (site: string) =>
      ask(`${web.address}/-/reload`, { method: 'POST', headers: { 'sec-fetch-site': site } });
    expect((await from('cross-site')).status).toBe(403);
    expect((await from('same-site')).status).toBe(403);
    expect((await from('same-origin')).status).toBe(200);
  });
});

describe('the API', () => {
  test.each(['status', 'tenants', 'matrix', 'crossings', 'traffic'])(
    '%s is what the source says, whole',
    async (name) => {
      const web = await startWeb();
      const answer = await ask(`${web.address}/api/v1/${name}`);
      const from = sources();
      const reports: Record<string, unknown> = {
        status: from.status(),
        tenants: from.tenants(),
        matrix: from.matrix(),
        crossings: from.crossings({ limit: 100 }),
        traffic: from.traffic(undefined),
      };
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(JSON.parse(answer.text)).toEqual(JSON.parse(JSON.stringify(reports[name])));
    },
  );

  test('what is not known is absent, not null', async () => {
    const { stream } = status();
    const web = await startWeb({
      sources: { status: () => status({ stream: { ...stream, provenSince: undefined } }) },
    });
    const { stream: shown } = JSON.parse((await ask(`${web.address}/api/v1/status`)).text) as {
      stream: object;
    };
    expect(Object.keys(shown)).toEqual(['server', 'state', 'streamsEnded', 'fieldMask', 'filter']);
  });

  test('crossings are filtered by what the query says, 100 unless it says how many', async () => {
    const filters: CrossingFilter[] = [];
    const crossings = (filter: CrossingFilter): [] => {
      filters.push(filter);
      return [];
    };
    const web = await startWeb({ sources: { crossings } });
    await ask(`${web.address}/api/v1/crossings`);
    await ask(`${web.address}/api/v1/crossings?limit=1000&verdict=denied&source=a%2Fb&destination=team%20b`);
    expect(filters).toEqual([
      { limit: 100, source: undefined, destination: undefined, verdict: undefined },
      { limit: 1000, source: 'a/b', destination: 'team b', verdict: 'denied' },
    ]);
  });

  test.each([
    ['limit=abc', 'limit', '"abc"', 'a whole number from 1 to 1000'],
    ['limit=0', 'limit', '"0"', 'a whole number from 1 to 1000'],
    ['limit=1001', 'limit', '"1001"', 'a whole number from 1 to 1000'],
    ['limit=-1', 'limit', '"-1"', 'a whole number from 1 to 1000'],
    ['limit=1e2', 'limit', '"1e2"', 'a whole number from 1 to 1000'],
    ['limit=0x10', 'limit', '"0x10"', 'a whole number from 1 to 1000'],
    ['limit=%2010', 'limit', '" 10"', 'a whole number from 1 to 1000'],
    ['limit=', 'limit', '""', 'a whole number from 1 to 1000'],
    ['limit=5&limit=6', 'limit', '2 values', 'it once'],
    ['verdict=Denied', 'verdict', '"Denied"', 'one of allowed, audited, denied'],
    ['source=', 'source', '""', '1 to 512 characters'],
    [`source=${'x'.repeat(513)}`, 'source', `"${'x'.repeat(79)}…"`, '1 to 512 characters'],
  ])(
    '?%s names the parameter, what was given and what was expected',
    async (query, parameter, given, expected) => {
      const web = await startWeb();
      const answer = await ask(`${web.address}/api/v1/crossings?${query}`);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(JSON.parse(answer.text)).toEqual({
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        detail: `query parameter ${parameter}: got ${given}, expected ${expected}`,
        instance: '/api/v1/crossings',
        parameter,
        given,
        expected,
      });
    },
  );

  test.each([
    [
      'crossings?limt=5',
      'unknown query parameter "limt", expected one of limit, source, destination, verdict. Did you mean limit?',
    ],
    [
      'crossings?Limit=5',
      'unknown query parameter "Limit", expected one of limit, source, destination, verdict. Did you mean limit?',
    ],
    [
      'crossings?__proto__=x',
      'unknown query parameter "__proto__", expected one of limit, source, destination, verdict.',
    ],
    [
      'crossings?constructor=x',
      'unknown query parameter "constructor", expected one of limit, source, destination, verdict.',
    ],
    ['status?x=1', 'unknown query parameter "x", expected no query parameters.'],
    ['matrix?limit=1', 'unknown query parameter "limit", expected no query parameters.'],
  ])('%s is an error that names the nearest parameter', async (path, detail) => {
    const web = await startWeb();
    const answer = await ask(`${web.address}/api/v1/${path}`);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ detail });
  });
});

describe('every route', () => {
  const paths = [
    '/metrics',
    '/-/healthy',
    '/-/ready',
    '/',
    '/api/v1/status',
    '/api/v1/tenants',
    '/api/v1/matrix',
    '/api/v1/crossings',
    '/api/v1/glance',
    '/api/v1/traffic',
    '/api/v1/openapi.json',
  ];

  test.each(paths)('HEAD %s has the headers of GET, and no body', async (path) => {
    const web = await startWeb();
    const got = await ask(web.address + path);
    const head = await ask(web.address + path, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, text: '' });
    for (const name of ['content-type', 'content-length', 'content-security-policy', 'refresh']) {
      expect([name, head.headers[name]]).toEqual([name, got.headers[name]]);
    }
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE'])(
    '%s where it is not served is a 405 that says what is',
    async (method) => {
      const web = await startWeb();
      for (const path of paths) {
        const answer = await ask(web.address + path, { method });
        expect([path, answer.status, answer.headers.allow]).toEqual([path, 405, 'GET, HEAD']);
        expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      }
    },
  );

  test.each(['/nothing', '/api/v1/', '/api/v2/status', '/metrics/', '//', '/-/quit', '/api/v1/status/x'])(
    '%s is a 404 as problem details',
    async (path) => {
      const web = await startWeb();
      const answer = await ask(web.address, { path });
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(JSON.parse(answer.text)).toEqual({
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        detail: 'nothing is served here; / has links to what is, /api/v1/openapi.json describes it',
        instance: path,
      });
    },
  );

  test.each(['/%zz', '/%', '/api/v1/%c0%ae'])(
    '%s, which is no URL, is a 400 as problem details',
    async (path) => {
      const web = await startWeb();
      const answer = await ask(web.address, { path });
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.text)).toMatchObject({ status: 400, title: 'Bad Request', instance: path });
    },
  );

  test.each(['status', 'tenants', 'matrix', 'crossings', 'metrics'] as const)(
    'a failing source (%s) is a 500 that tells the log and not the client, and the next request is answered',
    async (name) => {
      let fails = true;
      const fail = (): never => {
        throw new Error('secret: the ledger is on fire\nsecond line');
      };
      const usual = sources();
      const web = await startWeb({
        sources: { [name]: (filter: CrossingFilter) => (fails ? fail() : usual[name](filter)) },
      });
      web.lines.length = 0;
      const path = name === 'metrics' ? '/metrics' : `/api/v1/${name}`;
      const answer = await ask(web.address + path);
      expect(answer.status).toBe(500);
      expect(answer.text).not.toContain('secret');
      expect(JSON.parse(answer.text)).toMatchObject({ title: 'Internal Server Error', instance: path });
      expect(web.lines).toMatchObject([
        { level: 'error', event: 'request_failed', method: 'GET', url: path },
      ]);
      expect(web.lines[0]!.msg).toContain('the ledger is on fire\ufffdsecond line');
      fails = false;
      expect((await ask(web.address + path)).status).toBe(200);
    },
  );

  test('a report with a hole in it is a 500 and not a wrong answer', async () => {
    const holed = { ...status(), coverage: undefined } as unknown as ReturnType<typeof status>;
    const web = await startWeb({ sources: { status: () => holed } });
    expect((await ask(`${web.address}/api/v1/status`)).status).toBe(500);
  });

  test('a flood of failures does not flood the log', async () => {
    const fail = (): never => {
      throw new Error('no');
    };
    const web = await startWeb({ sources: { tenants: fail } });
    for (let i = 0; i < 60; i++) await ask(`${web.address}/api/v1/tenants`);
    expect(web.lines.length).toBeLessThanOrEqual(21);
  });
});

test('answers carry the time of now and not of the start', async () => {
  let now = NOW;
  const web = await startWeb({ clock: () => now });
  expect((await ask(web.address)).text).toContain(before(0).slice(11, 19));
  now += 60_000;
  expect((await ask(web.address)).text).toContain(before(-60).slice(11, 19));
});

/** The listeners: where they listen, what they refuse, and that they end. */
import { once } from 'node:events';
import net from 'node:net';
import { platform } from 'node:os';
import { describe, expect, test } from 'vitest';
import type { Sources } from '../../src/expose/http.js';
import { openListener } from '../../src/expose/listener.js';
import { CROWDED, MAX_CONNECTIONS } from '../../src/expose/limits.js';
import { sources } from '../fixtures/reports.js';
import { ask, connectRaw, startWeb, type RawClient } from '../fixtures/web.js';

describe('listen addresses', () => {
  test('several addresses serve the same', async () => {
    const web = await startWeb({ web: { listenAddresses: ['127.0.0.1:0', '127.0.0.1:0'] } });
    expect(web.addresses).toHaveLength(2);
    expect(new Set(web.addresses).size).toBe(2);
    for (const address of web.addresses) {
      expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect((await ask(`${address}/-/healthy`)).status).toBe(200);
    }
  });

  test(':0 listens on every interface, and says so', async () => {
    const web = await startWeb({ web: { listenAddresses: [':0'] } });
    expect(web.address).toMatch(/^http:\/\/(\[::\]|0\.0\.0\.0):\d+$/);
    expect((await ask(`http://127.0.0.1:${web.port}/-/healthy`)).status).toBe(200);
  });

  test('an IPv6 address is written in brackets', async () => {
    const probe = net.createServer();
    const hasIpv6 = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen({ host: '::1', port: 0 }, () => probe.close(() => resolve(true)));
    });
    if (!hasIpv6) {
      // A machine without IPv6 cannot listen there, and must say that and nothing worse.
      await expect(startWeb({ web: { listenAddresses: ['[::1]:0'] } })).rejects.toThrow('[::1]:0');
      return;
    }
    const web = await startWeb({ web: { listenAddresses: ['[::1]:0'] } });
    expect(web.address).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await ask(`${web.address}/-/healthy`)).status).toBe(200);
  });

  test('an address in use is an error that names the flag, the address and the way out', async () => {
    const first = await startWeb();
    const taken = `127.0.0.1:${first.port}`;
    await expect(startWeb({ web: { listenAddresses: [taken] } })).rejects.toThrow(
      `--web.listen-address "${taken}": the address is in use already; stop what uses it, or choose another port (0 is any free one)`,
    );
    expect((await ask(`${first.address}/-/healthy`)).status).toBe(200);
  });

  test('when the second address cannot be had, the first is given back', async () => {
    const taken = await startWeb();
    const free = net.createServer();
    free.listen({ host: '127.0.0.1', port: 0 });
    await once(free, 'listening');
    const { port } = free.address() as net.AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const listenAddresses = [`127.0.0.1:${port}`, `127.0.0.1:${taken.port}`];
    await expect(startWeb({ web: { listenAddresses } })).rejects.toThrow(`127.0.0.1:${taken.port}`);
    const again = await startWeb({ web: { listenAddresses: [`127.0.0.1:${port}`] } });
    expect((await ask(`${again.address}/-/healthy`)).status).toBe(200);
  });

  test('an address of another machine is an error that says so', async () => {
    await expect(startWeb({ web: { listenAddresses: ['203.0.113.7:0'] } })).rejects.toThrow(
      '--web.listen-address "203.0.113.7:0": this machine has no such address; leave the host out to listen on every interface',
    );
  });
});

describe('every answer', () => {
  test.each(['/', '/metrics', '/-/healthy', '/api/v1/status', '/nothing', '/%zz', '/api/v1/crossings?x=1'])(
    '%s carries the security headers',
    async (path) => {
      const web = await startWeb();
      const { headers } = await ask(web.address, { path });
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'sha256-[A-Za-z0-9+/]{43}='; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(headers).not.toHaveProperty('x-powered-by');
    },
  );
});

describe('bodies', () => {
  test.each([
    ['GET', { 'content-length': '5' }],
    ['POST', { 'content-length': '5', 'content-type': 'application/json' }],
    ['POST', { 'transfer-encoding': 'chunked' }],
  ])('%s with a body is refused before the body is read', async (method, headers) => {
    let reloads = 0;
    const reload = async (): Promise<{ ok: boolean; problems: string[] }> => {
      reloads += 1;
      return { ok: true, problems: [] };
    };
    const web = await startWeb({ web: { enableLifecycle: true }, sources: { reload } });
    // The body never comes; the answer does.
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const client = await connectRaw(
      web.port,
      `${method} /-/reload HTTP/1.1\r\nhost: x\r\n${lines.join('')}\r\n`,
    );
    const heard = await client.ended;
    expect(heard).toMatch(/^HTTP\/1\.1 413 /);
    expect(heard.toLowerCase()).toContain('connection: close');
    expect(heard).toContain('no request here has a body');
    expect(reloads).toBe(0);
  });

  test('a body that is announced with 100-continue is refused and not asked for', async () => {
    const web = await startWeb();
    const client = await connectRaw(
      web.port,
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9999999\r\nexpect: 100-continue\r\n\r\n',
    );
    const heard = await client.ended;
    expect(heard).toMatch(/^HTTP\/1\.1 413 /);
    expect(heard).not.toContain('100 Continue');
  });

  test('what follows a refused body is not taken for a request', async () => {
    const web = await startWeb();
    const smuggled = 'GET /-/healthy HTTP/1.1\r\nhost: x\r\n\r\n';
    const client = await connectRaw(
      web.port,
      `GET / HTTP/1.1\r\nhost: x\r\ncontent-length: ${smuggled.length}\r\n\r\n${smuggled}`,
    );
    expect((await client.ended).match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });
});

describe('what is no HTTP', () => {
  test.each([
    ['garbage', '\x16\x03\x01\x02garbage\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(9_000)}\r\n\r\n`, 431],
    ['a URL without end', `GET /${'y'.repeat(9_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
    ['two lengths', 'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ])('%s is refused, and the connection ended', async (_name, say, status) => {
    const web = await startWeb();
    const client = await connectRaw(web.port, say);
    expect(await client.ended).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await ask(`${web.address}/-/healthy`)).status).toBe(200);
  });
});

describe('slow clients', () => {
  test('the limits are in force on the server that listens', async () => {
    const listener = await openListener({ address: '127.0.0.1:0', handler: () => undefined, tls: undefined });
    expect(listener.server).toMatchObject({
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      keepAliveTimeout: 5_000,
      timeout: 30_000,
      maxConnections: 64,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 8_192,
    });
    await listener.close(0);
  });

  test('whoever does not finish its headers in 5 seconds is told so and has to go', async () => {
    const web = await startWeb();
    const silent = await connectRaw(web.port);
    const slow = await connectRaw(web.port, 'GET / HTTP/1.1\r\nhost: x\r\n');
    const dripping = setInterval(() => slow.socket.write('x: y\r\n'), 500);
    expect(await slow.ended).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(dripping);
    await silent.ended;
  });

  test(`${CROWDED} idle connections do not keep a scrape out: the one that waited longest goes`, async () => {
    const web = await startWeb();
    const idle: RawClient[] = [];
    for (let i = 0; i < CROWDED; i++) idle.push(await connectRaw(web.port));
    expect((await ask(`${web.address}/metrics`)).status).toBe(200);
    await idle[0]!.ended;
    expect(idle.slice(1).every(({ socket }) => !socket.destroyed)).toBe(true);
    leaveAll(idle);
  });

  test('a thousand of them neither: scrapes are answered while they come, and no more than the limit stay', async () => {
    const web = await startWeb();
    const idle: RawClient[] = [];
    for (let i = 0; i < 1_000; i++) {
      idle.push(await connectRaw(web.port, 'GET /metrics HTTP/1.1\r\n'));
      if (i % 20 === 0) expect((await ask(`${web.address}/metrics`)).status).toBe(200);
    }
    const told = await Promise.all(idle.slice(0, 1_000 - CROWDED).map(({ ended }) => ended));
    // Those had to make room; they were not merely too slow, which they would have been told.
    expect(told.some((text) => !text.startsWith('HTTP/1.1 408 '))).toBe(true);
    leaveAll(idle);
  });

  test('among connections of one address, those whose answer is being made stay', async () => {
    const scrape = heldScrape();
    const web = await startWeb({ sources: scrape.sources });
    const patient = ask(`${web.address}/metrics`);
    await scrape.arrival;
    const idle: RawClient[] = [];
    for (let i = 0; i < 2 * MAX_CONNECTIONS; i++) idle.push(await connectRaw(web.port));
    scrape.release();
    expect((await patient).text).toBe('patience\n');
    leaveAll(idle);
  });

  // All of 127.0.0.0/8 is this machine on Linux; elsewhere there is only one such address.
  test.runIf(platform() === 'linux')(
    'one address cannot keep another out, whatever it asks for: its own connections go',
    async () => {
      const scrape = heldScrape();
      const web = await startWeb({ sources: scrape.sources });
      const prometheus = await connectRaw(web.port);
      const patient = ask(`${web.address}/metrics`);
      await scrape.arrival;
      const greedy: RawClient[] = [];
      for (let i = 0; i < 2 * MAX_CONNECTIONS; i++) {
        // Each has an answer on its way: none of them is idle.
        const request = 'GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n';
        greedy.push(await connectRaw(web.port, request, '127.0.0.2'));
      }
      prometheus.socket.write('GET /-/healthy HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
      expect(await prometheus.ended).toMatch(/^HTTP\/1\.1 200 /);
      expect((await ask(`${web.address}/-/healthy`)).status).toBe(200);
      scrape.release();
      expect((await patient).text).toBe('patience\n');
      leaveAll(greedy);
    },
  );
});

function leaveAll(clients: readonly RawClient[]): void {
  for (const { socket } of clients) socket.destroy();
}

/** A rendering of /metrics that has begun when `arrival` resolves, and ends when it is released. */
function heldScrape(): { sources: Partial<Sources>; arrival: Promise<void>; release(): void } {
  let release = (): void => undefined;
  let arrived = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  const metrics = async (): Promise<string> => {
    arrived();
    await gate;
    return 'patience\n';
  };
  return { sources: { metrics }, arrival, release: () => release() };
}

describe('close', () => {
  test('ends with idle keep-alive connections, half a request and an answer that never comes', async () => {
    const never = new Promise<string>(() => undefined);
    const web = await startWeb({ sources: { metrics: async () => never } });
    const alive = await connectRaw(web.port, 'GET /-/healthy HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(alive.socket, 'data');
    const half = await connectRaw(web.port, 'GET / HTTP/1.1\r\nhost: x\r\n');
    const waiting = await connectRaw(web.port, 'GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n');
    await web.close(); // would never end if it waited for the answer
    await Promise.all([alive.ended, half.ended, waiting.ended]);
    await expect(ask(`${web.address}/-/healthy`)).rejects.toThrow('ECONNREFUSED');
  });

  test('an answer on its way is finished', async () => {
    const scrape = heldScrape();
    const web = await startWeb({ sources: scrape.sources });
    const last = ask(`${web.address}/metrics`);
    await scrape.arrival;
    const closed = web.close();
    scrape.release();
    expect((await last).text).toBe('patience\n');
    await closed;
  });

  test('can be called twice', async () => {
    const web = await startWeb();
    await Promise.all([web.close(), web.close()]);
    await web.close();
  });
});

test('the sources are asked only through routes: a request that is refused costs them nothing', async () => {
  let asked = 0;
  const usual = sources();
  const web = await startWeb({
    sources: {
      crossings: (filter) => {
        asked += 1;
        return usual.crossings(filter);
      },
    },
  });
  await ask(`${web.address}/api/v1/crossings?limit=x`);
  await ask(`${web.address}/api/v1/crossings`, { method: 'DELETE' });
  expect(asked).toBe(0);
});

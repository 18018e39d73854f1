/** The page for a person: everything is on it, nothing of it runs, and names stay text. */
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { headline } from '../../src/expose/page/headline.js';
import { renderPage, type PageFacts } from '../../src/expose/page/page.js';
import { STYLE_HASH } from '../../src/expose/page/style.js';
import type { Missed } from '../../src/expose/trail.js';
import {
  before,
  coverage,
  crossing,
  NOW,
  pair,
  party,
  sources,
  status,
  tenant,
} from '../fixtures/reports.js';
import { ask, startWeb } from '../fixtures/web.js';

function facts({ window, ...changes }: Partial<PageFacts> & { window?: Partial<Missed> } = {}): PageFacts {
  const from = sources();
  const shown = {
    status: status(),
    tenants: from.tenants(),
    matrix: from.matrix(),
    crossings: from.crossings({ limit: 50 }),
    now: NOW,
    telemetryPath: '/metrics',
    isLive: true,
    script: 'page.js?v=0123',
    ...changes,
  };
  const missed = { lost: 0, blindSeconds: 0, unidentified: 0, ...window };
  const glance = headline({ ...shown, window: { since: NOW - 900_000, ...missed } });
  return { ...shown, glance: { time: before(0), ...glance } };
}

/** What a reader sees, without tags. */
function textOf(page: string): string {
  const body = page.slice(page.indexOf('<body>'));
  return body
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
}

/** The tags in order, each with the names of its attributes and without what stands in them. */
function skeleton(page: string): string[] {
  return [...page.matchAll(/<(\/?[a-z0-9!]+)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*\/?>/g)].map(
    ([, name = '', attributes = '']) => name + attributes.replace(/="[^"]*"/g, ''),
  );
}

describe('served', () => {
  test('as HTML that can be read without its script, and then comes anew every 5 seconds', async () => {
    const web = await startWeb();
    const { headers, text } = await ask(web.address);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['refresh']).toBeUndefined();
    expect(text).toContain('<meta http-equiv="refresh" content="5" />');
    const built = renderPage(facts({ script: 'page.js?v=0123' }));
    expect(built).toContain('<noscript><meta http-equiv="refresh" content="5" /></noscript>');
    expect(text).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(text).not.toMatch(
      /<script(?! type="module" src="page\.js\?v=[0-9a-f]+"><\/script>)|javascript:|\son[a-z]+=|\sstyle=|@import|url\((?!"data:image\/svg|%23)/i,
    );
  });

  test('and with its script under an address of its own, so that browsers may keep it', async () => {
    const web = await startWeb();
    const { text } = await ask(web.address);
    const [, src = ''] = /<script type="module" src="([^"]+)">/.exec(text) ?? [];
    expect(src).toMatch(/^page\.js\?v=[0-9a-f]{16}$/);
    const script = await ask(`${web.address}/${src}`);
    expect(script.status).toBe(200);
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'private, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
    expect(createHash('sha256').update(script.body).digest('hex')).toContain(src.slice(-16));
  });

  test('all of it in less than 150 KB, compressed', async () => {
    const web = await startWeb();
    const gzip = { headers: { 'accept-encoding': 'gzip' } };
    const page = await ask(web.address, gzip);
    const [, src = ''] = /src="(page[^"]+)"/.exec(gunzipSync(page.body).toString()) ?? [];
    const script = await ask(`${web.address}/${src}`, gzip);
    expect(script.headers['content-encoding']).toBe('gzip');
    expect(page.body.length + script.body.length).toBeLessThan(150_000);
    expect(script.body.length).toBeGreaterThan(5_000);
  });

  test('and holds still for who wants to read', async () => {
    const web = await startWeb();
    const { text } = await ask(`${web.address}/?live=no`);
    expect(text).not.toContain('http-equiv="refresh"');
    expect(text).toContain('held still');
    expect((await ask(`${web.address}/?live=maybe`)).status).toBe(400);
  });

  test('with the one style sheet that the Content-Security-Policy knows', async () => {
    const web = await startWeb();
    const { headers, text } = await ask(web.address);
    const styles = [...text.matchAll(/<style>([^<]*)<\/style>/g)];
    expect(styles).toHaveLength(1);
    const hash = `sha256-${createHash('sha256').update(styles[0]![1]!).digest('base64')}`;
    expect(hash).toBe(STYLE_HASH);
    expect(headers['content-security-policy']).toContain(`style-src '${hash}';`);
  });

  test('with links that work, also behind a proxy that serves it under a path', async () => {
    const web = await startWeb({ web: { telemetryPath: '/custom/metrics' } });
    const { text } = await ask(web.address);
    const links = [...text.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href = '']) => href);
    expect(links).toContain('custom/metrics');
    for (const link of links) {
      expect(link).not.toMatch(/^\/|^[a-z]+:/);
      expect([link, (await ask(new URL(link, `${web.address}/`).href)).status]).toEqual([link, 200]);
    }
  });
});

describe('shows', () => {
  test('the sentence first, and its tone in the title', () => {
    const page = renderPage(facts());
    expect(page).toContain('<title>Got through · Crosstalk</title>');
    expect(page.match(/<h1>.*?<\/h1>/g)).toEqual([
      '<h1><bdi>Unexpected traffic got through: team-b reached team-a 1 minute ago.</bdi></h1>',
    ]);
    const quiet = renderPage(facts({ matrix: { tenants: [], pairs: [] } }));
    expect(quiet).toContain('<title>Quiet · Crosstalk</title>');
  });

  test.each([
    ['not ready', { status: status({ ready: false, notReady: ['no stream'] }) }],
    ['a node not seen', { status: status({ coverage: coverage({ nodes: { connected: 2, silent: 1 } }) }) }],
    ['lost events', { window: { lost: 1 } }],
  ])('never the quiet colour and shape with %s', (_name, changes) => {
    const page = renderPage(facts({ matrix: { tenants: [], pairs: [] }, ...changes }));
    expect(page).not.toContain('class="top quiet"');
    expect(page).not.toContain('href="#quiet"');
  });

  test('verdicts by word and by shape, not by colour alone', () => {
    const page = renderPage(facts());
    const cells = [...page.matchAll(/<td class="\w+" title="([^"]*)">(.*?)<\/td>/gs)];
    expect(cells.map(([, title]) => title)).toEqual([
      'team-a to team-b: 112 expected; last 1 minute ago',
      'team-b to team-a: 4 allowed, 21 denied; last 1 minute ago',
    ]);
    const [, , mixed = ''] = cells[1]!;
    expect([...mixed.matchAll(/href="#(\w+)"/g)].map(([, id]) => id)).toEqual(['allowed', 'denied']);
    expect(textOf(`<body>${mixed}`).trim()).toBe('4 allowed 21 denied');
    for (const id of ['allowed', 'audited', 'denied', 'expected'])
      expect(page).toContain(`<symbol id="${id}"`);
  });

  test('each crossing with both parties as tenants and as hosts know them, and how to see it again', () => {
    const text = textOf(renderPage(facts()));
    for (const part of [
      'denied unexpected 09:14:30 30 seconds ago team-b default/curl host pod vcluster-team-b/curl-x-default-x-team-b',
      '→ to team-a default/nginx host pod vcluster-team-a/nginx-x-default-x-team-a 80/tcp',
      'Stopped by CiliumNetworkPolicy/vcluster-team-a/isolate',
      'Agreed shared billing database',
      'Seen 7 events on node-2, last 1 minute ago',
      'Show it again hubble observe --from-pod vcluster-team-b/curl-x-default-x-team-b',
      'icmp type 8',
    ]) {
      expect(text).toContain(part);
    }
  });

  test('a pod whose virtual name is not known by its host name, and an address where there is no pod', () => {
    const unknown = { virtualNamespace: undefined, virtualPod: undefined };
    const source = party('a', 'web', unknown);
    const destination = party('b', '', { ...unknown, pod: '', address: '10.0.0.9' });
    const text = textOf(renderPage(facts({ crossings: [crossing(source, destination)] })));
    expect(text).toContain('a host pod vcluster-a/web-x-default-x-a');
    expect(text).toContain('b host pod vcluster-b (10.0.0.9)');
  });

  test('the newest 50 crossings, and where the rest is', () => {
    const one = crossing(party('a', 'x'), party('b', 'y'));
    const page = renderPage(facts({ crossings: Array<typeof one>(80).fill(one) }));
    expect(page.match(/<li class="allowed">/g)).toHaveLength(50);
    expect(page).toContain('href="api/v1/crossings?limit=1000"');
  });

  test('the date of what is not of today', () => {
    const old = crossing(party('a', 'x'), party('b', 'y'), { time: before(86_400) });
    expect(textOf(renderPage(facts({ crossings: [old] })))).toContain('2026-11-21 09:15:00 1 day ago');
  });

  test('nodes that are not watched before those that are', () => {
    const node = (name: string, state: string) => ({
      name,
      state,
      version: 'v1.19.4',
      lastFlow: undefined,
      lostEvents: 0,
    });
    const nodes = [
      ...Array.from({ length: 60 }, (_, i) => node(`ok-${i}`, 'connected')),
      node('zz-gone', 'unavailable'),
    ];
    const text = textOf(renderPage(facts({ status: status({ nodes }) })));
    expect(text).toContain('zz-gone unavailable');
    expect(text.indexOf('zz-gone')).toBeLessThan(text.indexOf('ok-0'));
    expect(text).toContain('And 11 more nodes');
  });

  test('tenants without a crossing while there is room', () => {
    const page = renderPage(facts({ tenants: [tenant('team-a'), tenant('team-quiet')] }));
    expect(page).toContain('<th scope="row" title="team-quiet">');
  });

  test('pairs instead of a matrix where a matrix could not be read, the worst first, and all that are left out counted', () => {
    const names = Array.from({ length: 60 }, (_, i) => `t${i}`);
    const pairs = names.flatMap((source, i) => [
      pair(source, names[(i + 1) % 60]!, { expected: { allowed: 1 } }, 1),
      pair(source, names[(i + 2) % 60]!, { unexpected: i === 30 ? { allowed: 1 } : { denied: 1 } }, 500),
    ]);
    const page = renderPage(facts({ tenants: [], matrix: { tenants: names, pairs } }));
    expect(page).not.toContain('class="matrix');
    const rows = [...page.matchAll(/<tr>\s*<th scope="row"><bdi>(t\d+)<\/bdi>/g)].map(([, name]) => name);
    expect(rows).toHaveLength(100);
    expect(rows[0]).toBe('t30');
    expect(page).toContain('20 more pairs');
  });

  test('that there is nothing yet', () => {
    const text = textOf(
      renderPage(
        facts({
          tenants: [],
          matrix: { tenants: [], pairs: [] },
          crossings: [],
          status: status({ nodes: [] }),
        }),
      ),
    );
    expect(text).toContain('No tenant has been seen yet.');
    expect(text).toContain('None has been seen.');
    expect(text).toContain('No node is known yet.');
  });
});

describe('hostile names', () => {
  const EVIL = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</style><script>',
    '<!--',
    ']]>',
    '&lt;b&gt;',
    '${7*7}{{7*7}}',
    '\u202egnp.exe\u202c',
    '\u0000\u001b[2J\r\n',
    'x'.repeat(253),
    '\ud800',
    '__proto__',
  ];

  function named(name: string): PageFacts {
    const someone = party(name, name, {
      namespace: name,
      pod: name,
      virtualPod: name,
      virtualNamespace: name,
      address: name,
      evidenceLabels: [name],
    });
    const seen = crossing(someone, party('team-a', 'nginx'), {
      policies: [name],
      node: name,
      reason: name,
      expected: true,
      hubbleObserve: name,
    });
    return facts({
      status: status({
        ready: false,
        notReady: [name],
        version: name,
        revision: name,
        coverage: coverage({ nodes: { connected: 1, silent: 1 }, nodesNotSeen: [name] }),
        nodes: [{ name, state: 'silent', version: name, lastFlow: undefined, lostEvents: 1 }],
        stream: { ...status().stream, server: name, lastError: { reason: 'x', message: name, hint: name } },
        config: { file: name, lastReloadSuccessful: false, settings: [] },
      }),
      tenants: [tenant(name)],
      matrix: { tenants: [name, 'team-a'], pairs: [pair(name, 'team-a', { unexpected: { allowed: 1 } })] },
      crossings: [seen, { ...seen, expected: false }],
    });
  }

  const harmless = skeleton(renderPage(named('a harmless name')));

  test.each(EVIL)('%j stays text', (name) => {
    const page = renderPage(named(`a${name}`));
    expect(skeleton(page)).toEqual(harmless);
    expect(page).not.toContain(name.includes('<') ? name : '<script>');
    expect(page).not.toMatch(/(?!\n)\p{Cc}|[\u200b-\u200f\u2028-\u202e\u2066-\u2069]/u);
  });

  test('and is shown as it is, so that a person sees what a tenant tried', () => {
    expect(textOf(renderPage(named('<script>alert(1)</script>')))).toContain('<script>alert(1)</script>');
  });

  test('whatever the name, the page has the same tags', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ maxLength: 300 }),
      fc.constantFrom(...EVIL),
    );
    fc.assert(
      fc.property(anything, (name) => {
        expect(skeleton(renderPage(named(`a${name}`)))).toEqual(harmless);
      }),
      { seed: 20_261_122, numRuns: 500 },
    );
  });

  test('over the wire too, in well-formed UTF-8', async () => {
    const name = '<script>\ud800\u202e\u0000"';
    const web = await startWeb({
      sources: {
        matrix: () => named(name).matrix,
        crossings: () => [...named(name).crossings],
        tenants: () => [tenant(name)],
      },
    });
    const { body, text } = await ask(web.address);
    expect(new TextDecoder('utf-8', { fatal: true }).decode(body)).toBe(text);
    expect(text).not.toContain('<script>');
    const json = await ask(`${web.address}/api/v1/matrix`);
    expect(new TextDecoder('utf-8', { fatal: true }).decode(json.body)).toBe(json.text);
    // A program gets what was seen, unpaired surrogates as JSON escapes them.
    expect(JSON.parse(json.text)).toMatchObject({ tenants: [name, 'team-a'] });
  });
});

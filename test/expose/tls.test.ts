/** TLS: which clients get in, and that certificates are renewed while the listener stays open. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { describe, expect, test } from 'vitest';
import { CROWDED } from '../../src/expose/limits.js';
import { ask, connectRaw, startWeb, type RawClient, type RunningWeb } from '../fixtures/web.js';
import { authority, files, issued, type KeyPair } from '../hubble/certs.js';

const ca = await authority('crosstalk test authority');
const other = await authority('another authority');
const server = await issued(ca, ['crosstalk.test']);
const renewed = await issued(ca, ['renewed.test']);
const client = await issued(ca, ['prometheus.test']);
const stranger = await issued(other, ['stranger.test']);

const BASIC_TLS = 'cert_file: tls.crt, key_file: tls.key';

async function startTls(more = ''): Promise<RunningWeb & { paths: Record<'web' | 'crt' | 'key', string> }> {
  const made = files({
    'web.yaml': `tls_server_config: { ${BASIC_TLS}${more} }\n`,
    'tls.crt': server.cert,
    'tls.key': server.key,
    'ca.crt': ca.cert,
  });
  const web = await startWeb({ web: { configFile: made['web.yaml'] } });
  return { ...web, paths: { web: made['web.yaml'], crt: made['tls.crt'], key: made['tls.key'] } };
}

/** The status, or `refused` when the connection did not come to be. */
async function statusWith(web: RunningWeb, pair?: KeyPair): Promise<number | 'refused'> {
  const identity = pair && { cert: pair.cert, key: pair.key };
  return ask(`${web.address}/-/healthy`, { ...identity }).then(
    ({ status }) => status,
    () => 'refused' as const,
  );
}

async function nameServed(web: RunningWeb): Promise<string | undefined> {
  const socket = tls.connect({ port: web.port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const name = socket.getPeerX509Certificate()?.subject;
  socket.destroy();
  return name;
}

test('the address says https, and is proven by the authority', async () => {
  const web = await startTls();
  expect(web.address).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  const trusted = { ca: ca.cert, servername: 'crosstalk.test', rejectUnauthorized: true };
  expect((await ask(`${web.address}/metrics`, trusted)).status).toBe(200);
  await expect(ask(`${web.address}/metrics`, { ...trusted, ca: other.cert })).rejects.toThrow();
});

test('plain HTTP on a TLS port gets nothing', async () => {
  const web = await startTls();
  const plain = await connectRaw(web.port, 'GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n');
  expect(await plain.ended).not.toContain('HTTP/1.1 200');
});

test.each([
  [', min_version: TLS13', 'TLSv1.2', false],
  [', min_version: TLS13', 'TLSv1.3', true],
  [', max_version: TLS12', 'TLSv1.3', false],
  [', max_version: TLS12', 'TLSv1.2', true],
  ['', 'TLSv1.2', true],
  ['', 'TLSv1.3', true],
] as const)('with "%s", %s is taken: %s', async (more, version, isTaken) => {
  const web = await startTls(more);
  const asked = ask(`${web.address}/-/healthy`, { minVersion: version, maxVersion: version }).then(
    ({ status }) => status === 200,
    () => false,
  );
  expect(await asked).toBe(isTaken);
});

describe('clients', () => {
  const CA = ', client_ca_file: ca.crt';
  test.each([
    ['NoClientCert', '', [200, 200, 200]],
    ['RequestClientCert', '', [200, 200, 200]],
    ['RequestClientCert', CA, [200, 200, 200]],
    ['RequireAnyClientCert', '', ['refused', 200, 200]],
    ['RequireAnyClientCert', CA, ['refused', 200, 200]],
    ['VerifyClientCertIfGiven', CA, [200, 200, 'refused']],
    ['RequireAndVerifyClientCert', CA, ['refused', 200, 'refused']],
  ])("%s%s: none, ours, a stranger's", async (type, authorityOf, expected) => {
    const web = await startTls(`, client_auth_type: ${type}${authorityOf}`);
    const statuses = [await statusWith(web), await statusWith(web, client), await statusWith(web, stranger)];
    expect(statuses).toEqual(expected);
  });

  test('which checks apply can change while the listener is open', async () => {
    const web = await startTls(`, client_auth_type: RequestClientCert${CA}`);
    expect(await statusWith(web)).toBe(200);
    writeFileSync(
      web.paths.web,
      `tls_server_config: { ${BASIC_TLS}, client_auth_type: RequireAndVerifyClientCert${CA} }`,
    );
    await web.reread();
    expect([await statusWith(web), await statusWith(web, client)]).toEqual(['refused', 200]);
  });

  test('what the listener itself would have to change for needs a restart, and says so', async () => {
    const web = await startTls();
    for (const [text, expected] of [
      ['{}', 'tls_server_config was removed: restart Crosstalk to listen that way'],
      [
        `tls_server_config: { ${BASIC_TLS}, client_auth_type: RequireAnyClientCert }`,
        'client_auth_type is RequireAnyClientCert now: restart Crosstalk to ask clients for certificates',
      ],
    ] as const) {
      web.lines.length = 0;
      writeFileSync(web.paths.web, text);
      await web.reread();
      expect(web.lines.map(({ msg }) => msg)).toEqual([`the web configuration stays as it was: ${expected}`]);
      expect(await statusWith(web)).toBe(200);
    }
  });
});

describe('renewal', () => {
  test('a renewed certificate is served to new connections; open ones go on', async () => {
    const web = await startTls();
    const open = tls.connect({ port: web.port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(open, 'secureConnect');
    expect(await nameServed(web)).toBe('CN=crosstalk.test');
    writeFileSync(web.paths.crt, renewed.cert);
    writeFileSync(web.paths.key, renewed.key);
    await web.reread();
    expect(await nameServed(web)).toBe('CN=renewed.test');
    open.write('GET /-/healthy HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    const [answer] = (await once(open, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
  });

  test.each([
    ['half of a renewal: a new certificate beside the old key', renewed.cert, 'fit each other'],
    ['no certificate', 'hello', 'holds no certificate, expected PEM'],
    ['a broken certificate', server.cert.replace(/[A-Za-z0-9]{20}/, 'A'.repeat(20)), 'cert'],
  ])('%s leaves the last good one, is told once, and is taken when it is whole', async (_name, cert, why) => {
    const web = await startTls();
    web.lines.length = 0;
    writeFileSync(web.paths.crt, cert);
    await web.reread();
    await web.reread();
    expect(await nameServed(web)).toBe('CN=crosstalk.test');
    expect(web.lines).toMatchObject([{ event: 'web_config_reload_failed' }]);
    expect(web.lines[0]!.msg).toContain(why);
    writeFileSync(web.paths.crt, renewed.cert);
    writeFileSync(web.paths.key, renewed.key);
    await web.reread();
    expect(await nameServed(web)).toBe('CN=renewed.test');
  });
});

test.each([
  ['a certificate that is not there', { crt: undefined }, 'tls_server_config.cert_file: cannot read'],
  ['a key of another certificate', { key: renewed.key }, 'both must be PEM, and fit each other'],
  ['an authority that holds none', { ca: 'nothing' }, 'client_ca_file:'],
])(
  '%s stops the start with the path',
  async (_name, wrong: { crt?: string | undefined; key?: string; ca?: string }, why) => {
    const made = files({
      'web.yaml': `tls_server_config: { cert_file: ${'crt' in wrong ? 'gone.crt' : 'tls.crt'}, key_file: tls.key, client_ca_file: ca.crt, client_auth_type: RequestClientCert }`,
      'tls.crt': server.cert,
      'tls.key': wrong.key ?? server.key,
      'ca.crt': wrong.ca ?? ca.cert,
    });
    await expect(startWeb({ web: { configFile: made['web.yaml'] } })).rejects.toThrow(why);
  },
);

describe('slow clients under TLS', () => {
  test('connections that never begin their handshake do not keep a scrape out', async () => {
    const web = await startTls();
    const idle: RawClient[] = [];
    for (let i = 0; i < 2 * CROWDED; i++) idle.push(await connectRaw(web.port));
    expect((await ask(`${web.address}/metrics`)).status).toBe(200);
    for (const { socket } of idle) socket.destroy();
  });

  test('a connection whose request is being answered is not the one that goes', async () => {
    let release = (): void => undefined;
    let arrived = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const made = files({
      'web.yaml': `tls_server_config: { ${BASIC_TLS} }`,
      'tls.crt': server.cert,
      'tls.key': server.key,
    });
    const web = await startWeb({
      web: { configFile: made['web.yaml'] },
      sources: {
        metrics: async () => {
          arrived();
          await gate;
          return 'patience\n';
        },
      },
    });
    const patient = ask(`${web.address}/metrics`);
    await arrival;
    const idle: RawClient[] = [];
    for (let i = 0; i < 2 * CROWDED; i++) idle.push(await connectRaw(web.port));
    release();
    expect((await patient).text).toBe('patience\n');
    for (const { socket } of idle) socket.destroy();
  });

  test('close ends connections in the middle of their handshake', async () => {
    const web = await startTls();
    const silent = net.connect({ port: web.port, host: '127.0.0.1' });
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    const ended = once(silent, 'close');
    await web.close();
    await ended;
  });
});

/** The image's health check as a process: dist/healthcheck.js, which `npm test` builds first. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startWeb } from './fixtures/web.js';
import { authority, files, issued } from './hubble/certs.js';

const program = fileURLToPath(new URL('../dist/healthcheck.js', import.meta.url));

async function exitOf(env: NodeJS.ProcessEnv): Promise<unknown> {
  const child = spawn(process.execPath, [program], { env: { PATH: process.env['PATH'], ...env } });
  const [code] = (await once(child, 'exit')) as unknown[];
  return code;
}

async function exitFor(port: number): Promise<unknown> {
  return exitOf({ CROSSTALK_WEB_LISTEN_ADDRESS: `127.0.0.1:${port}` });
}

const ca = await authority('crosstalk test authority');
const server = await issued(ca, ['crosstalk.test']);
const TLS = { 'tls.crt': server.cert, 'tls.key': server.key, 'ca.crt': ca.cert };
const KEYS = 'cert_file: tls.crt, key_file: tls.key';

test.each([
  ['open to all', ''],
  ['behind a password', `basic_auth_users: { prometheus: "$2y$04$${'a'.repeat(53)}" }\n`],
  ['with TLS', `tls_server_config: { ${KEYS} }\n`],
  [
    'with TLS for clients with a certificate only',
    `tls_server_config: { ${KEYS}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt }\n`,
  ],
])('a daemon that works is healthy: %s', async (_, config) => {
  const made = files({ 'web.yaml': config, ...TLS });
  const web = await startWeb({ web: { configFile: made['web.yaml'] } });
  expect(await exitFor(web.port)).toBe(0);
});

test('a daemon that is gone is not', async () => {
  const { port, close } = await listening(() => undefined);
  await close();
  expect(await exitFor(port)).toBe(1);
});

test.each([
  ['accepts and never answers', (socket: net.Socket): unknown => socket.resume()],
  ['hangs up', (socket: net.Socket): unknown => socket.destroy()],
])('nor is one that %s', async (_, serve) => {
  const { port } = await listening(serve);
  expect(await exitFor(port)).toBe(1);
});

test('nor one whose configuration cannot be read', async () => {
  expect(await exitOf({ CROSSTALK_CONFIG_FILE: '/nowhere/crosstalk.yaml' })).toBe(1);
});

async function listening(
  serve: (socket: net.Socket) => unknown,
): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<net.Socket>();
  const listener = net.createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    serve(socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!listener.listening) return;
    listener.close();
    await once(listener, 'close');
  };
  onTestFinished(close);
  return { port: (listener.address() as net.AddressInfo).port, close };
}

/** How Alertmanager is reached: TLS, passwords and tokens, from files that may change. */
import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import type { PushAccess } from '../../src/alert/push.js';
import { T0 } from '../fixtures/flows.js';
import { authority, files, issued } from '../hubble/certs.js';
import { crossed, violationsWith } from './crossed.js';
import { startPush, startReceiver } from './receiver.js';

const ca = await authority('crosstalk test authority');
const other = await authority('another authority');
const server = await issued(ca, ['alertmanager.test']);
const client = await issued(ca, ['crosstalk.test']);
const renewed = await issued(ca, ['renewed.test']);

const until = (met: () => void) => vi.waitFor(met, { timeout: 10_000, interval: 5 });

function pushTo(url: string, access: Partial<PushAccess> = {}): ReturnType<typeof startPush> {
  const violations = violationsWith();
  violations.add(crossed(), T0);
  return startPush(violations, { urls: [url], ...access }, { clock: () => T0 });
}

const tls = (fields: Partial<PushAccess['tls']>) => ({ tls: fields as PushAccess['tls'] });

describe('credentials', () => {
  test('none are sent where none are configured', async () => {
    const receiver = await startReceiver();
    pushTo(receiver.url);
    await until(() => expect(receiver.posts.length).toBeGreaterThan(0));
    expect(receiver.posts[0]?.headers).not.toHaveProperty('authorization');
  });

  test('a password is read from its file, and a changed one is in force at the next post', async () => {
    const receiver = await startReceiver();
    const { password } = files({ password: 'first\n' });
    pushTo(receiver.url, { basicAuth: { username: 'crosstalk', passwordFile: password } });
    const sent = () => {
      const [, encoded = ''] = (receiver.posts.at(-1)?.headers.authorization ?? '').split('Basic ');
      return Buffer.from(encoded, 'base64').toString();
    };
    await until(() => expect(sent()).toBe('crosstalk:first'));
    writeFileSync(password, 'zwèite:\n');
    await until(() => expect(sent()).toBe('crosstalk:zwèite:'));
  });

  test('a bearer token is too', async () => {
    const receiver = await startReceiver();
    const { token } = files({ token: 'first\n' });
    pushTo(receiver.url, { bearerTokenFile: token });
    await until(() => expect(receiver.posts.at(-1)?.headers.authorization).toBe('Bearer first'));
    writeFileSync(token, 'second');
    await until(() => expect(receiver.posts.at(-1)?.headers.authorization).toBe('Bearer second'));
  });

  test.each([
    ['missing', undefined, /cannot read .*token \(ENOENT/],
    ['empty', '\n', /is empty/],
    ['no token at all', 'to\nken', /holds characters that no token has$/],
  ])('a file that is %s is a failure that names it, never the secret', async (_, content, message) => {
    const receiver = await startReceiver();
    const { token } = files({ token: content ?? '' });
    if (content === undefined) rmSync(token);
    const push = pushTo(receiver.url, { bearerTokenFile: token });
    await until(() => expect(push.results[receiver.url]).toContain('failed'));
    expect(push.failures[0]).toMatch(/^alertmanager\.bearerTokenFile: /);
    expect(push.failures[0]).toMatch(message);
    expect(receiver.posts).toEqual([]);
    writeFileSync(token, 'found');
    await until(() => expect(push.results[receiver.url]).toContain('success'));
  });
});

describe('TLS', () => {
  const listen = () =>
    startReceiver({ ...server, ca: ca.cert, requestCert: true, rejectUnauthorized: false });

  test('an authority and a name in its certificate make the server believed', async () => {
    const receiver = await listen();
    const { caFile } = files({ caFile: ca.cert });
    pushTo(receiver.url, tls({ caFile, serverName: 'alertmanager.test' }));
    await until(() => expect(receiver.alarms().length).toBeGreaterThan(0));
  });

  test.each([
    ['by an authority that is not ours', other.cert, 'alertmanager.test', /self-signed|unable to/],
    ['with another name', ca.cert, undefined, /does not match certificate/],
  ])('a server %s gets nothing', async (_, authorities, serverName, message) => {
    const receiver = await listen();
    const { caFile } = files({ caFile: authorities });
    const push = pushTo(receiver.url, tls({ caFile, serverName }));
    await until(() => expect(push.results[receiver.url]).toContain('failed'));
    expect(push.failures[0]).toMatch(message);
    expect(receiver.posts).toEqual([]);
  });

  test('without any check, when the operator says so', async () => {
    const receiver = await listen();
    pushTo(receiver.url, tls({ insecureSkipVerify: true }));
    await until(() => expect(receiver.alarms().length).toBeGreaterThan(0));
  });

  test('a certificate of our own is shown, and a renewed one at the next post', async () => {
    const receiver = await listen();
    const { caFile, certFile, keyFile } = files({
      caFile: ca.cert,
      certFile: client.cert,
      keyFile: client.key,
    });
    pushTo(receiver.url, tls({ caFile, certFile, keyFile, serverName: 'alertmanager.test' }));
    await until(() => expect(receiver.posts.at(-1)?.clientName).toBe('crosstalk.test'));
    writeFileSync(certFile, renewed.cert);
    writeFileSync(keyFile, renewed.key);
    await until(() => expect(receiver.posts.at(-1)?.clientName).toBe('renewed.test'));
  });

  test('a file without a certificate in it is a failure that names it', async () => {
    const receiver = await listen();
    const { caFile } = files({ caFile: 'nothing' });
    const push = pushTo(receiver.url, tls({ caFile }));
    await until(() => expect(push.failures[0]).toBe(`alertmanager.tls.caFile: ${caFile} is no PEM file`));
  });
});

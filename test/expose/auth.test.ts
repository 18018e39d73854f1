/** Basic auth: who gets in, what a stranger learns, and what a stranger costs. */
import { hashSync } from 'bcryptjs';
import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createAuth, type Auth } from '../../src/expose/auth.js';
import { createPasswordCheck, type PasswordCheck } from '../../src/expose/password.js';
import { ask, basic, startWeb, type RunningWeb } from '../fixtures/web.js';
import { files } from '../hubble/certs.js';

const STRAYS = process.env['CROSSTALK_LONG'] === '1' ? 10_000 : 1_000;

/** Cost 4 is the least there is: what is tested is who gets in, not how long it takes. */
const users = (passwords: Record<string, string>, cost = 4): Map<string, string> =>
  new Map(Object.entries(passwords).map(([user, password]) => [user, hashSync(password, cost)]));

function webFile(passwords: Record<string, string>): string {
  const lines = [...users(passwords)].map(([user, hash]) => `  ${user}: ${hash}\n`);
  return lines.length === 0 ? '{}\n' : `basic_auth_users:\n${lines.join('')}`;
}

async function startLocked(passwords: Record<string, string>): Promise<RunningWeb & { file: string }> {
  const { web: file } = files({ web: webFile(passwords) });
  return { ...(await startWeb({ web: { configFile: file, enableLifecycle: true } })), file };
}

describe('with users', () => {
  const PATHS = [
    '/',
    '/metrics',
    '/-/healthy',
    '/-/ready',
    '/-/reload',
    '/api/v1/status',
    '/api/v1/openapi.json',
    '/nothing',
    '/%zz',
    '//',
    '/api/v1/crossings?limit=x',
    '/metrics/..%2f',
    '*',
  ];

  test.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    'no %s gets anything without a password, whatever the path',
    async (method) => {
      const web = await startLocked({ prometheus: 'secret' });
      for (const path of PATHS) {
        const answer = await ask(web.address, { path, method });
        expect([path, answer.status]).toEqual([path, 401]);
        expect(answer.headers['www-authenticate']).toBe('Basic realm="Crosstalk", charset="UTF-8"');
        expect(answer.headers['x-content-type-options']).toBe('nosniff');
        expect(answer.text).not.toContain('team-a');
      }
    },
  );

  test(`nor do ${STRAYS.toLocaleString('en')} methods and paths at random`, async () => {
    const web = await startLocked({ prometheus: 'secret' });
    const piece = fc.constantFrom(
      '/',
      '//',
      '..',
      '.',
      '%2f',
      '%00',
      '?',
      '#',
      '&',
      '-',
      'api',
      'v1',
      'metrics',
      'a',
    );
    const path = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((parts) => `/${parts.join('')}`),
      fc.webPath(),
    );
    const method = fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE', 'TRACE', 'PROPFIND');
    const property = fc.asyncProperty(method, path, async (method, path) => {
      const answer = await ask(web.address, { path, method });
      expect(answer.status).toBe(401);
      expect(answer.text).not.toContain('team-a');
    });
    await fc.assert(property, { numRuns: STRAYS, seed: 20_261_122 });
  });

  test('the right password opens every route', async () => {
    const web = await startLocked({ prometheus: 'secret', jörg: 'pass:with:colons and ü' });
    for (const [user, password] of [
      ['prometheus', 'secret'],
      ['jörg', 'pass:with:colons and ü'],
    ] as const) {
      for (const path of ['/', '/metrics', '/-/healthy', '/api/v1/status']) {
        expect((await ask(web.address + path, { headers: basic(user, password) })).status).toBe(200);
      }
    }
  });

  test.each([
    ['a wrong password', basic('prometheus', 'Secret')],
    ['no password', basic('prometheus', '')],
    ['more than the password', basic('prometheus', 'secret ')],
    ['another user', basic('root', 'secret')],
    ['no user', basic('', 'secret')],
    ['the hash instead of the password', basic('prometheus', hashSync('secret', 4))],
    ['a name of JavaScript', basic('__proto__', 'secret')],
    ['another scheme', { authorization: 'Bearer secret' }],
    ['no colon', { authorization: `Basic ${Buffer.from('prometheus').toString('base64')}` }],
    ['no base64', { authorization: 'Basic prometheus:secret' }],
    ['an empty header', { authorization: '' }],
  ])('%s does not', async (_name, headers) => {
    const web = await startLocked({ prometheus: 'secret' });
    expect((await ask(`${web.address}/metrics`, { headers })).status).toBe(401);
    // Nor does a password that is right make the wrong one right.
    expect((await ask(`${web.address}/metrics`, { headers: basic('prometheus', 'secret') })).status).toBe(
      200,
    );
    expect((await ask(`${web.address}/metrics`, { headers })).status).toBe(401);
  });

  test('users come and go with the file, and a file that is wrong changes nothing', async () => {
    const web = await startLocked({ alice: 'one' });
    const statusOf = async (user: string, password: string): Promise<number> =>
      (await ask(`${web.address}/metrics`, { headers: basic(user, password) })).status;
    expect([await statusOf('alice', 'one'), await statusOf('bob', 'two')]).toEqual([200, 401]);

    writeFileSync(web.file, webFile({ bob: 'two', alice: 'changed' }));
    await web.reread();
    expect([
      await statusOf('alice', 'one'),
      await statusOf('alice', 'changed'),
      await statusOf('bob', 'two'),
    ]).toEqual([401, 200, 200]);

    web.lines.length = 0;
    writeFileSync(web.file, 'basic_auth_users: { bob: in-clear }');
    await web.reread();
    await web.reread();
    expect(await statusOf('bob', 'two')).toBe(200);
    expect(web.lines).toMatchObject([{ level: 'error', event: 'web_config_reload_failed' }]);
    expect(web.lines[0]!.msg).toContain('basic_auth_users.bob: not a bcrypt hash');

    writeFileSync(web.file, webFile({ alice: 'changed' }));
    await web.reread();
    expect([await statusOf('alice', 'changed'), await statusOf('bob', 'two')]).toEqual([200, 401]);
    expect(web.lines.at(-1)).toMatchObject({ level: 'info', event: 'web_config_reloaded' });
  });

  test('a file that has gone does not open the door', async () => {
    const web = await startLocked({ alice: 'one' });
    writeFileSync(web.file, '');
    await web.reread();
    // An empty file is a file that asks for nothing: that is the operator's word.
    expect((await ask(`${web.address}/metrics`)).status).toBe(200);
    const locked = await startLocked({ alice: 'one' });
    const { rmSync } = await import('node:fs');
    rmSync(locked.file);
    await locked.reread();
    expect((await ask(`${locked.address}/metrics`)).status).toBe(401);
    expect(locked.lines.at(-1)!.msg).toContain(`cannot read ${locked.file}`);
  });
});

test('a file that cannot be used stops the start, with every problem', async () => {
  const { web: file } = files({ web: 'basic_auth_users: { a: b }\nx: 1\n' });
  const starting = startWeb({ web: { configFile: file } });
  await expect(starting).rejects.toThrow('basic_auth_users.a: not a bcrypt hash');
  await expect(starting).rejects.toThrow('x: unknown key');
  await expect(startWeb({ web: { configFile: '/nowhere/web.yaml' } })).rejects.toThrow(
    '--web.config.file: cannot read /nowhere/web.yaml: ENOENT',
  );
});

test('headers of the file are sent with every answer, over our own', async () => {
  const text = `http_server_config:
  headers:
    X-Frame-Options: SAMEORIGIN
    Strict-Transport-Security: max-age=1
    Content-Security-Policy: "default-src 'self'"
`;
  const { web: file } = files({ web: text });
  const web = await startWeb({ web: { configFile: file } });
  for (const path of ['/', '/metrics', '/nothing']) {
    expect((await ask(web.address + path)).headers).toMatchObject({
      'x-frame-options': 'SAMEORIGIN',
      'strict-transport-security': 'max-age=1',
      'content-security-policy': "default-src 'self'",
      'x-content-type-options': 'nosniff',
    });
  }
});

describe('what a stranger costs', () => {
  /** A check whose answers wait until they are let go. */
  function heldCheck(): PasswordCheck & {
    asked: { password: string; hash: string }[];
    letGo(isRight: boolean): void;
  } {
    const asked: { password: string; hash: string }[] = [];
    let letGo = (_isRight: boolean): void => undefined;
    return {
      asked,
      letGo: (isRight) => letGo(isRight),
      matches: (password, hash) => {
        asked.push({ password, hash });
        return new Promise((resolve) => (letGo = resolve));
      },
      close: async () => undefined,
    };
  }
  const wanted = (): boolean => true;
  const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const statusOf = async (auth: Auth, user: string, password: string, isWanted = wanted): Promise<number> => {
    const admission = await auth.admit(basic(user, password).authorization, isWanted);
    return admission.ok ? 200 : admission.status;
  };

  test('passwords are checked one at a time; beyond 32 that wait, 429', async () => {
    const check = heldCheck();
    const auth = createAuth(check, users({ a: 'right' }));
    const answers = Array.from({ length: 40 }, (_, i) => statusOf(auth, 'a', `wrong ${i}`));
    await turn();
    expect(check.asked).toHaveLength(1);
    expect(await Promise.all(answers.slice(32))).toEqual(Array(8).fill(429));
    for (let i = 0; i < 32; i++) {
      check.letGo(false);
      await turn();
    }
    expect(await Promise.all(answers.slice(0, 32))).toEqual(Array(32).fill(401));
    expect(check.asked).toHaveLength(32);
    // The queue is empty again: the next has its turn.
    const next = statusOf(auth, 'a', 'right');
    await turn();
    check.letGo(true);
    expect(await next).toBe(200);
  });

  test('a password that was right once is not checked again, and passes a full queue', async () => {
    const check = heldCheck();
    const auth = createAuth(check, users({ a: 'right' }));
    const first = statusOf(auth, 'a', 'right');
    await turn();
    check.letGo(true);
    expect(await first).toBe(200);
    const flood = Array.from({ length: 40 }, (_, i) => statusOf(auth, 'a', `wrong ${i}`));
    expect(await statusOf(auth, 'a', 'right')).toBe(200);
    expect(check.asked.filter(({ password }) => password === 'right')).toHaveLength(1);
    for (let i = 0; i < 32; i++) {
      await turn();
      check.letGo(false);
    }
    await Promise.all(flood);
  });

  test('a wrong password is checked every time: only success is remembered', async () => {
    const check = heldCheck();
    const auth = createAuth(check, users({ a: 'right' }));
    for (let i = 0; i < 3; i++) {
      const answer = statusOf(auth, 'a', 'wrong');
      await turn();
      check.letGo(false);
      expect(await answer).toBe(401);
    }
    expect(check.asked).toHaveLength(3);
  });

  test('an unknown user costs as much as the costliest known one, and is refused even if its password fits', async () => {
    const check = heldCheck();
    const auth = createAuth(
      check,
      new Map([
        ['a', hashSync('x', 4)],
        ['b', hashSync('y', 6)],
      ]),
    );
    const answer = statusOf(auth, 'nobody', 'z');
    await turn();
    expect(check.asked[0]!.hash).toMatch(/^\$2b\$06\$[./A-Za-z0-9]{53}$/);
    check.letGo(true);
    expect(await answer).toBe(401);
    // Nor is it remembered.
    const again = statusOf(auth, 'nobody', 'z');
    await turn();
    expect(check.asked).toHaveLength(2);
    check.letGo(true);
    expect(await again).toBe(401);
  });

  test('a client that has gone while it waited costs nothing more', async () => {
    const check = heldCheck();
    const auth = createAuth(check, users({ a: 'right' }));
    const first = statusOf(auth, 'a', 'wrong');
    const gone = statusOf(auth, 'a', 'right', () => false);
    await turn();
    check.letGo(false);
    await first;
    expect(await gone).toBe(401);
    expect(check.asked).toHaveLength(1);
  });

  test('a success that is overtaken by a change of the users is not remembered', async () => {
    const check = heldCheck();
    const auth = createAuth(check, users({ a: 'old' }));
    const slow = statusOf(auth, 'a', 'old');
    await turn();
    auth.setUsers(users({ a: 'new' }));
    check.letGo(true);
    await slow;
    const again = statusOf(auth, 'a', 'old');
    await turn();
    expect(check.asked).toHaveLength(2);
    check.letGo(false);
    expect(await again).toBe(401);
  });

  test('a thread that fails is a 500 for one, and the next has a new thread', async () => {
    const check = createPasswordCheck();
    const hash = hashSync('right', 4);
    await expect(check.matches('x', 42 as unknown as string)).rejects.toThrow();
    expect(await check.matches('right', hash)).toBe(true);
    expect(await check.matches('wrong', hash)).toBe(false);
    await check.close();
    expect(await check.matches('right', hash)).toBe(true);
    await check.close();
  });

  test('while wrong passwords are being hashed, those who are known are served', async () => {
    // Cost 12: each of these takes the thread about 200 ms; on the event loop they would come before everyone.
    const { web: file } = files({ web: `basic_auth_users: { a: ${hashSync('right', 12)} }` });
    const web = await startWeb({ web: { configFile: file } });
    expect((await ask(`${web.address}/metrics`, { headers: basic('a', 'right') })).status).toBe(200);
    const order: string[] = [];
    const wrong = [1, 2, 3, 4].map(async (i) => {
      await ask(`${web.address}/metrics`, { headers: basic('a', `wrong ${i}`) });
      order.push('refused');
    });
    for (let i = 0; i < 5; i++) {
      await ask(`${web.address}/metrics`, { headers: basic('a', 'right') });
      order.push('served');
    }
    await Promise.all(wrong);
    expect(order.lastIndexOf('served')).toBeLessThan(order.lastIndexOf('refused'));
  });
});

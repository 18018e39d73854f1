import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.js';
import type { Config } from '../../src/config/config.js';
import type { Daemon } from '../../src/daemon.js';
import { fakeShell, run } from './shell.js';

/** A daemon that notes what is done with it. */
function fakeDaemon(overrides: Partial<Daemon> = {}) {
  const done: string[] = [];
  const configs: Config[] = [];
  const daemon = {
    reload: async () => {
      done.push('reload');
      return { ok: true, problems: [] };
    },
    close: async () => {
      done.push('close');
    },
    ...overrides,
  } as Daemon;
  let started = (): void => undefined;
  const isUp = new Promise<void>((resolve) => (started = resolve));
  const startDaemon = async (config: Config): Promise<Daemon> => {
    configs.push(config);
    queueMicrotask(started);
    return Promise.resolve(daemon);
  };
  return { done, configs, isUp, engine: { startDaemon } };
}

/** Lets promises settle. */
const settle = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('serve', () => {
  test('is the default command, and hands the resolved configuration to the daemon', async () => {
    const { engine, configs, isUp } = fakeDaemon();
    const fake = fakeShell(
      [
        '--server=relay:80',
        '--no-tls',
        '--web.enable-lifecycle',
        '--web.listen-address',
        ':1',
        '--web.listen-address',
        ':2',
      ],
      {
        engine,
        env: { HUBBLE_TLS: 'true' },
      },
    );
    const code = runProgram(fake.shell);
    await isUp;
    fake.signal('SIGTERM');
    expect(await code).toBe(0);
    expect(configs[0]).toMatchObject({
      server: 'relay:80',
      tls: { enabled: false },
      web: { enableLifecycle: true, listenAddresses: [':1', ':2'] },
    });
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s closes and exits with 0', async (signal) => {
    const { engine, done, isUp } = fakeDaemon();
    const fake = fakeShell([], { engine });
    const code = runProgram(fake.shell);
    await isUp;
    fake.signal(signal);
    expect(await code).toBe(0);
    expect({ done, exits: fake.exits }).toEqual({ done: ['close'], exits: [] });
  });

  test('a second signal exits at once with 1, without waiting for the close', async () => {
    let finish = (): void => undefined;
    const close = async (): Promise<void> => new Promise((resolve) => (finish = resolve));
    const { engine, isUp } = fakeDaemon({ close });
    const fake = fakeShell([], { engine });
    const code = runProgram(fake.shell);
    await isUp;
    fake.signal('SIGINT');
    await settle();
    expect(fake.exits).toEqual([]);
    fake.signal('SIGTERM');
    expect(fake.exits).toEqual([1]);
    finish();
    await code;
  });

  test('a signal during the start is not lost', async () => {
    const { engine, done } = fakeDaemon();
    const fake = fakeShell([], { engine });
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const shell = {
      ...fake.shell,
      engine: {
        ...fake.shell.engine,
        startDaemon: async (config: Config) => {
          await gate;
          return engine.startDaemon(config);
        },
      },
    };
    const code = runProgram(shell);
    await settle();
    fake.signal('SIGTERM');
    release();
    expect(await code).toBe(0);
    expect(done).toEqual(['close']);
  });

  test('SIGHUP reloads and goes on', async () => {
    const { engine, done, isUp } = fakeDaemon();
    const fake = fakeShell([], { engine });
    const code = runProgram(fake.shell);
    await isUp;
    await settle();
    fake.signal('SIGHUP');
    fake.signal('SIGHUP');
    await settle();
    expect(done).toEqual(['reload', 'reload']);
    fake.signal('SIGTERM');
    expect(await code).toBe(0);
  });

  test('what cannot be had is said in a line, and exits with 1', async () => {
    const startDaemon = async (): Promise<Daemon> =>
      Promise.reject(new Error('--web.listen-address: :9967 is in use'));
    expect(await run([], { engine: { startDaemon } })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'crosstalk: cannot start: --web.listen-address: :9967 is in use\n',
    });
  });

  test('a close that fails is said, and exits with 1', async () => {
    const { engine, isUp } = fakeDaemon({ close: async () => Promise.reject(new Error('disk full')) });
    const fake = fakeShell([], { engine });
    const code = runProgram(fake.shell);
    await isUp;
    fake.signal('SIGTERM');
    expect(await code).toBe(1);
    expect(fake.stderr()).toBe('crosstalk: closing failed: disk full\n');
  });

  test('a doubtful setting is a line in the log, and the daemon starts', async () => {
    const { engine, isUp } = fakeDaemon();
    const fake = fakeShell(['--server', 'tls://relay:443', '--tls-allow-insecure'], { engine });
    const code = runProgram(fake.shell);
    await isUp;
    fake.signal('SIGTERM');
    await code;
    expect(JSON.parse(fake.stdout())).toMatchObject({
      level: 'warn',
      event: 'config_warning',
      msg: "--tls-allow-insecure: the server's certificate is not verified: whoever answers is believed",
    });
  });

  test('nothing is started when anything is wrong', async () => {
    const { engine, configs } = fakeDaemon();
    expect((await run(['--flows.since', 'soon'], { engine })).code).toBe(2);
    expect(configs).toEqual([]);
  });
});

describe('demo', () => {
  test('runs against the simulator, whatever server the environment names', async () => {
    const { engine, configs, isUp } = fakeDaemon();
    const fake = fakeShell(['demo', '--web.listen-address', '127.0.0.1:0'], {
      engine,
      env: {
        HUBBLE_SERVER: 'prod:80',
        HUBBLE_TLS: 'true',
        CROSSTALK_CONFIG_FILE: '/none',
        CROSSTALK_STATE_FILE: '/x',
      },
    });
    const code = runProgram(fake.shell);
    await isUp;
    fake.signal('SIGINT');
    expect(await code).toBe(0);
    const [config] = configs;
    expect(config).toMatchObject({
      server: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      tls: { enabled: false },
      configFile: undefined,
      stateFile: undefined,
      web: { listenAddresses: ['127.0.0.1:0'] },
    });
    expect(config?.settings.find(({ name }) => name === 'server')?.value).toBe(config?.server);
  });

  test('refuses what it cannot use', async () => {
    const { code, stderr } = await run(['demo', '--server', 'relay:80']);
    expect(code).toBe(2);
    expect(stderr).toContain('It is a flag of crosstalk serve.');
  });
});

describe('check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crosstalk-check-'));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  test('a good file is fine, with what was understood', async () => {
    const path = file(
      'good.yaml',
      'cluster: west\ntenants: { namespaces: [{ namespace: a, vcluster: a }], platformNamespaces: [kube-system, kube-public] }\n',
    );
    expect(await run(['check', '--config.file', path])).toEqual({
      code: 0,
      stdout: `${path}: fine (1 tenant namespace, 2 platform namespaces, 0 agreements, 1 other setting)\n`,
      stderr: '',
    });
  });

  test('a bad file is every problem with its place, and exit code 1', async () => {
    const path = file('bad.yaml', 'sever: x\nlimits: { crossings: 0 }\n');
    const { code, stdout, stderr } = await run(['check', '--config.file', path]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(`^${path}:1:1: sever: unknown key. Did you mean server`),
      expect.stringMatching(`^${path}:2:22: limits.crossings: got 0 `),
      'crosstalk: 2 problems in the configuration',
      '',
    ]);
  });

  test('a doubtful file is fine, with a warning', async () => {
    const path = file(
      'old.yaml',
      'expected: [{ source: a, destination: b, reason: r, until: 2020-01-01 }]\n',
    );
    const { code, stderr } = await run(['check', '--config.file', path]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: .*old\.yaml:1:59: expected\[0\]\.until: ended at 2020-01-02T00:00:00Z/);
  });

  test('flags and environment of serve are checked with the file, as serve would have them', async () => {
    const path = file('tls.yaml', 'tls: { serverName: ui.hubble-relay.cilium.io }\n');
    expect((await run(['check', '--config.file', path])).code).toBe(1);
    expect((await run(['check', '--config.file', path, '--tls'])).code).toBe(0);
    expect((await run(['check'], { env: { CROSSTALK_CONFIG_FILE: path, HUBBLE_TLS: '1' } })).code).toBe(0);
  });

  test('the web configuration that it names is checked too', async () => {
    const web = file('web.yml', 'basic_auth_usrs: {}\n');
    const path = file('with-web.yaml', `web: { configFile: ${web} }\n`);
    const { code, stdout, stderr } = await run(['check', '--config.file', path]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('basic_auth_usrs');
    file('web.yml', '');
    expect((await run(['check', '--config.file', path])).code).toBe(0);
  });
});

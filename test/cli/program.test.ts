import { describe, expect, test } from 'vitest';
import { ALL_OPTIONS } from '../../src/config/options.js';
import { run } from './shell.js';

const COMMANDS = ['serve', 'demo', 'replay', 'check'];

describe('--help and --version are everywhere', () => {
  test.each([[], ...COMMANDS.map((name) => [name])])(
    '%j --help prints help and exits with 0',
    async (...words) => {
      const { code, stdout, stderr } = await run([...words, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/^Usage: crosstalk /);
    },
  );

  test.each([[], ...COMMANDS.map((name) => [name])])('%j --version prints the version', async (...words) => {
    const { code, stdout } = await run([...words, '--version']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'crosstalk 0.0.0-test (revision abc, Node.js v0)\n',
    });
  });

  test('the help of serve has every flag with its default and the hubble command’s variables', async () => {
    const { stdout } = await run(['serve', '--help']);
    const text = stdout.replace(/\s+/g, ' ');
    for (const { flag, kind, help } of ALL_OPTIONS) {
      if (flag === undefined) continue;
      expect(text).toContain(kind.placeholder === '' ? `--[no-]${flag} ` : `--${flag} ${kind.placeholder}`);
      expect(text).toContain(help);
    }
    expect(text).toContain('(default: hubble-relay.kube-system.svc.cluster.local:80; also: HUBBLE_SERVER)');
    expect(text).toContain('CROSSTALK_FLOWS_SINCE for --flows.since');
  });

  test('the first help a person sees says how to try it', async () => {
    const { stdout } = await run(['--help']);
    expect(stdout).toContain('crosstalk demo');
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });
});

describe('a wrong command line is one line that says what is wrong, and exit code 2', () => {
  test.each([
    [
      ['srve'],
      'unknown command "srve". Did you mean serve? Known: serve, demo, replay, policy suggest, policy check, check',
    ],
    [
      ['frobnicate'],
      'unknown command "frobnicate". Known: serve, demo, replay, policy suggest, policy check, check',
    ],
    [
      ['--listen-address', ':1'],
      '--listen-address: unknown flag of crosstalk serve. Did you mean --web.listen-address? crosstalk serve --help lists them',
    ],
    [
      ['serve', '--sever=relay:80'],
      '--sever: unknown flag of crosstalk serve. Did you mean --server? crosstalk serve --help lists them',
    ],
    [['-x'], '-x: unknown flag of crosstalk serve. crosstalk serve --help lists them'],
    [
      ['replay', '--server', 'relay:80', 'f'],
      '--server: unknown flag of crosstalk replay. It is a flag of crosstalk serve. crosstalk replay --help lists them',
    ],
    [['--log.level', 'debug', 'demo'], 'demo is a command and goes first: crosstalk demo [flags]'],
    [['demo', 'x'], 'unexpected "x": crosstalk demo takes flags only'],
    [
      ['--server'],
      '--server: no value given, expected host:port, tls://host:port or unix:///path/to/hubble.sock',
    ],
    [['replay'], 'no file given, expected recorded flows: FILE..., or - for standard input'],
    [['replay', 'a', 'a'], 'a is given twice, expected once'],
    [
      ['replay', '--output', 'jsn', 'f'],
      '--output: got "jsn", expected one of table, json. Did you mean json?',
    ],
    [['replay', '--fail-on', 'all', 'f'], '--fail-on: got "all", expected one of cross-tenant'],
    [['check'], '--config.file: missing, expected the path of the file to check'],
  ])('crosstalk %j', async (argv, message) => {
    expect(await run(argv)).toEqual({ code: 2, stdout: '', stderr: `crosstalk: ${message}\n` });
  });

  test('a control character in it does not reach the terminal', async () => {
    const { stderr } = await run(['\u001b[2J', '--\u0007']);
    expect(/\p{Cc}/u.test(stderr.trimEnd())).toBe(false);
  });

  test('bad values of flags, variables and the file are told together', async () => {
    const { code, stderr } = await run(['serve', '--server', 'x', '--tls=maybe', '--config.file', '/none'], {
      env: { CROSSTALK_LOG_LEVEL: 'loud' },
    });
    expect(code).toBe(2);
    expect(stderr.split('\n')).toEqual([
      '/none: no such file; check the path, and in a pod the volume mount',
      expect.stringMatching(/^--server: got "x", expected /),
      '--tls: got "maybe", expected true or false',
      'CROSSTALK_LOG_LEVEL: got "loud", expected one of debug, info, warn, error',
      'crosstalk: 4 problems in the configuration',
      '',
    ]);
  });
});

/** The process itself, as people start it: dist/main.js, which `npm test` builds first. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { flowLine } from './cli/recorded.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(argv: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  if (!existsSync(main)) throw new Error('dist/main.js is missing: run `npm run build` first');
  return spawn(process.execPath, [main, ...argv], { env: { PATH: process.env['PATH'], ...env } });
}

async function ended(child: ChildProcess): Promise<Ended> {
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all(
    [child.stdout, child.stderr].map(async (stream) => text(stream!)),
  );
  return { code: await code, stdout: stdout ?? '', stderr: stderr ?? '' };
}

/** Resolves when the output has the words; rejects when the process ends before it does. */
async function saying(child: ChildProcess, words: RegExp): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (words.test(said)) resolve(said);
    });
    child.once('close', (code) => reject(new Error(`ended with ${code ?? 'a signal'} after: ${said}`)));
  });
}

test('--version is the version of the package', async () => {
  const { code, stdout, stderr } = await ended(start(['--version']));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(`crosstalk 0.1.0 (revision unknown, Node.js ${process.version})\n`);
});

test('the environment is read, and a mistake in it exits with 2', async () => {
  const { code, stderr } = await ended(start([], { CROSSTALK_SERVR: 'relay:80' }));
  expect(code).toBe(2);
  expect(stderr).toContain('CROSSTALK_SERVR: unknown environment variable. Did you mean CROSSTALK_SERVER?');
});

describe('serve', () => {
  const argv = ['--server=127.0.0.1:1', '--web.listen-address=127.0.0.1:0'];

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'serves while the relay is away, reloads on SIGHUP, ends with 0 on %s',
    async (signal) => {
      const child = start(argv);
      const lines = await saying(child, /"event":"web_listening".*\n/);
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(lines)?.[0] ?? '';
      expect((await fetch(`${address}/-/healthy`)).status).toBe(200);
      expect((await fetch(`${address}/-/ready`)).status).toBe(503);
      expect(await (await fetch(`${address}/metrics`)).text()).toContain(
        'crosstalk_build_info{version="0.1.0"',
      );
      const reloaded = saying(child, /"event":"config_reloaded"/);
      child.kill('SIGHUP');
      await reloaded;
      const end = ended(child);
      child.kill(signal);
      expect((await end).code).toBe(0);
    },
  );

  test('a port that is in use is said in a line, and exits with 1', async () => {
    const first = start(argv);
    const lines = await saying(first, /"event":"web_listening".*\n/);
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(lines)?.[1] ?? '';
    const second = await ended(start(['--server=127.0.0.1:1', `--web.listen-address=127.0.0.1:${port}`]));
    first.kill();
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/^crosstalk: cannot start: .*--web\.listen-address.*\n$/);
  });
});

test('a fault of our own is one fatal line in the log, and exits with 1', async () => {
  const fault = "process.on('SIGUSR2', () => { throw new Error('a fault') })";
  const child = start(['--server=127.0.0.1:1', '--web.listen-address=127.0.0.1:0'], {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fault)}`,
  });
  await saying(child, /"event":"web_listening".*\n/);
  const end = ended(child);
  child.kill('SIGUSR2');
  const { code, stderr } = await end;
  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({ level: 'fatal', event: 'uncaught_exception', msg: 'a fault' });
});

test('replay reads standard input, and a reader that goes away is not a success', async () => {
  const child = start(['replay', '--fail-on', 'cross-tenant', '-']);
  const end = ended(child);
  child.stdin!.end(`${flowLine()}\n`);
  expect((await end).code).toBe(3);

  const cut = start(['replay', '--output', 'json', '--fail-on', 'cross-tenant', '-']);
  cut.stdout!.destroy();
  const code = new Promise((resolve) => cut.once('exit', resolve));
  cut.stdin!.end(`${flowLine()}\n`);
  expect(await code).not.toBe(0);
});

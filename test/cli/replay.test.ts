import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/cli/report.js';
import { flowLine } from './recorded.js';
import { run, type FakeOptions } from './shell.js';

const folder = mkdtempSync(join(tmpdir(), 'crosstalk-replay-'));
let files = 0;

function file(content: string | Buffer): string {
  const path = join(folder, `recording-${(files += 1)}.json`);
  writeFileSync(path, content);
  return path;
}

const lines = (...all: string[]): string => `${all.join('\n')}\n`;

async function report(argv: readonly string[], options?: FakeOptions): Promise<Report> {
  return JSON.parse((await run(['replay', '--output', 'json', ...argv], options)).stdout) as Report;
}

const CROSSING = lines(flowLine(), flowLine({ port: 80, second: 5 }), flowLine({ denied: true, port: 81 }));

describe('recorded flows are read wherever they are', () => {
  const text = lines(flowLine({ uuid: 'a' }), flowLine({ uuid: 'b' }), flowLine({ uuid: 'c' }));
  const gzip = gzipSync(text);

  test.each<[string, () => [string[], FakeOptions]]>([
    ['plain', () => [[file(text)], {}]],
    ['without a last line end', () => [[file(text.trimEnd())], {}]],
    ['with Windows line ends', () => [[file(text.replaceAll('\n', '\r\n'))], {}]],
    ['with a byte order mark', () => [[file(`\ufeff${text}`)], {}]],
    ['gzip, whatever its name', () => [[file(gzip)], {}]],
    [
      'gzip members one after another, as concatenated rotated files',
      () => [[file(Buffer.concat([gzipSync(text.slice(0, 700)), gzipSync(text.slice(700))]))], {}],
    ],
    ['standard input', () => [['-'], { stdin: text }]],
    ['gzip on standard input', () => [['-'], { stdin: gzip }]],
    [
      'several files as one',
      () => [[file(lines(flowLine({ uuid: 'd' }))), file(text.split('\n').slice(1).join('\n'))], {}],
    ],
  ])('%s', async (_, make) => {
    const [argv, options] = make();
    expect(await report(argv, options)).toMatchObject({ lines: 3, flows: 3, duplicates: 0, failures: [] });
  });

  test('standard input that comes one byte at a time', async () => {
    const { Readable } = await import('node:stream');
    const bytes = Readable.from(Array.from(gzip, (byte) => Buffer.from([byte])));
    expect(await report(['-'], { stdin: bytes })).toMatchObject({ flows: 3 });
  });

  test('a character that lies across two pieces is whole', async () => {
    const { Readable } = await import('node:stream');
    const whole = Buffer.from(lines('"é"', flowLine()));
    const at = whole.indexOf(0xc3) + 1;
    const stdin = Readable.from([whole.subarray(0, at), whole.subarray(at)]);
    expect(await report(['-'], { stdin })).toMatchObject({ lines: 2, flows: 1 });
  });
});

describe('what is no flow is passed over, counted and named', () => {
  test('with the first line of each kind', async () => {
    const path = file(lines(flowLine(), '', 'not json', '{"x":1}', 'also not', flowLine()));
    const { skipped, lines: read, flows } = await report([path]);
    expect({ read, flows }).toEqual({ read: 5, flows: 2 });
    expect(skipped).toEqual([
      { reason: 'not_json', count: 2, first: `${path}:3` },
      expect.objectContaining({ count: 1, first: `${path}:4` }),
    ]);
  });

  test('a line of more than 16 MiB, without keeping it', async () => {
    const path = file(lines(flowLine()));
    for (let piece = 0; piece < 17; piece++) appendFileSync(path, 'x'.repeat(1024 * 1024));
    appendFileSync(path, lines('', flowLine()));
    expect(await report([path])).toMatchObject({
      lines: 3,
      flows: 2,
      skipped: [{ reason: 'line_too_long', count: 1, first: `${path}:2` }],
    });
  });
});

describe('exit codes let a pipeline decide', () => {
  test('0 with crossings, when nobody asks for more', async () => {
    expect((await run(['replay', file(CROSSING)])).code).toBe(0);
  });

  test('3 with --fail-on cross-tenant, when unexpected traffic was allowed', async () => {
    expect((await run(['replay', '--fail-on', 'cross-tenant', file(CROSSING)])).code).toBe(3);
  });

  test('0 with --fail-on cross-tenant, when all of it was denied', async () => {
    const path = file(lines(flowLine({ denied: true }), flowLine({ to: 'team-a' })));
    expect((await run(['replay', '--fail-on', 'cross-tenant', path])).code).toBe(0);
  });

  test('0 with --fail-on cross-tenant, when all of it was agreed on, and 3 when one port more was used', async () => {
    const config = file(
      'expected: [{ source: team-a, destination: team-b, ports: [5432/tcp], reason: billing }]\n',
    );
    const gate = ['replay', '--config.file', config, '--fail-on', 'cross-tenant'];
    expect((await run([...gate, file(lines(flowLine()))])).code).toBe(0);
    expect((await run([...gate, file(lines(flowLine(), flowLine({ port: 5433 })))])).code).toBe(3);
  });

  test.each([
    ['the input is empty', '', 'crosstalk: the input is empty, expected lines of `hubble observe -o json`\n'],
    [
      'no line is a flow',
      'hubble: connection refused\n',
      "crosstalk: no line is a flow, expected lines of `hubble observe -o json` or of Hubble's exporter\n",
    ],
  ])('1 when %s: a gate must not open because nothing came in', async (_, stdin, message) => {
    const { code, stderr } = await run(['replay', '--fail-on', 'cross-tenant', '-'], { stdin });
    expect({ code, stderr }).toEqual({ code: 1, stderr: message });
  });

  test('1 when a file is missing, and nothing is read', async () => {
    const { code, stdout, stderr } = await run(['replay', file(CROSSING), '/none', folder]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      `crosstalk: /none: no such file\ncrosstalk: ${folder}: is a directory, expected a file\n`,
    );
  });

  test('1 when a gzip file is cut off, with a report of what was read', async () => {
    const whole = gzipSync(Array.from({ length: 3000 }, () => flowLine()).join('\n'));
    const path = file(whole.subarray(0, Math.floor(whole.length / 2)));
    const { code, stdout, stderr } = await run(['replay', '--output', 'json', path]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `crosstalk: ${path}: the gzip data ends too early: the file is cut off, or still being written\n`,
    );
    expect((JSON.parse(stdout) as Report).flows).toBeGreaterThan(100);
  });

  test.each([
    [
      'zstd',
      Buffer.from('28b52ffd00', 'hex'),
      'is compressed with zstd, expected text or gzip: unpack it first',
    ],
    ['zip', Buffer.from('504b030400', 'hex'), 'is a zip archive, expected text or gzip: unpack it first'],
    [
      'UTF-16',
      Buffer.from('\ufeff{}', 'utf16le'),
      'is UTF-16 (as PowerShell writes it), expected UTF-8: convert it first',
    ],
    [
      'damaged gzip',
      Buffer.concat([Buffer.from('1f8b0800', 'hex'), Buffer.alloc(64, 7)]),
      'the gzip data is damaged',
    ],
  ])('1 for %s, which is named', async (_, content, message) => {
    const path = file(content);
    const { code, stderr } = await run(['replay', path]);
    expect(code).toBe(1);
    expect(stderr).toContain(`crosstalk: ${path}: ${message}\n`);
  });

  test('2 for a bad configuration', async () => {
    const { code, stderr } = await run(['replay', '--config.file', file('expcted: []\n'), file(CROSSING)]);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean expected?');
  });

  test('settings of the daemon do not matter here', async () => {
    const config = file('tls: { serverName: x }\nlog: { level: debug }\n');
    const env = { HUBBLE_TLS: 'nonsense', CROSSTALK_SERVER: 'x' };
    expect((await run(['replay', '--config.file', config, file(CROSSING)], { env })).code).toBe(0);
  });
});

describe('the report for a person', () => {
  async function table(content: string, ...argv: string[]): Promise<string> {
    return (await run(['replay', ...argv, file(content)])).stdout.replaceAll(folder, '…');
  }

  test('answers first, then shows what the answer rests on', async () => {
    const text = await table(CROSSING);
    expect(text.split('\n')[0]).toBe('2 connections between tenants were allowed and not expected.');
    expect(text).toMatch(
      /^3 flows of 1 node in 3 lines of …\/recording-\d+\.json, from 2026-11-22T08:00:00\.500Z to 2026-11-22T08:00:05\.500Z\.$/m,
    );
    expect(text).toMatch(
      /^ {2}team-a +team-b +allowed +no +2 +\S+ \S+ +2026-11-22T08:00:00Z +2026-11-22T08:00:05Z$/m,
    );
    expect(text).toMatch(
      /^ {2}team-a\/client-x-default-x-team-a \(default\/client\) to team-b\/server-x-default-x-team-b \(default\/server\), 5432\/tcp, allowed$/m,
    );
    expect(text).toMatch(/^ {4}hubble observe /m);
    expect(text).toMatch(/^ {2}cross_tenant +team-a +team-b +denied +1$/m);
    expect(text).toMatch(/^ {2}team-b +1 +managed_by 1$/m);
    expect(text).toMatch(/^ {2}arrival +2$/m);
  });

  test.each([
    [
      'one tenant alone',
      lines(flowLine({ to: 'team-a' })),
      'No unexpected connection between tenants was allowed.',
    ],
    [
      'no tenants: never a reassurance',
      lines(flowLine().replaceAll('vcluster.loft.sh/managed-by', 'x').replaceAll('-x-', '-')),
      'No tenant was recognised, so nothing is known of traffic between tenants: name their namespaces under tenants.namespaces in --config.file.',
    ],
    [
      'no arrivals: never a reassurance',
      lines(flowLine().replace('"event_type":{"type":4}', '"event_type":{"type":129}')),
      'Nothing was judged: no flow tells of an arrival (to-endpoint) or a denial (drop by policy).',
    ],
    ['no flows', 'x\n', 'Nothing was judged: there are no flows.'],
  ])('%s', async (_, content, answer) => {
    expect((await table(content)).split('\n')[0]).toBe(answer);
  });

  test('names from outside move no cursor', async () => {
    const text = await table(
      lines(flowLine({ from: 'team-a' }).replaceAll('client', 'cli\\u001b[2Jent\\r\\u202e')),
    );
    expect(text).toContain('cli\ufffd[2Jent\ufffd\ufffd');
    expect(/\p{Cc}/u.test(text.replaceAll('\n', ''))).toBe(false);
  });
});

/** Back to the line's start, and erase it. */
const ERASE = '\r\u001b[K';

describe('progress', () => {
  const text = Array.from({ length: 20_000 }, () => flowLine()).join('\n');
  const clock = (): (() => number) => {
    let now = 0;
    return () => (now += 60);
  };

  test('is shown at a terminal, and gone before anything else is written', async () => {
    const { stderr, stdout } = await run(['replay', file(text)], { isTTY: true, clock: clock() });
    expect(stderr.replaceAll(ERASE, '\n')).toMatch(
      /^\S*recording-\d+\.json: \d+\.\d MB \(\d+ %\), [\d,]+ lines/m,
    );
    expect(stderr.endsWith(ERASE)).toBe(true);
    for (const shown of stderr.split(ERASE)) expect(shown.length).toBeLessThan(80);
    expect(stdout).not.toContain('\r');
  });

  test('is silent where nobody watches', async () => {
    expect((await run(['replay', file(text)], { clock: clock() })).stderr).toBe('');
  });
});

import { mkdtempSync, chownSync, existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Container, runOnce } from './container.js';
import { type Image, openImage } from './image.js';
import { ROOT } from './podman.js';
import { compressed, uncompressed } from './size.js';

const read = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
const { version } = z.object({ version: z.string() }).parse(read('package.json'));
const endings: (() => void)[] = [];
let image: Image;

function start(args: readonly string[], options?: readonly string[]): Container {
  const container = new Container(image.name, args, options);
  endings.unshift(() => container.remove());
  return container;
}

beforeAll(() => {
  image = openImage(version);
  endings.push(image.release);
});
afterAll(() => {
  for (const end of endings) end();
});

describe('the demo, not root, on a read-only root, without capabilities or a network', () => {
  let demo: Container;
  beforeAll(() => {
    demo = start(['demo']);
  });

  test('counts a crossing', async () => {
    const crossed = /^crosstalk_cross_tenant_connections_total\{.*verdict="allowed".*\} [1-9]/m;
    const metrics = await demo.until('/metrics', ({ body }) => crossed.test(body));
    expect(metrics).toContain(`crosstalk_build_info{version="${version}"`);
    expect(metrics).toMatch(/node_version="v24\./);
  });

  test('is confined as the pod security standard "restricted" asks', () => {
    const status = demo.proc('status');
    expect(status).toMatch(/^Uid:\s+65532\s+65532\s+65532\s+65532$/m);
    expect(status).toMatch(/^Gid:\s+65532\s+65532\s+65532\s+65532$/m);
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect(status).toMatch(new RegExp(`^${set}:\\s+0{16}$`, 'm'));
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^Seccomp:\s+2$/m);
    expect(demo.proc('mountinfo')).toMatch(/^\S+ \S+ \S+ \S+ \/ ro,/m);
    const interfaces = demo.proc('net/dev').match(/^\s*\S+(?=:)/gm) ?? [];
    expect(interfaces.map((name) => name.trim())).toEqual(['lo']);
  });

  test('answers its probes, and the HEALTHCHECK of the image exits with 0', () => {
    expect(demo.get('/-/healthy').status).toBe(200);
    expect(demo.get('/-/ready').status).toBe(200);
    expect(demo.exec(image.healthcheck)).toBe(0);
  });

  test('refuses __proto__ to everything it loads', () => {
    expect(demo.proc('cmdline').split('\0')).toContain('--disable-proto=throw');
  });

  test('ends with 0 on SIGTERM, having tried to write nothing', () => {
    expect(demo.terminate()).toBe(0);
    expect(demo.log()).not.toMatch(/EROFS|EACCES|EPERM|read-only/i);
    expect(demo.log()).not.toMatch(/"level":"(error|fatal)"/);
  });
});

describe('the daemon as the chart starts it', () => {
  test('without a relay it is healthy, not ready, and ends with 0 on SIGTERM', async () => {
    const daemon = start([...image.command]);
    await daemon.until('/-/healthy', ({ status }) => status === 200);
    expect(daemon.get('/-/ready').status).toBe(503);
    expect(daemon.exec(image.healthcheck)).toBe(0);
    expect(daemon.terminate()).toBe(0);
  });

  test('reads a relay, and writes its state to a volume that is its own', async () => {
    const relay = start(['demo']);
    await relay.until('/-/ready', ({ status }) => status === 200);
    const [, server = ''] = /"event":"stream_proven","server":"([^"]+)"/.exec(relay.log()) ?? [];
    const volume = mkdtempSync(join(tmpdir(), 'crosstalk-state-'));
    try {
      chownSync(volume, 65532, 65532);
      const daemon = start(
        ['serve', '--server', server, '--state.file', '/state/state.json', '--web.listen-address', ':9968'],
        [`--network=container:${relay.id}`, '--volume', `${volume}:/state`],
      );
      await daemon.until('/metrics', ({ body }) => /^crosstalk_tracked_connections [1-9]/m.test(body), 9968);
      expect(daemon.terminate()).toBe(0);
      expect(readdirSync(volume)).toEqual(['state.json']);
    } finally {
      rmSync(volume, { recursive: true });
    }
  });

  test('a state file where nothing can be written ends it at once, with what to do', () => {
    const [node = '', ...args] = image.entrypoint;
    const { status, stderr } = runOnce(image.name, node, [
      ...args,
      'serve',
      '--state.file',
      '/app/state.json',
    ]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/--state\.file: cannot write to the directory of \/app\/state\.json \(EROFS/);
  });

  test('the HEALTHCHECK fails where nothing serves', () => {
    const [node = '', ...args] = image.healthcheck;
    expect(runOnce(image.name, node, args).status).toBe(1);
  });
});

describe('the image', () => {
  test('has a numeric user that is not root, which Kubernetes can check', () => {
    expect(image.user).toBe('65532:65532');
  });

  test('says which version it is', () => {
    const [node = '', ...args] = image.entrypoint;
    expect(runOnce(image.name, node, [...args, '--version']).stdout).toMatch(
      new RegExp(`^crosstalk ${version.replaceAll('.', '\\.')} `),
    );
    expect(image.labels['org.opencontainers.image.version']).toBe(version);
  });

  test('holds the program, its production dependencies and nothing else of ours', () => {
    const lock = z
      .object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) })
      .parse(read('package-lock.json'));
    const production = Object.entries(lock.packages)
      .filter(([path, { dev }]) => path !== '' && dev !== true)
      .map(([path]) => path);
    const there = (path: string) => existsSync(join(image.root, 'app', path, 'package.json'));
    expect(readdirSync(join(image.root, 'app')).sort()).toEqual(
      ['LICENSE', 'dist', 'node_modules', 'package.json', 'proto'].sort(),
    );
    expect(production.filter((path) => !there(path))).toEqual([]);
    expect(
      Object.keys(lock.packages).filter((path) => !production.includes(path) && path !== '' && there(path)),
    ).toEqual([]);
  });

  test('holds no shell and no package manager', () => {
    const tools = ['sh', 'bash', 'dash', 'busybox', 'apt', 'dpkg', 'npm', 'npx', 'curl', 'wget'];
    const places = ['bin', 'usr/bin', 'usr/local/bin', 'sbin', 'usr/sbin', 'nodejs/bin', 'busybox'];
    const found = places.flatMap((place) =>
      tools.map((tool) => join(place, tool)).filter((path) => existsSync(join(image.root, path))),
    );
    expect(found).toEqual([]);
  });

  test('is smaller than 200 MB', () => {
    const bytes = {
      uncompressed: uncompressed(image.root),
      compressed: compressed(image.root),
      ours: uncompressed(join(image.root, 'app')),
    };
    const told = Object.entries(bytes).map(([what, size]) => `${what} ${(size / 1e6).toFixed(1)} MB`);
    process.stdout.write(`image: ${told.join(', ')}\n`);
    expect(bytes.uncompressed).toBeLessThan(200e6);
    expect(bytes.compressed).toBeLessThan(80e6);
  });
});

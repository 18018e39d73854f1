/** The daemon against a simulated cluster and Alertmanagers: what is seen is told, and a restart tells nothing new. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Alert } from '../../src/alert/message.js';
import { readConfig } from '../../src/config/config.js';
import { startDaemon, SYSTEM, type Daemon } from '../../src/daemon.js';
import { createLog } from '../../src/log.js';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { startReceiver, type Receiver } from './receiver.js';

const until = (met: () => void | Promise<void>) => vi.waitFor(met, { timeout: 60_000, interval: 20 });

let simulator: Simulator;
let receiver: Receiver;
let daemon: Daemon;
let log: string[];
let stateFile: string;
beforeEach(async () => {
  // Ordinary life goes on, which moves the rings and the relay's sort buffer.
  simulator = await startSimulator({ background: 20 });
  receiver = await startReceiver();
  stateFile = join(mkdtempSync(join(tmpdir(), 'crosstalk-')), 'state.json');
});
afterEach(async () => {
  await daemon.close();
  await simulator.close();
});

async function start(flags: Record<string, string[]> = {}, file = ''): Promise<void> {
  const read = readConfig({
    inputs: {
      flags: {
        server: [simulator.address],
        'web.listen-address': ['127.0.0.1:0'],
        'web.external-url': ['https://crosstalk.test'],
        'state.file': [stateFile],
        'alertmanager.url': [receiver.url],
        ...flags,
      },
      env: {},
    },
    file: { path: 'crosstalk.yaml', text: file },
    now: Date.now(),
  });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  log = [];
  const lines = new Writable({
    write(chunk: Buffer, _, done) {
      log.push(chunk.toString());
      done();
    },
  });
  daemon = await startDaemon(read.config, {
    ...SYSTEM,
    build: { version: '0', revision: '', nodeVersion: '' },
    log: await createLog({ level: 'debug', format: 'json' }, lines),
  });
  await until(async () => expect((await fetch(`${daemon.addresses[0]}/-/ready`)).status).toBe(200));
}

/** A pod of team-b's reaches a server of team-a's. */
function cross(): void {
  const [a, b] = simulator.population.inhabitants;
  simulator.play({ from: b!.clients[0]!, to: a!.servers[0]!, protocol: 'tcp', port: 8080 });
}
const alarms = () => receiver.alarms();
const latest = (): Alert => alarms().at(-1)!.alerts[0]!;
async function sample(name: string): Promise<number> {
  const text = await (await fetch(`${daemon.addresses[0]}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ').at(-1));
}

test('a crossing is told of at once, with what the page shows of it', async () => {
  await start();
  const began = Date.now();
  cross();
  await until(() => expect(alarms()).toHaveLength(1));
  expect(Date.now() - began).toBeLessThan(15_000);
  expect(latest()).toMatchObject({
    labels: {
      alertname: 'CrossTenantTrafficAllowed',
      severity: 'critical',
      source: 'crosstalk',
      cluster: 'default',
      source_tenant: 'team-b',
      destination_tenant: 'team-a',
    },
    generatorURL: 'https://crosstalk.test/?view=crossings&source=team-b&destination=team-a&verdict=allowed',
  });
  const [shown] = (await (await fetch(`${daemon.addresses[0]}/api/v1/crossings`)).json()) as {
    hubbleObserve: string;
  }[];
  expect(latest().annotations['hubble']).toBe(shown?.hubbleObserve);
  const posts = `crosstalk_alertmanager_posts_total{alertmanager="${receiver.url}",result=`;
  expect(await sample(`${posts}"success"}`)).toBeGreaterThan(1);
  for (const result of ['refused', 'failed', 'timeout']) expect(await sample(`${posts}"${result}"}`)).toBe(0);
  expect(await sample('crosstalk_alerts_active')).toBe(1);
});

test('what was agreed on is not told of', async () => {
  await start(
    {},
    'expected: [{ source: team-b, destination: team-a, reason: agreed }]\nalerts: { resend: 5s }\n',
  );
  cross();
  await until(async () =>
    expect(await (await fetch(`${daemon.addresses[0]}/api/v1/crossings`)).json()).toHaveLength(1),
  );
  const posts = receiver.posts.length;
  await until(() => expect(receiver.posts.length).toBeGreaterThan(posts));
  expect(alarms()).toEqual([]);
  expect(await sample('crosstalk_alerts_active')).toBe(0);
});

describe('over a restart', () => {
  test('a violation keeps its start and loses nothing of its end; it is told of before any flow', async () => {
    await start();
    cross();
    await until(() => expect(alarms()).toHaveLength(1));
    const before = latest();
    await daemon.close();
    const last = latest();
    expect(last.startsAt).toBe(before.startsAt);
    expect(Date.parse(last.endsAt)).toBeGreaterThanOrEqual(Date.parse(before.endsAt));
    expect(alarms()).toHaveLength(2);

    await start();
    await until(() => expect(alarms().length).toBeGreaterThan(2));
    expect(latest()).toEqual(last);
  });

  test('a section that cannot be used is left out and said; the rest of the file counts', async () => {
    await start();
    cross();
    await until(() => expect(alarms()).toHaveLength(1));
    await daemon.close();
    const state = JSON.parse(readFileSync(stateFile, 'utf8')) as { sections: Record<string, unknown> };
    expect(Object.keys(state.sections)).toContain('connections');
    state.sections['violations'] = [{ verdict: 'lost' }];
    writeFileSync(stateFile, JSON.stringify(state));
    const posts = receiver.posts.length;

    await start();
    expect(log.join('')).toContain('the violations in the state file are of no form this version knows');
    await until(() => expect(receiver.posts.length).toBeGreaterThan(posts));
    expect(receiver.posts.at(-1)?.alerts).toEqual([]);
  });
});

test('an Alertmanager that never answers delays no end by more than seconds, and is said to be away', async () => {
  receiver.answer = () => undefined;
  await start();
  await until(() => expect(receiver.posts).toHaveLength(1));
  const began = Date.now();
  await daemon.close();
  expect(Date.now() - began).toBeLessThan(4_500);
  expect(log.join('')).toContain('"event":"alertmanager_failed"');
});

test('one that is away fills no log, and is said to be back', async () => {
  receiver.answer = (_, response) => response.writeHead(503).end();
  await start();
  await until(() => expect(receiver.posts.length).toBeGreaterThan(3));
  const of = (event: string) => log.filter((line) => line.includes(`"event":"${event}"`)).length;
  expect(of('alertmanager_failed')).toBeLessThanOrEqual(3);
  receiver.answer = (_, response) => response.end();
  await until(() => expect(of('alertmanager_recovered')).toBe(1));
});

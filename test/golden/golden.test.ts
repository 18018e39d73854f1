/**
 * One stream with everything in it, and what it is counted as, to the byte: work on
 * the speed of the reader must change none of it.
 *
 * Where the stream itself has changed (the first snapshot), the metrics may, too:
 * `npx vitest run golden --update`, and read the difference.
 */
import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/config/config.js';
import { startDaemon, SYSTEM, type Daemon } from '../../src/daemon.js';
import { createLog } from '../../src/log.js';
import type { Call } from '../../src/simulator/call.js';
import { codecs } from '../../src/simulator/messages.js';
import { GrpcServer } from '../../src/simulator/server.js';
import { goldenStream, PART_MS, START } from './stream.js';

/** What the process is, and what depends on when somebody looks. */
const ASIDE = /^(# (HELP|TYPE) )?(process_|nodejs_|crosstalk_(build_info|nodes|blind_seconds))/;

/** After all that a part tells of. */
let now = START + 10_000;
let daemon: Daemon | undefined;
let server: GrpcServer | undefined;
afterEach(async () => {
  await daemon?.close();
  await server?.close();
});

/** A server whose only stream sends what it is told. */
async function startServer(streamed: (call: Call) => void): Promise<string> {
  const { getFlows, healthCheck } = codecs();
  server = new GrpcServer({
    handlers: new Map([
      [
        getFlows.path,
        (call, request) => (getFlows.decode(request).follow === true ? streamed(call) : call.end()),
      ],
      [
        healthCheck.path,
        (call) => {
          call.send(healthCheck.encode({ status: 1 }));
          call.end();
        },
      ],
    ]),
  });
  return server.listen('127.0.0.1:0');
}

async function start(address: string): Promise<void> {
  const read = readConfig({
    inputs: { flags: { server: [address], 'web.listen-address': ['127.0.0.1:0'] }, env: {} },
    file: {
      path: 'crosstalk.yaml',
      text: 'expected: [{source: vcluster-team-a/team-a, destination: vcluster-team-b/team-b, reason: agreed}]\n',
    },
    now,
  });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  // So small that something overflows and something is pushed out.
  const limits = { ...read.config.limits, tenantPairs: 20, trackedConnections: 40 };
  daemon = await startDaemon(
    { ...read.config, limits },
    {
      ...SYSTEM,
      clock: () => now,
      build: { version: '0', revision: '', nodeVersion: '' },
      log: await createLog(
        { level: 'error', format: 'json' },
        new Writable({ write: (_, __, done) => done() }),
      ),
    },
  );
}

const metrics = async (): Promise<string> => (await fetch(`${daemon?.addresses[0]}/metrics`)).text();

function counted(): number {
  const { ledger, meters } = daemon!.numbers;
  return [...ledger.events.values()].reduce((sum, count) => sum + count, meters.duplicateFlows);
}

test('what a stream with everything in it is counted as does not change', async () => {
  const parts = goldenStream();
  const hash = createHash('sha256');
  for (const message of parts.flat()) hash.update(message);
  expect(hash.digest('hex')).toMatchSnapshot();

  let opened = (_: Call): void => undefined;
  const stream = new Promise<Call>((resolve) => (opened = resolve));
  await start(await startServer((call) => opened(call)));
  const call = await stream;
  let sent = 0;
  for (const part of parts) {
    for (const message of part) call.send(message);
    // Reports of loss count as nothing here.
    sent += part.filter((message) => message[0] !== 0x1a).length;
    const expected = sent;
    await vi.waitFor(() => expect(counted()).toBe(expected), { timeout: 30_000 });
    now += PART_MS;
  }
  const lines = (await metrics()).split('\n').filter((line) => !ASIDE.test(line));
  await expect(lines.join('\n')).toMatchFileSnapshot('metrics.prom');
});

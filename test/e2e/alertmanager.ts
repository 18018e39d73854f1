/** The real Alertmanager, on loopback, and somebody whom it notifies. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';
import { freePort, until } from '../interop/cluster.mjs';
import { alertmanager } from '../tools.js';

/** One alert of a notification, as a webhook gets it. */
export interface Notified {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  /** Ours; milliseconds since the epoch. */
  readonly receivedAt: number;
}

export interface Webhook {
  readonly url: string;
  /** In the order in which they came. */
  readonly notified: readonly Notified[];
  stop(): Promise<void>;
}

export async function startWebhook(): Promise<Webhook> {
  const notified: Notified[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { alerts } = JSON.parse(body) as { alerts: Omit<Notified, 'receivedAt'>[] };
      notified.push(...alerts.map((alert) => ({ ...alert, receivedAt: Date.now() })));
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    notified,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface AlertmanagerOptions {
  /** Of whom it notifies. */
  readonly webhook: string;
  /** Text of a configuration to use instead of a short one of our own; its webhooks become ours. */
  readonly configuration?: string;
  /** Where it speaks to its twins, `host:port`; without it, it has none. */
  readonly cluster?: { readonly listen: string; readonly peers: readonly string[] };
  /** As in its configuration; by default short. */
  readonly groupWait?: string;
  readonly groupInterval?: string;
  readonly groupBy?: readonly string[];
  /** To start one where another was: its address and its memory (silences, what it notified of). */
  readonly previous?: Alertmanager;
}

export interface Alertmanager {
  readonly url: string;
  readonly directory: string;
  /** What it holds for active. */
  alerts(): Promise<readonly { readonly labels: Record<string, string>; readonly endsAt: string }[]>;
  /** Its log so far. */
  log(): string;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export async function startAlertmanager(options: AlertmanagerOptions): Promise<Alertmanager> {
  const { previous } = options;
  const directory = previous?.directory ?? mkdtempSync(join(tmpdir(), 'alertmanager-'));
  const url = previous?.url ?? `http://127.0.0.1:${await freePort()}`;
  writeFileSync(join(directory, 'alertmanager.yaml'), configuration(options));
  const { command, cwd } = alertmanager();
  const child = spawn(
    command,
    [
      `--config.file=${directory}/alertmanager.yaml`,
      `--storage.path=${directory}/data`,
      `--web.listen-address=${new URL(url).host}`,
      ...clusterFlags(options.cluster),
    ],
    { cwd, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  process.once('exit', () => child.kill('SIGKILL'));
  await until('Alertmanager ready', async () => {
    if (child.exitCode !== null) throw new Error(`alertmanager ended: ${log}`);
    return await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return {
    url,
    directory,
    async alerts() {
      const answer = await fetch(`${url}/api/v2/alerts`);
      return (await answer.json()) as Awaited<ReturnType<Alertmanager['alerts']>>;
    },
    log: () => log,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/**
 * Twins that settle and gossip as fast as tests need, and wait for each other a quarter of
 * `group_interval` as they do by default (15 s of 1 m): a twin that waits longer tells a state
 * that is no longer so, and Alertmanager flaps by itself.
 */
function clusterFlags(cluster: AlertmanagerOptions['cluster']): string[] {
  if (cluster === undefined) return ['--cluster.listen-address='];
  return [
    `--cluster.listen-address=${cluster.listen}`,
    ...cluster.peers.map((peer) => `--cluster.peer=${peer}`),
    '--cluster.peer-timeout=2s',
    '--cluster.settle-timeout=2s',
    '--cluster.gossip-interval=50ms',
    '--cluster.pushpull-interval=1s',
    '--cluster.reconnect-interval=1s',
  ];
}

function configuration(options: AlertmanagerOptions): string {
  if (options.configuration !== undefined)
    return options.configuration.replace(/url: .*/g, `url: ${options.webhook}`);
  const { webhook, groupWait = '0s', groupInterval = '1s', groupBy = ['...'] } = options;
  return stringify({
    route: {
      receiver: 'webhook',
      group_by: [...groupBy],
      group_wait: groupWait,
      group_interval: groupInterval,
      repeat_interval: '4h',
    },
    receivers: [{ name: 'webhook', webhook_configs: [{ url: webhook, send_resolved: true }] }],
  });
}

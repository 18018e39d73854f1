/**
 * One violation, two replicas of the analyzer, two Alertmanagers that are twins,
 * and faults by a seed: whoever is notified must hear of it once, and of its end
 * once, whatever breaks. Time is compressed by configuration: a quarter of an hour is 15 seconds.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom, type Random } from '../../src/simulator/random.js';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { freePort, until } from '../interop/cluster.mjs';
import { startCrosstalk, type Crosstalk } from '../interop/crosstalk.js';
import { startProxy, type Proxy } from '../interop/proxy.js';
import {
  startAlertmanager,
  startWebhook,
  type Alertmanager,
  type Notified,
  type Webhook,
} from './alertmanager.js';

const SHIPPED = readFileSync(
  fileURLToPath(new URL('../../deploy/prometheus/alertmanager.yaml', import.meta.url)),
  'utf8',
);

/** What Alertmanager is told to do in deploy/prometheus, 60 times as fast or as fast as it goes. */
export const COMPRESSED = SHIPPED.replace('group_wait: 10s', 'group_wait: 1s').replace(
  'group_interval: 1m',
  'group_interval: 8s',
);

const CONFIG = `alerts: { hold: 15s, resend: 1s }
expected:
  - { source: team-c, destination: team-a, reason: agreed }
`;

export interface AlertRun {
  readonly faults: readonly string[];
  /** What was told of the pair that crossed without an agreement: how it changed. */
  readonly told: readonly Notified['status'][];
  /**
   * Notifications that said what the one before had said. Alertmanager tells at least
   * once: twins that flush in the same moment, or one that is killed before the other
   * has heard that it told, repeat themselves, whoever posts.
   */
  readonly repeats: number;
  /** About anything else, such as the pair that has one. */
  readonly strangers: readonly string[];
  /** From the crossing to the first notification. */
  readonly notifiedAfterMs: number;
  /** What happened when, in order: faults and notifications, seconds from the crossing. */
  readonly story: readonly string[];
}

interface Stage {
  readonly random: Random;
  readonly simulator: Simulator;
  readonly webhook: Webhook;
  readonly alertmanagers: Alertmanager[];
  readonly restartAlertmanager: (index: number) => Promise<void>;
  readonly proxies: readonly Proxy[];
  readonly replicas: Crosstalk[];
  readonly startReplica: (index: number) => Promise<void>;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Each takes less than the hold: no more than ten minutes of a quarter of an hour. */
const FAULTS: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  async 'an Alertmanager is killed and comes back'({ alertmanagers, restartAlertmanager, random }) {
    const index = random.integer(0, 1);
    await alertmanagers[index]?.kill();
    await sleep(2_000 + random.next() * 5_000);
    await restartAlertmanager(index);
  },
  async 'both Alertmanagers are down, ten minutes'({ alertmanagers, restartAlertmanager }) {
    await Promise.all(alertmanagers.map((alertmanager) => alertmanager.stop()));
    await sleep(8_000);
    await Promise.all([restartAlertmanager(0), restartAlertmanager(1)]);
  },
  async 'an Alertmanager is a black hole'({ proxies, random }) {
    const proxy = proxies[random.integer(0, 1)];
    proxy?.stall();
    await sleep(3_000 + random.next() * 5_000);
    await proxy?.mend();
  },
  async 'a replica is killed in the middle of the hold'({ replicas, startReplica, random }) {
    const index = random.integer(0, 1);
    replicas[index]?.kill('SIGKILL');
    await sleep(random.next() * 4_000);
    await startReplica(index);
  },
  async 'both replicas restart'({ replicas, startReplica }) {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await Promise.all([startReplica(0), startReplica(1)]);
  },
  async 'the relay resets'({ simulator }) {
    simulator.relay.reset();
    await sleep(1_000);
  },
};

export async function runAlerts(seed: number): Promise<AlertRun> {
  const stage = await setStage(seed);
  const { random, simulator, webhook } = stage;
  const [a, b, c] = simulator.population.inhabitants;
  const [to] = a?.servers ?? [];
  const [fromB] = b?.clients ?? [];
  const [fromC] = c?.clients ?? [];
  if (!to || !fromB || !fromC) throw new Error('the simulated cluster is empty');

  const cross = (): void => {
    simulator.play({ from: fromB, to, protocol: 'tcp', port: 8080 });
    simulator.play({ from: fromC, to, protocol: 'tcp', port: 8080 });
  };
  const crossed = Date.now();
  const crossing = setInterval(cross, 1_000);
  cross();
  const ours = (status: Notified['status']): Notified[] =>
    webhook.notified.filter((alert) => alert.status === status && isOurs(alert));
  try {
    const faults: string[] = [];
    const broken: [at: number, what: string][] = [];
    // Half of the runs break something before anybody was told.
    if (random.next() < 0.5) await until('the first notification', () => ours('firing').length > 0, 60);
    const names = Object.keys(FAULTS);
    for (let round = 0; round < 2; round += 1) {
      const name = random.pick(names);
      faults.push(name);
      broken.push([Date.now(), name]);
      await FAULTS[name]?.(stage);
      broken.push([Date.now(), 'mended']);
    }
    await until('the first notification', () => ours('firing').length > 0, 60);
    const [first] = ours('firing');
    clearInterval(crossing);
    await until('the end', () => ours('resolved').length > 0, 90);
    // Whoever would tell it again does so within a few intervals.
    await sleep(10_000);
    return {
      faults,
      ...changes(webhook.notified.filter(isOurs)),
      strangers: webhook.notified
        .filter((alert) => !isOurs(alert))
        .map(({ labels }) => JSON.stringify(labels)),
      notifiedAfterMs: (first?.receivedAt ?? NaN) - crossed,
      story: [...broken, ...webhook.notified.map(told)]
        .sort(([one], [other]) => one - other)
        .map(([at, what]) => `${((at - crossed) / 1000).toFixed(1)} ${what}`),
    };
  } finally {
    clearInterval(crossing);
    await clear(stage);
  }
}

function changes(notified: readonly Notified[]): Pick<AlertRun, 'told' | 'repeats'> {
  const told = notified.map(({ status }) => status).filter((status, index, all) => status !== all[index - 1]);
  return { told, repeats: notified.length - told.length };
}

function told({ status, labels, startsAt, endsAt, receivedAt }: Notified): [at: number, what: string] {
  const pair = `${labels['source_tenant'] ?? ''} -> ${labels['destination_tenant'] ?? ''}`;
  return [receivedAt, `${status}: ${labels['alertname'] ?? ''} ${pair}, ${startsAt} to ${endsAt}`];
}

function isOurs({ labels }: Notified): boolean {
  return (
    labels['alertname'] === 'CrossTenantTrafficAllowed' &&
    labels['source_tenant'] === 'team-b' &&
    labels['destination_tenant'] === 'team-a'
  );
}

async function setStage(seed: number): Promise<Stage> {
  const simulator = await startSimulator({
    seed,
    background: 10,
    population: {
      tenants: ['team-a', 'team-b', 'team-c'].map((name) => ({ vcluster: name, hostNamespace: name })),
    },
  });
  const webhook = await startWebhook();
  const gossip = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const alertmanagers: Alertmanager[] = [];
  const start = async (index: number): Promise<void> => {
    const previous = alertmanagers[index];
    alertmanagers[index] = await startAlertmanager({
      webhook: webhook.url,
      configuration: COMPRESSED,
      cluster: { listen: gossip[index] ?? '', peers: gossip.filter((_, other) => other !== index) },
      ...(previous !== undefined && { previous }),
    });
  };
  await Promise.all([start(0), start(1)]);
  const proxies = await Promise.all(alertmanagers.map(({ url }) => startProxy(new URL(url).host)));

  const directory = mkdtempSync(join(tmpdir(), 'crosstalk-alerts-'));
  writeFileSync(join(directory, 'crosstalk.yaml'), CONFIG);
  const replicas: Crosstalk[] = [];
  const startReplica = async (index: number): Promise<void> => {
    replicas[index] = await startCrosstalk(
      simulator.address,
      `--config.file=${directory}/crosstalk.yaml`,
      `--state.file=${directory}/state-${index}.json`,
      ...proxies.map(({ address }) => `--alertmanager.url=http://${address}`),
    );
    await replicas[index].ready();
  };
  await Promise.all([startReplica(0), startReplica(1)]);
  return {
    random: seededRandom(seed),
    simulator,
    webhook,
    alertmanagers,
    restartAlertmanager: start,
    proxies,
    replicas,
    startReplica,
  };
}

async function clear({ simulator, webhook, alertmanagers, proxies, replicas }: Stage): Promise<void> {
  await Promise.all(replicas.map((replica) => replica.stop().catch(() => undefined)));
  await Promise.all(alertmanagers.map((alertmanager) => alertmanager.stop()));
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await webhook.stop();
  await simulator.close();
}

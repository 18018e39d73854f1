/**
 * From the packet to the pager, with what is shipped: Prometheus with its rules,
 * Alertmanager with its grouping and inhibition, and the push beside them. Time is
 * compressed by configuration: a quarter of an hour is half a minute.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { denyByDefault } from '../../src/simulator/policies.js';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { until } from '../interop/cluster.mjs';
import { startCrosstalk } from '../interop/crosstalk.js';
import { startAlertmanager, startWebhook, type Alertmanager, type Webhook } from './alertmanager.js';
import { COMPRESSED } from './alertrun.js';
import { compressed, startPrometheus, type Prometheus } from './prometheus.js';

const RULES = readFileSync(
  fileURLToPath(new URL('../../deploy/rules/crosstalk.rules.yaml', import.meta.url)),
  'utf8',
);
const FACTOR = 30;
const CONFIG = `alerts: { hold: 30s, resend: 2s }
expected:
  - { source: team-c, destination: team-a, reason: agreed }
`;

interface Stage {
  readonly simulator: Simulator;
  readonly webhook: Webhook;
  readonly alertmanager: Alertmanager;
  readonly prometheus: Prometheus;
}
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function setStage({ push }: { readonly push: boolean }): Promise<Stage> {
  const simulator = await startSimulator({
    seed: 11,
    background: 20,
    population: {
      tenants: ['team-a', 'team-b', 'team-c'].map((name) => ({ vcluster: name, hostNamespace: name })),
    },
  });
  ends.push(() => simulator.close());
  const webhook = await startWebhook();
  ends.push(() => webhook.stop());
  const alertmanager = await startAlertmanager({ webhook: webhook.url, configuration: COMPRESSED });
  ends.push(() => alertmanager.stop());
  const file = join(mkdtempSync(join(tmpdir(), 'crosstalk-story-')), 'crosstalk.yaml');
  writeFileSync(file, CONFIG);
  const crosstalk = await startCrosstalk(
    simulator.address,
    `--config.file=${file}`,
    ...(push ? [`--alertmanager.url=${alertmanager.url}`] : []),
  );
  ends.push(() => crosstalk.stop());
  const prometheus = await startPrometheus({
    targets: [new URL(crosstalk.url).host],
    alertmanagers: [new URL(alertmanager.url).host],
    rules: compressed(RULES, FACTOR),
    interval: '1s',
  });
  ends.push(() => prometheus.stop());
  await crosstalk.ready();
  return { simulator, webhook, alertmanager, prometheus };
}

/** team-b reaches team-a for a while, then a policy denies it, for good; team-c does what was agreed on. */
async function story({ simulator, webhook, prometheus }: Stage): Promise<void> {
  const [a, b, c] = simulator.population.inhabitants;
  const [to] = a?.servers ?? [];
  const [fromB] = b?.clients ?? [];
  const [fromC] = c?.clients ?? [];
  if (!to || !fromB || !fromC) throw new Error('the simulated cluster is empty');
  let denied = false;
  const turn = (): void => {
    simulator.play({ from: fromC, to, protocol: 'tcp', port: 8080 });
    simulator.play({
      from: fromB,
      to,
      protocol: 'tcp',
      port: 8080,
      ...(denied && { ingress: denyByDefault }),
    });
  };
  turn();
  const timer = setInterval(turn, 1_000);
  ends.push(async () => clearInterval(timer));
  await until('the page', () => webhook.notified.length > 0, 90);
  const firing = async (alert: string): Promise<boolean> =>
    (await prometheus.query(`ALERTS{alertname="${alert}", alertstate="firing"}`)).length > 0;
  await until('the rules to find it, too', () => firing('CrossTenantTrafficAllowed'), 90);
  denied = true;
  await until('the denial to be found', () => firing('CrossTenantTrafficDenied'), 90);
  await until('the end', () => webhook.notified.some(({ status }) => status === 'resolved'), 120);
  await until(
    'the rules to find that it is over',
    async () => !(await firing('CrossTenantTrafficAllowed')),
    90,
  );
  // Two more rounds of Alertmanager: what it had to say, it has said.
  await new Promise((resolve) => setTimeout(resolve, 18_000));
}

/** Each notification in a line; a twin that ended while it was inhibited may stand in the same one. */
function pages({ webhook }: Stage): string[] {
  const notifications = new Map<number, typeof webhook.notified>();
  for (const alert of webhook.notified)
    notifications.set(alert.receivedAt, [...(notifications.get(alert.receivedAt) ?? []), alert]);
  return [...notifications.values()].map((alerts) => {
    const told = alerts.map(
      ({ status, labels }) =>
        `${status} ${labels['alertname'] ?? ''} ${labels['source_tenant'] ?? ''} -> ${labels['destination_tenant'] ?? ''}`,
    );
    const by = alerts.map(({ labels }) => labels['source']).sort();
    return `${[...new Set(told)].join(', ')} (${by.join(' and ')})`;
  });
}

test('pushed and found by the rules, a crossing is one page and one end; denials and agreed traffic page nobody', async () => {
  const stage = await setStage({ push: true });
  await story(stage);
  expect(pages(stage)).toEqual([
    'firing CrossTenantTrafficAllowed team-b -> team-a (crosstalk)',
    expect.stringMatching(/^resolved CrossTenantTrafficAllowed team-b -> team-a \(crosstalk( and rules)?\)$/),
  ]);
  const [first] = stage.webhook.notified;
  expect(first?.annotations['description']).toMatch(
    /^team-b reached team-a: \d+ connections? since .+ A recent one: pod default\/.+ \(in the host cluster team-b\/.+-x-default-x-team-b\) to pod .+ on 8080\/tcp\./,
  );
  expect(first?.annotations['hubble']).toMatch(/^hubble observe --from-pod team-b\//);
}, 400_000);

test('without the push the rules tell the same, once', async () => {
  const stage = await setStage({ push: false });
  await story(stage);
  expect(pages(stage)).toEqual([
    'firing CrossTenantTrafficAllowed team-b -> team-a (rules)',
    'resolved CrossTenantTrafficAllowed team-b -> team-a (rules)',
  ]);
}, 400_000);

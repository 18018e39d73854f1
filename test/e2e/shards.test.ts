/**
 * An analyzer on each node, or one on the relay: the same numbers. Short, against
 * the simulated cluster; test/interop/shards.test.ts plays the same tape on the
 * real Hubble.
 */
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startSimulator } from '../../src/simulator/simulator.js';
import {
  AUDITED_AT_END,
  AUDITED_AT_START,
  AUDITED_ON_ONE_NODE,
  Tape,
  type Counted,
} from '../fixtures/threenodes.js';
import { until } from '../interop/cluster.mjs';
import { startPrometheus, type PrometheusOptions, type Sample } from './prometheus.js';
import { playThrough, Watchers, type ThreeNodes } from './sums.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function setStage(tape: Tape): Promise<ThreeNodes> {
  const simulator = await startSimulator({
    cluster: tape.cluster,
    population: { tenants: [] },
    nodeListeners: true,
  });
  ends.push(() => simulator.close());
  return {
    relay: simulator.address,
    nodes: simulator.nodeAddresses,
    async observe(node, flows) {
      for (const flow of flows) simulator.nodes.find(node)?.observe(flow);
    },
  };
}

test('analyzers of one node each, one of them restarted, sum to what one on the relay counts, pair by pair', async () => {
  const tape = new Tape(3);
  const watchers = new Watchers(await setStage(tape));
  ends.push(() => watchers.close());
  await watchers.start();
  await playThrough(watchers, tape);

  for (const { connections, flows } of [await watchers.relayTotals(), await watchers.nodeTotals()]) {
    expect(tape.titled(connections)).toEqual(tape.titled(tape.connections));
    expect(tape.titled(flows)).toEqual(tape.titled(tape.flows));
  }
  // Which of the two words is said depends on who sees both nodes, and nothing else does.
  const audited = Object.keys(tape.titled((await watchers.nodeTotals()).audited)).join('\n');
  expect(audited).toContain(AUDITED_AT_END);
  expect(audited).toContain(AUDITED_ON_ONE_NODE);
  expect(audited).not.toContain(AUDITED_AT_START);
});

interface Rule {
  readonly record?: string;
  readonly expr: string;
}
const source = readFileSync(new URL('../../deploy/rules/crosstalk.rules.yaml', import.meta.url), 'utf8');
const shipped = (parse(source) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);

/** As much of a rule as says how analyzers are added up: of what they have counted, not of its rate. */
function addedUp(record: string): string {
  const rule = shipped.find((rule) => rule.record === record);
  if (rule === undefined) throw new Error(`no rule ${record}`);
  return rule.expr.replace(/rate\((\w+)\[5m\]\)/, '$1');
}

test('Prometheus adds analyzers of one node each up, and replicas on the relay not, by the rules as they are shipped', async () => {
  const tape = new Tape(1);
  const watchers = new Watchers(await setStage(tape), 2);
  ends.push(() => watchers.close());
  await watchers.start();
  const prometheus = await startPrometheus({ ...targets(watchers), rules: source, interval: '1s' });
  ends.push(() => prometheus.stop());
  await watchers.play(tape.parts[0]!);
  await watchers.caughtUp();
  const since = Date.now() / 1000;
  await until('a scrape of each since', async () => {
    const [scraped] = await prometheus.query(`count(timestamp(up) > ${since})`);
    return scraped?.value === watchers.all.length;
  });

  const connections = await prometheus.query(addedUp('crosstalk:cross_tenant_connections:rate5m'));
  for (const cluster of ['nodes', 'relay'])
    expect(tape.titled(byPair(connections, cluster))).toEqual(tape.titled(tape.connections));

  const flows = await prometheus.query(
    `sum by (cluster) (${addedUp('crosstalk:tenant_flows:rate5m')} unless {relation="no_tenant"})`,
  );
  const all = Object.values(tape.flows).reduce((sum, { passed, denied }) => sum + passed + denied, 0);
  expect(Object.fromEntries(flows.map(({ labels, value }) => [labels['cluster'], value]))).toEqual({
    nodes: all,
    relay: all,
  });
});

/** Analyzers of one node each are shards of one cluster, those on the relay replicas in another. */
function targets({ byNode, onRelay }: Watchers): Pick<PrometheusOptions, 'targets' | 'labels'> {
  const analyzers = [
    ...[...byNode].map(([shard, { process }]) => ({ process, labels: { cluster: 'nodes', shard } })),
    ...onRelay.map(({ process }) => ({ process, labels: { cluster: 'relay' } })),
  ];
  return {
    targets: analyzers.map(({ process }) => new URL(process.url).host),
    labels: analyzers.map(({ labels }) => labels),
  };
}

/** Allowed and audited taken together. */
function byPair(samples: readonly Sample[], cluster: string): Record<string, Counted> {
  const counted: Record<string, Counted> = {};
  for (const { labels, value } of samples) {
    if (labels['cluster'] !== cluster) continue;
    const pair = `${labels['source_tenant'] ?? ''} > ${labels['destination_tenant'] ?? ''}`;
    const { passed, denied } = counted[pair] ?? { passed: 0, denied: 0 };
    const isDenied = labels['verdict'] === 'denied';
    counted[pair] = { passed: passed + (isDenied ? 0 : value), denied: denied + (isDenied ? value : 0) };
  }
  return counted;
}

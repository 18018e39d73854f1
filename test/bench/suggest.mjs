// What a suggestion costs for a tenant with 100,000 kinds of connections: time, CPU
// time, and how long the event loop, and so the stream, was held up at most.
//
//   node test/bench/suggest.mjs        (npm run bench:suggest)
import { loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { FORMATS, PERS, wishProblem } from '../../dist/policy/plan.js';
import { createReplay } from '../../dist/replay.js';
import { Cluster } from '../../dist/simulator/cluster.js';
import { kubeApiserver, world } from '../../dist/simulator/peers.js';
import { Tenant } from '../../dist/simulator/tenants.js';
import { suggest } from '../../dist/suggestion.js';

const KINDS = 100_000;
const WORKLOADS = 1_000;
const ROUNDS = 3;
let lines = 0;

const recording = createReplay({
  tenancy: { cluster: 'default', namespaces: [], platformNamespaces: [] },
  expected: [],
  limits: { tenantPairs: 1_000, trackedConnections: 200_000, endpoints: 65_536, crossings: 1_000 },
});
for (const attempt of attempts()) recording.line(lineOf(attempt), 'bench');
const watched = recording.watched();
console.log(
  `${watched.observations.length.toLocaleString('en')} kinds, load average ${loadavg()[0].toFixed(1)}`,
);

const rows = {};
for (const format of FORMATS)
  for (const per of PERS) {
    if (wishProblem({ format, per }) !== undefined) continue;
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1)
      rounds.push(await measure({ format, per, worldEgress: 'allow' }));
    const median = (of) => rounds.map(of).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
    rows[`${format}, per ${per}`] = {
      'wall ms': median(({ wall }) => wall),
      'CPU ms': median(({ cpu }) => cpu),
      'longest stall ms': Math.max(...rounds.map(({ stall }) => stall)),
      rules: rounds[0].rules,
      KB: rounds[0].kilobytes,
    };
  }
console.table(rows);

async function measure(wish) {
  await sleep(100);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await sleep(20);
  delay.reset();
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const { text } = await suggest('team-a', watched, wish);
  const { user, system } = process.cpuUsage(cpu);
  const wall = performance.now() - started;
  await sleep(5);
  delay.disable();
  return {
    wall: Math.round(wall),
    cpu: Math.round((user + system) / 1_000),
    stall: Math.round(delay.max / 1e6),
    rules: text.match(/^ +- (from|to|ports)\w*:/gm).length,
    kilobytes: Math.round(text.length / 1_000),
  };
}

/** A large tenant's life: among itself for the most part, to the world, to the platform, and across. */
function* attempts() {
  const cluster = new Cluster();
  const team = (name) => new Tenant(cluster, { vcluster: name, hostNamespace: name });
  const [own, other] = [team('team-a'), team('team-b')];
  const pods = (tenant, count) =>
    Array.from({ length: count }, (_, index) =>
      tenant.pod({ name: `app-${index}`, namespace: `ns-${index % 20}`, labels: { app: `app-${index}` } }),
    );
  const [mine, theirs] = [pods(own, WORKLOADS), pods(other, 100)];
  const platform = Array.from({ length: 300 }, (_, index) =>
    cluster.pod({
      name: `svc-${index}-0`,
      namespace: `platform-${index % 30}`,
      labels: { app: `svc-${index}` },
    }),
  );
  const outside = Array.from({ length: 2_000 }, (_, index) => world(`198.18.${index >> 8}.${index & 255}`));
  yield [own.controlPlane(), kubeApiserver('172.18.255.1'), 6443];
  let made = 1;
  for (let turn = 0; made < KINDS; turn += 1)
    for (const [index, pod] of mine.entries()) {
      if (made >= KINDS) return;
      made += 1;
      const at = turn * 7 + index * 13;
      const share = turn % 10;
      if (share < 6) yield [pod, mine[(at + 1) % WORKLOADS], 8_000 + turn];
      else if (share < 8) yield [pod, outside[(turn * 31 + index) % 2_000], turn % 2 === 0 ? 443 : 5_432];
      else if (share === 8) yield [pod, platform[at % 300], 80 + turn];
      else yield [theirs[at % 100], pod, 9_000 + turn];
    }
}

/** The one event that tells of it: at the destination's endpoint, or where it leaves. */
function lineOf([from, to, port]) {
  const arrives = to.kind === 'endpoint';
  return JSON.stringify({
    flow: {
      time: new Date(Date.UTC(2026, 10, 20) + lines).toISOString(),
      uuid: `bench-${(lines += 1)}`,
      verdict: 'FORWARDED',
      IP: { source: from.ip, destination: to.ip, ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 40_000, destination_port: port, flags: { SYN: true } } },
      source: arrives ? from.remote : from.local,
      destination: arrives ? to.local : to.remote,
      Type: 'L3_L4',
      node_name: (arrives ? to : from).node.nodeName,
      event_type: { type: 4, sub_type: arrives ? 0 : 11 },
      trace_observation_point: arrives ? 'TO_ENDPOINT' : 'TO_NETWORK',
      trace_reason: 'NEW',
      is_reply: false,
    },
  });
}

// One cell of docs/scaling.md: the daemon as it is shipped, a process of its own,
// against a simulated cluster. CPU is the process' own account of its time
// (process_cpu_seconds_total), so that a busy machine does not spoil it.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { scrape, startDaemon, startScript } from './process.mjs';

/**
 * @param {{ topology: 'relay' | 'node', nodes: number, flowsPerSecond: number, filter?: 'judged' | 'all', masks?: boolean }} cell
 * @param {{ warmUp: number, measure: number, scrapeEvery: number }} seconds
 */
export async function measure(cell, seconds) {
  const cluster = startScript('scale-cluster.mjs', cell);
  let daemon;
  try {
    const [about] = await once(cluster, 'message');
    daemon = await startDaemon(`127.0.0.1:${about.port}`, [`--flows.filter=${cell.filter ?? 'judged'}`]);
    await sleep(seconds.warmUp * 1000);
    const before = { ...(await scrape(daemon.url)), sent: await ask(cluster) };
    let last = before;
    const most = { resident: 0, series: 0, bytes: 0, scrapeMs: 0 };
    for (let passed = 0; passed < seconds.measure; passed += seconds.scrapeEvery) {
      await sleep(seconds.scrapeEvery * 1000);
      last = await scrape(daemon.url);
      most.resident = Math.max(most.resident, last.samples.get('process_resident_memory_bytes'));
      most.series = Math.max(most.series, last.samples.size);
      most.bytes = Math.max(most.bytes, last.bytes);
      most.scrapeMs = Math.max(most.scrapeMs, last.ms);
    }
    return { cell, about, most, ...between(before, { ...last, sent: await ask(cluster) }) };
  } finally {
    daemon?.child.kill('SIGKILL');
    cluster.disconnect();
  }
}

async function ask(cluster) {
  cluster.send('sent');
  const [sent] = await once(cluster, 'message');
  return sent;
}

function between(before, after) {
  const grew = (sample) => (after.samples.get(sample) ?? 0) - (before.samples.get(sample) ?? 0);
  const sum = (family) =>
    [...after.samples.keys()]
      .filter((name) => name.startsWith(family))
      .reduce((all, name) => all + grew(name), 0);
  const wall = (after.at - before.at) / 1000;
  const cpu = grew('process_cpu_seconds_total');
  const flows = sum('crosstalk_flows_total{');
  return {
    flowsPerSecond: flows / wall,
    cores: cpu / wall,
    cpuMicrosecondsAFlow: (cpu / flows) * 1e6,
    bytesAFlow: (after.sent.bytes - before.sent.bytes) / (after.sent.flows - before.sent.flows),
    waiting: after.sent.waiting,
    lag: { p50: quantile(0.5, grew, after), p99: quantile(0.99, grew, after) },
    trouble: {
      streamsEnded: sum('crosstalk_hubble_streams_ended_total'),
      lost: sum('crosstalk_lost_events_total'),
      blindSeconds: grew('crosstalk_blind_seconds_total'),
      duplicates: grew('crosstalk_duplicate_flows_total'),
    },
  };
}

/** As Prometheus' histogram_quantile(): between the bounds of a bucket in a straight line. */
function quantile(q, grew, { samples }) {
  const prefix = 'crosstalk_flow_lag_seconds_bucket{le="';
  const buckets = [...samples.keys()]
    .filter((name) => name.startsWith(prefix))
    .map((name) => ({ bound: name.slice(prefix.length, -2), count: grew(name) }))
    .map(({ bound, count }) => ({ bound: bound === '+Inf' ? Infinity : Number(bound), count }))
    .sort((a, b) => a.bound - b.bound);
  const rank = q * (buckets.at(-1)?.count ?? 0);
  const at = buckets.findIndex(({ count }) => count >= rank);
  const { bound, count } = buckets[at];
  const below = buckets[at - 1] ?? { bound: 0, count: 0 };
  if (bound === Infinity) return below.bound;
  return below.bound + ((bound - below.bound) * (rank - below.count)) / Math.max(1, count - below.count);
}

/**
 * Decoding, ours and proto-loader's, in one process: `npm run build && node test/bench/decode.mjs`.
 *
 * Flows of about 1.3 KB with eight labels an endpoint, as slices of larger
 * buffers, the way HTTP/2 delivers them.
 */
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import { createDecoder } from '../../dist/hubble/decode.js';

/** Flows a measurement, so short that some of them meet a quiet machine. */
const PART = 500;
/** Flows decoded for one figure. */
const WORK = 1_000_000;

const definition = loadSync('observer/observer.proto', {
  keepCase: true,
  longs: Number,
  includeDirs: [fileURLToPath(new URL('../../proto', import.meta.url))],
});
const { serialize, deserialize } = definition['observer.GetFlowsResponse'];

/** A small generator with a seed: the same flows in every run. */
function randomness(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function endpoint(number) {
  const tenant = `vcluster-team-${number % 97}`;
  const suffix = (number * 2_654_435_761).toString(36).slice(-5);
  return {
    ID: 1 + (number % 4000),
    identity: 20_000 + (number % 5000),
    namespace: tenant,
    labels: [
      `k8s:app.kubernetes.io/instance=checkout-${number % 31}`,
      `k8s:app.kubernetes.io/name=checkout`,
      `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${tenant}`,
      'k8s:io.cilium.k8s.policy.cluster=production-eu-1',
      `k8s:io.cilium.k8s.policy.serviceaccount=vc-workload-${tenant}`,
      `k8s:io.kubernetes.pod.namespace=${tenant}`,
      `k8s:vcluster.loft.sh/managed-by=${tenant}`,
      'k8s:vcluster.loft.sh/namespace=payments',
    ],
    pod_name: `checkout-7d9c6b5f48-${suffix}-x-payments-x-${tenant}`,
    cluster_name: 'production-eu-1',
  };
}

function flow(i, endpoints, random) {
  const source = random(endpoints);
  const destination = random(endpoints);
  const address = (n) => `10.${(n >> 14) & 63}.${(n >> 7) & 127}.${n & 127}`;
  const time = { seconds: 1_790_000_000 + (i >> 10), nanos: (i * 7919) % 1_000_000_000 };
  const node = `production-eu-1/worker-${i % 50}`;
  const hex = (digits) =>
    random(16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return {
    flow: {
      time,
      verdict: 1,
      IP: { source: address(source), destination: address(destination), ipVersion: 1 },
      l4: { TCP: { source_port: 32_768 + random(28_000), destination_port: 8080, flags: { SYN: true } } },
      source: endpoint(source),
      destination: endpoint(destination),
      Type: 1,
      node_name: node,
      event_type: { type: 4 },
      traffic_direction: 2,
      trace_observation_point: 101,
      is_reply: { value: false },
      interface: { index: 31, name: 'lxc1a237d3e277a' },
      uuid: `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(6)}${hex(6)}`,
      trace_reason: 1,
      Summary: 'TCP Flags: SYN',
    },
    node_name: node,
    time,
  };
}

/** Messages packed into buffers of 64 KB, each a slice of one. */
function corpus(endpoints, flows) {
  const random = randomness(42);
  const messages = Array.from({ length: flows }, (_, i) => serialize(flow(i, endpoints, random)));
  const slices = [];
  for (let i = 0; i < messages.length; i += 45) {
    const group = messages.slice(i, i + 45);
    const packed = Buffer.concat(group);
    let at = 0;
    for (const message of group) slices.push(packed.subarray(at, (at += message.length)));
  }
  return slices;
}

let sink = 0;

function nanoseconds(decode, messages) {
  const start = process.hrtime.bigint();
  for (const message of messages) if (decode(message) !== undefined) sink++;
  return Number(process.hrtime.bigint() - start) / messages.length;
}

/** The mean over all parts of each part's best time: what is left when other work on the machine is taken away. */
function best(decode, parts, rounds) {
  const times = parts.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    parts.forEach((part, i) => (times[i] = Math.min(times[i], nanoseconds(decode, part))));
  }
  return times.reduce((sum, time) => sum + time, 0) / times.length;
}

const rows = [];
for (const [endpoints, flows] of [
  [10, 2_000],
  [1_000, 2_000],
  [50_000, 40_000],
]) {
  const messages = corpus(endpoints, flows);
  const parts = [];
  for (let i = 0; i < messages.length; i += PART) parts.push(messages.slice(i, i + PART));
  const ours = createDecoder({ endpoints: 65_536 });
  for (const message of messages) ours(message);
  const rounds = Math.ceil(WORK / flows);
  const decoder = best(ours, parts, rounds);
  const reference = best(deserialize, parts, Math.ceil(rounds / 8));
  rows.push({
    endpoints,
    'bytes/flow': Math.round(messages.reduce((sum, message) => sum + message.length, 0) / messages.length),
    'ours ns/flow': Math.round(decoder),
    'proto-loader ns/flow': Math.round(reference),
    ratio: (reference / decoder).toFixed(1),
  });
}
console.table(rows);
if (sink === 0) throw new Error('nothing was decoded');

// Fills a library with endpoints, then with connections, then with series, and says
// what each of them added to the memory in use after a full collection.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import { createLedger } from '../../dist/account/ledger.js';
import { codecs } from '../../dist/simulator/messages.js';
import { corpusOf } from './corpus.mjs';
import { createLibrary } from './library.mjs';

const { endpoints, connections, pairs } = JSON.parse(process.argv[2]);

async function inUse() {
  for (let pass = 0; pass < 3; pass += 1) {
    globalThis.gc();
    await sleep(20);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const { getFlows } = codecs();
const PROTO = fileURLToPath(new URL('../../proto', import.meta.url));
const loaded = loadSync('observer/observer.proto', { keepCase: true, includeDirs: [PROTO] })[
  'observer.GetFlowsResponse'
];
const [example] = corpusOf({ flows: 50, crossShare: 1, tenants: 100, endpoints: 1_000 })
  .map((bytes) => loaded.deserialize(bytes))
  .filter(({ flow }) => flow.event_type.type === 4 && flow.source.pod_name && flow.destination.pod_name);

/** An arrival between two pods that nobody has seen before. */
function arrival(i) {
  const pod = (endpoint, number) => ({
    ...endpoint,
    pod_name: `web-7d6b4c9f8-${number.toString(36).padStart(6, 'k')}-x-shop-x-team`,
  });
  const { flow } = example;
  const uuid = `00000000-0000-4000-8000-${i.toString(16).padStart(12, '0')}`;
  return getFlows.encode({
    flow: { ...flow, uuid, source: pod(flow.source, 2 * i), destination: pod(flow.destination, 2 * i + 1) },
  });
}

const library = await createLibrary({ endpoints: endpoints * 2, trackedConnections: connections * 2 });
for (let i = 0; i < 5_000; i += 1) library.take(arrival(i));
const base = await inUse();
for (let i = 5_000; i < 5_000 + endpoints / 2; i += 1) library.take(arrival(i));
const withEndpoints = await inUse();

const { flow } = library.decode(arrival(0));
const connect = (i) => {
  const sourceIp = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  const l4 = { ...flow.l4, sourcePort: 30_000 + (i % 30_000) };
  library.connections.arrival({ ...flow, sourceIp, l4 }, false, Date.now());
};
const beforeConnections = await inUse();
for (let i = 0; i < connections; i += 1) connect(i);
const withConnections = await inUse();

const ledger = createLedger(pairs);
const party = (name) => ({ kind: 'tenant', tenant: { name } });
const names = Array.from({ length: pairs }, (_, i) => party(`vcluster-team-${i}/team-${i}`));
const beforeSeries = await inUse();
for (const source of names) ledger.tenantFlow(source, names[0], 'cross_tenant', 'allowed');
const withSeries = await inUse();

process.send({
  base,
  endpoints: { count: endpoints, each: (withEndpoints - base) / endpoints },
  connections: { count: connections, each: (withConnections - beforeConnections) / connections },
  series: { count: pairs, each: (withSeries - beforeSeries) / pairs },
  // Read, so that nothing of it is garbage before it was measured.
  held: library.connections.tracked(Date.now()) + [...ledger.flows()].length + names.length,
});
process.on('disconnect', () => process.exit(0));

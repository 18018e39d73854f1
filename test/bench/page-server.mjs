// A process of its own: the real web server over reports of 500 tenants that change as fast as asked for.
// What is behind it in the daemon (ledger, ring, attribution) costs the browser nothing and is measured elsewhere.
import { createWeb } from '../../dist/expose/http.js';
import { createLog } from '../../dist/log.js';

const { tenants, pairs, crossings, perSecond, followEveryMs = 1_000 } = JSON.parse(process.argv[2]);
const TICK_MS = 50;
const RING = 1_000;
const VERDICTS = ['allowed', 'audited', 'denied'];
const PORTS = [80, 443, 5432, 6379, 8080, 8443, 9200];

const names = Array.from({ length: tenants }, (_, at) => `team-${String(at).padStart(3, '0')}`);
const start = Date.now() - 60_000;
const iso = (time) => new Date(time).toISOString();

const matrix = Array.from({ length: pairs }, (_, at) => {
  const verdict = VERDICTS[at % 23 === 0 ? 0 : at % 7 === 0 ? 1 : 2];
  return {
    source: names[at % tenants],
    destination: names[(at * 7 + 1 + Math.floor(at / tenants)) % tenants],
    connections: { allowed: 0, audited: 0, denied: 0, [verdict]: 1 + (at % 90) },
    expected: { allowed: 0, audited: 0, denied: 0 },
    lastSeen: iso(start),
    unexpectedLastSeen: { [verdict]: iso(start) },
  };
}).filter(({ source, destination }) => source !== destination);

function party(name, app, at) {
  const pod = `${app}-7c5ddbdf54-${(at % 46_656).toString(36).padStart(5, '0')}`;
  return {
    tenant: name,
    namespace: name,
    pod: `${pod}-x-default-x-${name}`,
    virtualNamespace: 'default',
    virtualPod: pod,
    address: `10.${at % 250}.${(at >> 8) % 250}.${(at >> 4) % 250}`,
    evidence: 'managed_by',
    evidenceLabels: [`k8s:vcluster.loft.sh/managed-by=${name}`],
  };
}

let made = 0;
function crossing(time) {
  const at = made++;
  const pair = matrix[(at * 31) % matrix.length];
  const [verdict] = Object.keys(pair.unexpectedLastSeen);
  const [source, destination] = [party(pair.source, 'client', at), party(pair.destination, 'server', at * 3)];
  const port = PORTS[at % PORTS.length];
  pair.connections[verdict] += 1;
  pair.lastSeen = pair.unexpectedLastSeen[verdict] = iso(time);
  return {
    time: iso(time),
    lastSeen: iso(time),
    source,
    destination,
    protocol: 'tcp',
    port,
    relation: 'cross_tenant',
    verdict,
    policies: verdict === 'denied' ? [`CiliumNetworkPolicy/${pair.destination}/isolate`] : [],
    expected: false,
    count: 1,
    node: `worker-${at % 12}`,
    uuid: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
    hubbleObserve: `hubble observe --from-pod ${source.namespace}/${source.pod} --to-pod ${destination.namespace}/${destination.pod} --protocol tcp --to-port ${port} --type trace:to-endpoint --last 20`,
  };
}

/** Newest last, as many as the daemon keeps. */
let ring = Array.from({ length: RING }, (_, at) => crossing(start + at));
setInterval(() => {
  const news = Math.round((perSecond * TICK_MS) / 1_000);
  if (news === 0) return;
  const now = Date.now();
  for (let at = 0; at < news; at += 1) ring.push(crossing(now));
  ring = ring.slice(-RING);
}, TICK_MS);

const status = () => ({
  version: '0',
  revision: '',
  nodeVersion: process.version,
  startedAt: iso(start),
  ready: true,
  notReady: [],
  stream: {
    server: 'relay:80',
    state: 'open',
    provenSince: iso(start),
    streamsEnded: 0,
    fieldMask: 'full',
    filter: 'judged',
  },
  coverage: {
    nodes: { connected: 12 },
    nodesNotSeen: [],
    lostEvents: {},
    blindSeconds: 0,
    flows: made,
    duplicates: 0,
    unidentified: 0,
  },
  nodes: Array.from({ length: 12 }, (_, at) => ({
    name: `worker-${at}`,
    state: 'connected',
    version: 'v1.19.4',
    lostEvents: 0,
  })),
  lag: { median: 0.1, p99: 0.5 },
  series: { pairs: matrix.length, limit: 10_000, overflowed: 0 },
  alerts: { active: 1, dropped: 0, alertmanagers: [] },
  config: { lastReloadSuccessful: true, settings: [] },
});

const minutes = Array.from({ length: 60 }, (_, at) => ({
  until: iso(start + at * 60_000),
  inside: 900,
  gotThrough: at % 7,
  denied: 40,
  other: 300,
}));

const web = await createWeb({
  followEveryMs,
  web: { listenAddresses: ['127.0.0.1:0'], telemetryPath: '/metrics', enableLifecycle: false },
  log: await createLog({ level: 'error', format: 'json' }),
  sources: {
    metrics: async () => '',
    status,
    tenants: () =>
      names.map((name) => ({
        name,
        cluster: 'default',
        hostNamespace: name,
        vcluster: name,
        endpoints: { managed_by: 12, control_plane: 1 },
      })),
    matrix: () => ({ tenants: names, pairs: matrix }),
    crossings: ({ limit, source, destination, verdict }) =>
      ring
        .filter(
          (one) =>
            (source === undefined || one.source.tenant === source) &&
            (destination === undefined || one.destination.tenant === destination) &&
            (verdict === undefined || one.verdict === verdict),
        )
        .slice(-Math.min(limit, crossings))
        .reverse(),
    traffic: (tenant) => ({ tenant, minutes }),
    ready: () => ({ ready: true, reasons: [] }),
    reload: async () => ({ ok: true, problems: [] }),
    checkPolicies: async () => ['not here'],
    suggestPolicy: async () => ({ ok: false, known: [] }),
  },
});
process.send({ url: web.addresses[0] });

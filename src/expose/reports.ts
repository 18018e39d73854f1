/** From what the stages know to what the API, the page and the log show. Pure. */
import type { CrossingEntry } from '../account/crossings.js';
import type { Ledger } from '../account/ledger.js';
import type { Endpoint, Evidence, Party, PolicyRef, Tenant, Verdict } from '../model.js';
import { plain } from '../outside.js';
import { virtualOf } from '../tenancy/virtual.js';
import type { Minute } from '../account/hour.js';
import { LAG_BUCKETS, type LagHistogram, type Meters } from '../account/meters.js';
import type { Config } from '../config/config.js';
import type {
  CrossingParty,
  CrossingReport,
  MatrixPair,
  MatrixReport,
  StatusReport,
  TenantReport,
  TrafficReport,
} from './api.js';
import { hubbleObserveLine } from './hubble-line.js';

/** @param time milliseconds since the epoch */
export function rfc3339(time: number): string {
  return new Date(time).toISOString();
}

export function crossingReport({ crossing, firstSeen, lastSeen, count }: CrossingEntry): CrossingReport {
  const { flow, source, destination, occurrence, agreement, policies } = crossing;
  const { protocol, sourcePort, destinationPort } = flow.l4;
  const isIcmp = protocol === 'icmp';
  return {
    time: rfc3339(firstSeen),
    lastSeen: rfc3339(lastSeen),
    source: party(source, flow.source, String(flow.sourceIp)),
    destination: party(destination, flow.destination, String(flow.destinationIp)),
    protocol,
    port: isIcmp || protocol === 'other' ? undefined : destinationPort,
    icmp: isIcmp ? { type: sourcePort, code: destinationPort } : undefined,
    relation: 'cross_tenant',
    verdict: occurrence.verdict,
    policies: policies.map(policyName),
    expected: agreement !== undefined,
    reason: agreement?.reason,
    count,
    node: plain(flow.nodeName),
    uuid: plain(String(flow.uuid)),
    hubbleObserve: hubbleObserveLine(flow, occurrence.verdict),
  };
}

function party(
  owner: Extract<Party, { kind: 'tenant' }>,
  endpoint: Endpoint,
  address: string,
): CrossingParty {
  const { tenant, evidence, evidenceLabels } = owner;
  const virtual = virtualOf(endpoint, owner);
  return {
    tenant: tenant.name,
    namespace: plain(endpoint.namespace),
    pod: plain(endpoint.podName),
    virtualNamespace: virtual.namespace === undefined ? undefined : plain(virtual.namespace),
    virtualPod: virtual.pod === undefined ? undefined : plain(virtual.pod),
    address: plain(address),
    evidence,
    evidenceLabels: evidenceLabels.map((label) => plain(label)),
  };
}

/** `kind/namespace/name`; clusterwide policies have no namespace, and kinds are named since Cilium 1.17 only. */
function policyName({ kind, namespace, name }: PolicyRef): string {
  return [kind, namespace, name]
    .filter((part) => part !== '')
    .map((part) => plain(part))
    .join('/');
}

export function matrixReport(ledger: Ledger): MatrixReport {
  const pairs = new Map<string, { pair: MutablePair; lastSeen: number }>();
  for (const { source, destination, verdict, expected, count } of ledger.connections()) {
    const { pair } = pairOf(pairs, source, destination);
    pair.connections[verdict] += count;
    if (expected) pair.expected[verdict] += count;
  }
  for (const { source, destination, verdict, expected, lastSeen } of ledger.seen()) {
    const entry = pairOf(pairs, source, destination);
    entry.lastSeen = Math.max(entry.lastSeen, lastSeen);
    if (!expected) entry.pair.unexpectedLastSeen[verdict] = rfc3339(lastSeen);
  }
  const listed = [...pairs.values()].map(({ pair, lastSeen }) => ({ ...pair, lastSeen: rfc3339(lastSeen) }));
  const tenants = new Set(listed.flatMap(({ source, destination }) => [source, destination]));
  return { tenants: [...tenants].sort(), pairs: listed };
}

type MutablePair = Omit<MatrixPair, 'connections' | 'expected' | 'lastSeen' | 'unexpectedLastSeen'> & {
  connections: Record<Verdict, number>;
  expected: Record<Verdict, number>;
  unexpectedLastSeen: Partial<Record<Verdict, string>>;
};

function pairOf(
  pairs: Map<string, { pair: MutablePair; lastSeen: number }>,
  source: string,
  destination: string,
): { pair: MutablePair; lastSeen: number } {
  const key = `${source} ${destination}`;
  const known = pairs.get(key);
  if (known !== undefined) return known;
  const none = (): Record<Verdict, number> => ({ allowed: 0, audited: 0, denied: 0 });
  const pair = { source, destination, connections: none(), expected: none(), unexpectedLastSeen: {} };
  const entry = { pair, lastSeen: 0 };
  pairs.set(key, entry);
  return entry;
}

export function tenantReports(
  tenants: readonly { tenant: Tenant; endpoints: Partial<Record<Evidence, number>> }[],
): TenantReport[] {
  return tenants
    .map(({ tenant: { name, cluster, hostNamespace, vcluster }, endpoints }) => ({
      name,
      cluster,
      hostNamespace,
      vcluster,
      endpoints,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What the subscription says of itself, as far as the report shows it; times in milliseconds since the epoch. */
export interface StreamFacts {
  readonly state: string;
  readonly server: string;
  readonly provenSince: number | undefined;
  readonly lastFlowTime: number | undefined;
  readonly lastError:
    { readonly reason: string; readonly message: string; readonly hint: string } | undefined;
  readonly features: { readonly fieldMask: string };
  readonly nodes: readonly {
    readonly name: string;
    readonly state: string;
    readonly version: string;
    readonly lastFlowTime: number | undefined;
    readonly lostEvents: number;
  }[];
}

export interface StatusFacts {
  readonly build: { readonly version: string; readonly revision: string; readonly nodeVersion: string };
  readonly startedAt: number;
  readonly config: Config;
  readonly meters: Meters;
  readonly ledger: Ledger;
  readonly subscription: StreamFacts;
  readonly ready: boolean;
  readonly reasons: readonly string[];
  /** Violations held. */
  readonly violations: number;
}

export function statusReport(facts: StatusFacts): StatusReport {
  const { build, config, meters, ledger, subscription } = facts;
  const { lastError, nodes } = subscription;
  return {
    ...build,
    startedAt: rfc3339(facts.startedAt),
    ready: facts.ready,
    notReady: facts.reasons,
    stream: {
      server: subscription.server,
      state: subscription.state,
      provenSince: optionalTime(subscription.provenSince),
      streamsEnded: sum(meters.streamsEnded.values()),
      lastError: lastError && {
        reason: lastError.reason,
        message: plain(lastError.message, 500),
        hint: lastError.hint,
      },
      fieldMask: subscription.features.fieldMask,
      filter: config.flows.filter,
    },
    coverage: {
      nodes: Object.fromEntries(meters.nodes),
      nodesNotSeen: nodes.filter(({ state }) => state !== 'connected').map(({ name }) => plain(name)),
      lostEvents: Object.fromEntries(meters.lostEvents),
      blindSeconds: meters.blindSeconds,
      lastFlow: optionalTime(subscription.lastFlowTime),
      flows: sum(ledger.events.values()),
      duplicates: meters.duplicateFlows,
      unidentified: unidentified(ledger),
    },
    nodes: nodes.map(({ name, state, version, lastFlowTime, lostEvents }) => ({
      name: plain(name),
      state,
      version: plain(version),
      lastFlow: optionalTime(lastFlowTime),
      lostEvents,
    })),
    lag: { median: quantile(meters.lag, 0.5), p99: quantile(meters.lag, 0.99) },
    series: {
      pairs: ledger.pairs,
      limit: config.limits.tenantPairs,
      overflowed: sum(ledger.overflows.values()),
    },
    alerts: {
      active: facts.violations,
      dropped: sum(meters.alertsDropped.values()),
      alertmanagers: [...meters.alertmanagerPosts].map(([url, posts]) => ({
        url: plain(url),
        posts: Object.fromEntries(posts),
      })),
    },
    config: {
      file: config.configFile,
      lastReloadSuccessful: meters.configReloadOk,
      settings: config.settings.map(({ name, value, from, via }) => ({
        name,
        value: plain(value),
        from: via === '' ? from : `${from} ${via}`,
      })),
    },
  };
}

export function trafficReport(tenant: string | undefined, minutes: readonly Minute[]): TrafficReport {
  return { tenant, minutes: minutes.map(({ until, ...tally }) => ({ until: rfc3339(until), ...tally })) };
}

/** The upper bound of the bucket in which it lies; undefined beyond the last, and where nothing was counted. */
function quantile({ counts }: LagHistogram, share: number): number | undefined {
  const wanted = sum(counts) * share;
  if (wanted === 0) return undefined;
  let reached = 0;
  return LAG_BUCKETS.find((_, bucket) => (reached += counts[bucket] ?? 0) >= wanted);
}

function unidentified(ledger: Ledger): number {
  let total = 0;
  for (const { relation, count } of ledger.flows()) if (relation === 'unidentified') total += count;
  return total;
}

function optionalTime(time: number | undefined): string | undefined {
  return time === undefined ? undefined : rfc3339(time);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

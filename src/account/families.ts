/**
 * Every metric as a row: name, type, labels, help, and where its numbers come
 * from. /metrics is rendered from these rows and so is the table in the README.
 * The names and labels are a contract with dashboards, rules and scripts.
 */
import { LAG_BUCKETS, type Meters } from './meters.js';
import type { Ledger } from './ledger.js';
import { OVERFLOW } from './pairs.js';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface FamilyBase {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

export type Family =
  | (FamilyBase & { readonly type: 'counter' | 'gauge'; samples(numbers: Numbers): Iterable<Sample> })
  | (FamilyBase & {
      readonly type: 'histogram';
      /** Upper bounds, then the count of each bucket (not cumulative, one more than bounds) and the sum. */
      read(numbers: Numbers): { bounds: readonly number[]; counts: readonly number[]; sum: number };
    });

/** What the rows read. */
export interface Numbers {
  readonly ledger: Ledger;
  readonly meters: Meters;
  tenants(): number;
  trackedConnections(): number;
  evictedConnections(): number;
  /** Tenant pairs, by verdict, whose unexpected traffic was seen within `alerts.hold`. */
  violations(): number;
  readonly build: { readonly version: string; readonly revision: string; readonly nodeVersion: string };
}

const counter = 'counter';
const gauge = 'gauge';

export const FAMILIES: readonly Family[] = [
  {
    name: 'crosstalk_flows_total',
    type: counter,
    labels: ['event'],
    help: 'Flows received once, by what they tell. The sum is all flows received, less duplicates.',
    samples: ({ ledger }) => byLabel('event', ledger.events),
  },
  {
    name: 'crosstalk_duplicate_flows_total',
    type: counter,
    labels: [],
    help: 'Flows received again (same uuid), as after a reconnect; they count nowhere else.',
    samples: ({ meters }) => single(meters.duplicateFlows),
  },
  {
    name: 'crosstalk_tenant_flows_total',
    type: counter,
    labels: ['source_tenant', 'destination_tenant', 'relation', 'verdict'],
    help: 'Arrivals and policy denials, classified by who reached whom.',
    *samples({ ledger }) {
      for (const { source, destination, relation, verdict, count } of ledger.flows()) {
        yield {
          labels: { source_tenant: source, destination_tenant: destination, relation, verdict },
          value: count,
        };
      }
    },
  },
  {
    name: 'crosstalk_cross_tenant_connections_total',
    type: counter,
    labels: ['source_tenant', 'destination_tenant', 'verdict', 'protocol', 'expected'],
    help: 'Connections between different tenants, each counted once.',
    *samples({ ledger }) {
      for (const { source, destination, verdict, protocol, expected, count } of ledger.connections()) {
        yield {
          labels: {
            source_tenant: source,
            destination_tenant: destination,
            verdict,
            protocol,
            expected: String(expected),
          },
          value: count,
        };
      }
    },
  },
  {
    name: 'crosstalk_cross_tenant_last_seen_timestamp_seconds',
    type: gauge,
    labels: ['source_tenant', 'destination_tenant', 'verdict', 'expected'],
    help: 'When the last event of a connection between these tenants was observed, as Unix time.',
    *samples({ ledger }) {
      for (const { source, destination, verdict, expected, lastSeen } of ledger.seen()) {
        yield {
          labels: {
            source_tenant: source,
            destination_tenant: destination,
            verdict,
            expected: String(expected),
          },
          value: lastSeen / 1000,
        };
      }
    },
  },
  {
    name: 'crosstalk_tenants',
    type: gauge,
    labels: [],
    help: 'Tenants seen.',
    samples: (numbers) => single(numbers.tenants()),
  },
  {
    name: 'crosstalk_endpoints_attributed_total',
    type: counter,
    labels: ['evidence'],
    help: 'Endpoints, by the evidence that decided which tenant they belong to; none: it stayed unknown.',
    samples: ({ meters }) => byLabel('evidence', meters.attributed),
  },
  {
    name: 'crosstalk_attribution_conflicts_total',
    type: counter,
    labels: [],
    help: 'Endpoints whose pieces of evidence disagreed; the stronger one won.',
    samples: ({ meters }) => single(meters.attributionConflicts),
  },
  {
    name: 'crosstalk_hubble_up',
    type: gauge,
    labels: [],
    help: '1 while a stream of flows is open and proven alive.',
    samples: ({ meters }) => single(Number(meters.hubbleUp)),
  },
  {
    name: 'crosstalk_hubble_streams_ended_total',
    type: counter,
    labels: ['reason'],
    help: 'Streams that ended, by reason.',
    samples: ({ meters }) => byLabel('reason', meters.streamsEnded),
  },
  {
    name: 'crosstalk_nodes',
    type: gauge,
    labels: ['state'],
    help: 'Nodes behind the relay; silent: connected and seeing flows of which none reaches us.',
    samples: ({ meters }) => byLabel('state', meters.nodes),
  },
  {
    name: 'crosstalk_lost_events_total',
    type: counter,
    labels: ['source'],
    help: 'Events that Hubble says were lost before they reached us, by where.',
    samples: ({ meters }) => byLabel('source', meters.lostEvents),
  },
  {
    name: 'crosstalk_blind_seconds_total',
    type: counter,
    labels: [],
    help: 'Seconds in which flows may have passed unseen and could not be re-read.',
    samples: ({ meters }) => single(meters.blindSeconds),
  },
  {
    name: 'crosstalk_flow_lag_seconds',
    type: 'histogram',
    labels: [],
    help: 'Time from when a node saw a flow to when it was received here.',
    read: ({ meters }) => ({ bounds: LAG_BUCKETS, counts: meters.lag.counts, sum: meters.lag.sum }),
  },
  {
    name: 'crosstalk_last_flow_timestamp_seconds',
    type: gauge,
    labels: [],
    help: 'When the last flow was received, as Unix time; 0 before the first.',
    samples: ({ meters }) => single(meters.lastFlowAt / 1000),
  },
  {
    name: 'crosstalk_tracked_connections',
    type: gauge,
    labels: [],
    help: 'Cross-tenant connections remembered so that each is counted once.',
    samples: (numbers) => single(numbers.trackedConnections()),
  },
  {
    name: 'crosstalk_connections_evicted_total',
    type: counter,
    labels: [],
    help: 'Connections forgotten early for lack of room (limits.trackedConnections): they may be counted again.',
    samples: (numbers) => single(numbers.evictedConnections()),
  },
  {
    name: 'crosstalk_series_overflow_total',
    type: counter,
    labels: ['family'],
    help: `Updates that went to ${OVERFLOW} because limits.tenantPairs was reached.`,
    samples: ({ ledger }) => byLabel('family', ledger.overflows),
  },
  {
    name: 'crosstalk_alerts_active',
    type: gauge,
    labels: [],
    help: 'Violations held: tenant pairs, by verdict, whose unexpected traffic was seen within alerts.hold.',
    samples: (numbers) => single(numbers.violations()),
  },
  {
    name: 'crosstalk_alertmanager_posts_total',
    type: counter,
    labels: ['alertmanager', 'result'],
    help: 'Posts to each Alertmanager, by result: success, refused (400), failed (any other answer, or none), timeout.',
    *samples({ meters }) {
      for (const [alertmanager, results] of meters.alertmanagerPosts) {
        for (const [result, count] of results) yield { labels: { alertmanager, result }, value: count };
      }
    },
  },
  {
    name: 'crosstalk_alerts_dropped_total',
    type: counter,
    labels: ['reason'],
    help: 'Not alerted: limit (events of pairs beyond limits.tenantPairs violations of a verdict), refused (alerts that an Alertmanager will not take).',
    samples: ({ meters }) => byLabel('reason', meters.alertsDropped),
  },
  {
    name: 'crosstalk_config_last_reload_successful',
    type: gauge,
    labels: [],
    help: '1 if the configuration in force is the one last asked for.',
    samples: ({ meters }) => single(Number(meters.configReloadOk)),
  },
  {
    name: 'crosstalk_config_last_reload_success_timestamp_seconds',
    type: gauge,
    labels: [],
    help: 'When a configuration was last accepted, as Unix time.',
    samples: ({ meters }) => single(meters.configReloadedAt / 1000),
  },
  {
    name: 'crosstalk_build_info',
    type: gauge,
    labels: ['version', 'revision', 'node_version'],
    help: '1, with what is running as labels.',
    samples: ({ build }) => [
      {
        labels: { version: build.version, revision: build.revision, node_version: build.nodeVersion },
        value: 1,
      },
    ],
  },
];

/** The families as a Markdown table, for the README. */
export function familiesTable(): string {
  const rows = FAMILIES.map(
    ({ name, type, labels, help }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  );
  return ['| family | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function single(value: number): Sample[] {
  return [{ labels: {}, value }];
}

function* byLabel(label: string, counts: ReadonlyMap<string, number>): Iterable<Sample> {
  for (const [key, value] of counts) yield { labels: { [label]: key }, value };
}

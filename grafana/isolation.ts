/** "Tenant isolation": is anyone crossing right now, who, since when, and may the answer be trusted? */
import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import { RowBuilder, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { CLUSTER, frame, labelVariable, runbook } from './frame.js';
import { BLUE, GREEN, GREY, lines, matrix, number, ORANGE, RED, rows, TRANSPARENT } from './panels.js';

const PAIR = `${CLUSTER}, source_tenant=~"$source", destination_tenant=~"$destination"`;
const SEEN = 'crosstalk_cross_tenant_last_seen_timestamp_seconds';
const CONNECTIONS = 'crosstalk_cross_tenant_connections_total';
const WATCHED = `max(crosstalk_hubble_up{${CLUSTER}}) == 1`;

/** Pairs whose last such event is younger than 15 minutes; none only where somebody is watching. */
function crossingNow(verdict: string, expected = 'false'): string {
  return (
    `count(time() - max by (cluster, source_tenant, destination_tenant) ` +
    `(last_over_time(${SEEN}{${PAIR}, verdict="${verdict}", expected="${expected}"}[15m])) < 900) ` +
    `or (vector(0) and on () (${WATCHED}))`
  );
}

/** Connections counted since the analyzers started; counters of a pair are born at 1, so increase() would miss the first. */
function connections(by: string, filter: string): string {
  return `sum by (${by}) (max by (shard, cluster, source_tenant, destination_tenant, verdict, protocol, expected) (last_over_time(${CONNECTIONS}{${PAIR}, ${filter}}[$__range])))`;
}

const LAST_SEEN = `max by (source_tenant, destination_tenant, verdict, expected) (last_over_time(${SEEN}{${PAIR}}[$__range])) * 1000`;

const VERDICT_COLORS = { allowed: RED, audited: ORANGE, denied: BLUE, expected: GREEN };
/** All of them: Grafana's palette would give some the red of a crossing. */
const RELATION_COLORS = {
  cross_tenant: RED,
  unidentified: ORANGE,
  intra_tenant: GREEN,
  tenant_to_platform: BLUE,
  platform_to_tenant: 'light-blue',
  tenant_to_world: 'purple',
  world_to_tenant: 'light-purple',
  no_tenant: GREY,
};
const DATE = [{ id: 'unit', value: 'dateTimeFromNow' }];

/**
 * "allowed" means one thing where it was agreed on and another where it was not,
 * and the colour of a cell can only come from its own value: so the cell holds
 * both labels, and shows the first.
 */
const VERDICT_CELL = [
  {
    id: 'mappings',
    value: [
      {
        type: 'value',
        options: Object.fromEntries(
          (['allowed', 'audited', 'denied'] as const).flatMap((text, index) => [
            [`${text} false`, { text, color: VERDICT_COLORS[text], index }],
            [`${text} true`, { text, color: text === 'allowed' ? GREEN : ORANGE, index: index + 3 }],
          ]),
        ),
      },
    ],
  },
  { id: 'custom.cellOptions', value: { type: 'color-text' } },
];
const EXPECTED_CELL = [
  {
    id: 'mappings',
    value: [{ type: 'value', options: { true: { text: 'yes', index: 0 }, false: { text: 'no', index: 1 } } }],
  },
];
const CELLS = { 'Last seen': DATE, Verdict: VERDICT_CELL, Expected: EXPECTED_CELL };

/** The value of VERDICT_CELL. */
function withExpectation(expr: string): string {
  return `label_join(${expr}, "verdict", " ", "verdict", "expected")`;
}

export function isolation(): Dashboard {
  return frame({
    uid: 'crosstalk-tenant-isolation',
    title: 'Tenant isolation',
    description:
      'Traffic between tenants (vClusters) of a shared host cluster, as Hubble saw it and Crosstalk judged it.',
    from: 'now-6h',
  })
    .withVariable(labelVariable('source', 'From tenant', CONNECTIONS, 'source_tenant'))
    .withVariable(labelVariable('destination', 'To tenant', CONNECTIONS, 'destination_tenant'))
    .withRow(new RowBuilder('Right now'))
    .withPanel(
      number(
        {
          title: 'Pairs of tenants crossing',
          description:
            'Pairs with traffic that arrived in the last 15 minutes and that nobody has agreed to. "Not watched" when no analyzer has a stream of flows: then nobody knows.',
          noValue: 'Not watched',
        },
        { width: 6, height: 5 },
        [RED, [0, GREEN], [1, RED]],
        { expr: crossingNow('allowed') },
      ).links([runbook('CrossTenantTrafficAllowed')]),
    )
    .withPanel(
      number(
        {
          title: 'Only audited',
          description: 'Pairs that a policy would stop if audit mode were off, in the last 15 minutes.',
          noValue: 'Not watched',
        },
        { width: 4, height: 5 },
        [ORANGE, [0, GREEN], [1, ORANGE]],
        { expr: crossingNow('audited') },
      ).links([runbook('CrossTenantTrafficAudited')]),
    )
    .withPanel(
      number(
        {
          title: 'Denied',
          description: 'Pairs whose traffic policies stopped in the last 15 minutes.',
          noValue: 'Not watched',
        },
        { width: 4, height: 5 },
        [GREY, [1, BLUE]],
        { expr: crossingNow('denied') },
      ).links([runbook('CrossTenantTrafficDenied')]),
    )
    .withPanel(
      number(
        {
          title: 'Nodes watched',
          description:
            'Share of the nodes whose flows reach an analyzer. Crossings into the others are not seen.',
          noValue: 'None',
          unit: 'percentunit',
          decimals: 0,
        },
        { width: 5, height: 5 },
        [RED, [0.9, ORANGE], [1, GREEN]],
        {
          expr: `sum(max by (shard) (crosstalk_nodes{${CLUSTER}, state="connected"})) / sum(max by (shard) (sum by (instance, pod, shard) (crosstalk_nodes{${CLUSTER}})))`,
        },
      ),
    )
    .withPanel(
      number(
        {
          title: 'Unseen in this time range',
          description:
            'Time in which flows may have passed unseen, and events that Hubble lost. Above 0, "no crossing" is not proven for the whole range.',
          noValue: 'Not watched',
          decimals: 0,
        },
        { width: 5, height: 5 },
        [GREEN, [1, ORANGE], [60, RED]],
        {
          expr: `max(increase(crosstalk_blind_seconds_total{${CLUSTER}}[$__range]))`,
          legend: 'blind seconds',
        },
        {
          expr: `max(sum by (instance, pod) (increase(crosstalk_lost_events_total{${CLUSTER}}[$__range])))`,
          legend: 'lost events',
        },
      ),
    )
    .withRow(new RowBuilder('Who reaches whom'))
    .withPanel(
      matrix(
        {
          title: 'Connections that got through, unexpected',
          description:
            'Down: the tenant that opened the connection; across: the one it reached. Counted since the analyzer started; an empty cell is none.',
          noValue: 'No unexpected connection got through',
        },
        { width: 12, height: 10 },
        { row: 'source_tenant', column: 'destination_tenant', corner: 'From ↓  To →' },
        [TRANSPARENT, [0, RED]],
        {
          expr: connections(
            'source_tenant, destination_tenant',
            'verdict=~"allowed|audited", expected="false"',
          ),
        },
      ),
    )
    .withPanel(
      rows(
        {
          title: 'Pairs, the most recent first',
          description:
            'Every pair of tenants with traffic between them in this time range. Which pods: the analyzer’s page, or /api/v1/crossings.',
          noValue: 'No traffic between tenants in this time range',
        },
        { width: 12, height: 10 },
        {
          source_tenant: 'From',
          destination_tenant: 'To',
          verdict: 'Verdict',
          expected: 'Expected',
          'Value #A': 'Last seen',
          'Value #B': 'Connections',
        },
        CELLS,
        { expr: withExpectation(LAST_SEEN) },
        {
          expr: withExpectation(
            connections('source_tenant, destination_tenant, verdict, expected', 'verdict!=""'),
          ),
        },
      ).sortBy([new TableSortByFieldStateBuilder().displayName('Last seen').desc(true)]),
    )
    .withRow(new RowBuilder('Over time'))
    .withPanel(
      lines(
        {
          title: 'Pairs of tenants, by verdict',
          description:
            'Pairs with such traffic in the five minutes before. A pair with two verdicts is in both.',
          unit: 'short',
          stacked: true,
          colors: VERDICT_COLORS,
        },
        { width: 12, height: 8 },
        {
          expr: `count by (verdict) (time() - max by (cluster, source_tenant, destination_tenant, verdict) (last_over_time(${SEEN}{${PAIR}, expected="false"}[5m])) < 300)`,
          legend: '{{verdict}}',
        },
        {
          expr: `count(time() - max by (cluster, source_tenant, destination_tenant) (last_over_time(${SEEN}{${PAIR}, expected="true"}[5m])) < 300)`,
          legend: 'expected',
        },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Connections between tenants',
          description:
            'Connections a second, each counted once. A pair’s very first one is not in a rate; the panel beside has it.',
          unit: 'cps',
          colors: VERDICT_COLORS,
        },
        { width: 12, height: 8 },
        {
          expr: `sum by (verdict) (crosstalk:cross_tenant_connections:rate5m{${PAIR}, expected="false"})`,
          legend: '{{verdict}}',
        },
        {
          expr: `sum(crosstalk:cross_tenant_connections:rate5m{${PAIR}, expected="true"})`,
          legend: 'expected',
        },
      ),
    )
    .withPanel(
      rows(
        {
          title: 'New in this time range',
          description: 'Pairs, verdicts and expectations that were not there in the day before it began.',
          noValue: 'Nothing new',
        },
        { width: 12, height: 8 },
        {
          source_tenant: 'From',
          destination_tenant: 'To',
          verdict: 'Verdict',
          expected: 'Expected',
          Value: 'Last seen',
        },
        CELLS,
        {
          expr: withExpectation(
            `${LAST_SEEN} unless max by (source_tenant, destination_tenant, verdict, expected) (last_over_time(${SEEN}{${PAIR}}[1d] offset $__range))`,
          ),
        },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'All traffic of tenants, by who is at its ends',
          description: 'Flows a second. Unidentified ones may be crossings: none of them is counted as one.',
          unit: 'cps',
          stacked: true,
          colors: RELATION_COLORS,
        },
        { width: 12, height: 8 },
        {
          expr: `sum by (relation) (crosstalk:tenant_flows:rate5m{${CLUSTER}})`,
          legend: '{{relation}}',
        },
      ),
    )
    .build();
}

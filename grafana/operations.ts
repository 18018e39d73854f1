/** "Crosstalk operations": does the watcher see everything, in time, and what does it cost? */
import { RowBuilder, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { CLUSTER, frame, labelVariable, runbook } from './frame.js';
import { GREEN, GREY, lines, number, ORANGE, RED, rows } from './panels.js';

const HERE = `${CLUSTER}, instance=~"$instance"`;
const QUARTER = { width: 6, height: 4 };
const THIRD = { width: 8, height: 8 };
const HALF = { width: 12, height: 8 };

function lag(quantile: number): string {
  return `histogram_quantile(${quantile}, sum by (le) (rate(crosstalk_flow_lag_seconds_bucket{${HERE}}[5m])))`;
}

export function operations(): Dashboard {
  return frame({
    uid: 'crosstalk-operations',
    title: 'Crosstalk operations',
    description:
      'Whether Crosstalk sees every node’s flows, in time and without loss, and what that costs. Its result is the dashboard "Tenant isolation".',
    from: 'now-3h',
  })
    .withVariable(labelVariable('instance', 'Analyzer', 'crosstalk_build_info', 'instance'))
    .withRow(new RowBuilder('At a glance'))
    .withPanel(
      number(
        {
          title: 'Analyzers with a stream',
          description: 'Of those that are scraped. Each without one judges nothing.',
          noValue: 'None',
          unit: 'percentunit',
          decimals: 0,
        },
        QUARTER,
        [RED, [1, GREEN]],
        { expr: `avg(crosstalk_hubble_up{${HERE}})` },
      ).links([runbook('CrosstalkHubbleDown')]),
    )
    .withPanel(
      number(
        {
          title: 'Nodes not watched',
          description: 'Behind the relay, and unavailable, in error or silent.',
          noValue: 'Unknown',
        },
        QUARTER,
        [RED, [0, GREEN], [1, RED]],
        { expr: `max(sum by (instance, pod) (crosstalk_nodes{${HERE}, state!="connected"}))` },
      ).links([runbook('CrosstalkNodesUnobserved')]),
    )
    .withPanel(
      number(
        {
          title: 'Lag, 99 of 100 flows',
          description:
            'From when a node saw a flow to when it was received. Alerts come as late. Above 30 s it is told.',
          noValue: 'No flows',
          unit: 's',
          decimals: 1,
        },
        QUARTER,
        [GREEN, [5, ORANGE], [30, RED]],
        { expr: lag(0.99) },
      ).links([runbook('CrosstalkLagging')]),
    )
    .withPanel(
      number(
        {
          title: 'Blind in this time range',
          description: 'Seconds in which flows may have passed that could not be read again.',
          noValue: 'Unknown',
          unit: 's',
        },
        QUARTER,
        [GREEN, [1, ORANGE], [60, RED]],
        { expr: `max(increase(crosstalk_blind_seconds_total{${HERE}}[$__range]))` },
      ).links([runbook('CrosstalkBlind')]),
    )
    .withRow(new RowBuilder('Stream and nodes'))
    .withPanel(
      lines(
        { title: 'Flows received', description: 'A second, by what they tell.', unit: 'cps', stacked: true },
        HALF,
        {
          expr: `sum by (event) (rate(crosstalk_flows_total{${HERE}}[5m])) > 0`,
          legend: '{{event}}',
        },
        { expr: `sum(rate(crosstalk_duplicate_flows_total{${HERE}}[5m])) > 0`, legend: 'received again' },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Lag',
          description: 'From the node to here. A step after a reconnect is what was read again.',
          unit: 's',
          limit: [GREEN, [30, RED]],
        },
        HALF,
        { expr: lag(0.5), legend: 'half' },
        { expr: lag(0.9), legend: '9 of 10' },
        { expr: lag(0.99), legend: '99 of 100' },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Nodes',
          description: 'By state. Silent: the relay calls it connected, but its flows do not arrive.',
          unit: 'short',
          stacked: true,
          colors: { connected: GREEN, silent: ORANGE, unavailable: RED, error: 'dark-red' },
        },
        THIRD,
        {
          // Without the states of no node: stacked, their lines would lie on top of the others'.
          expr: `sum by (state) (max by (shard, state) (crosstalk_nodes{${HERE}})) > 0`,
          legend: '{{state}}',
        },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Streams that ended',
          description:
            'In five minutes, by reason. What a reason means: the log and /api/v1/status have a hint.',
          unit: 'short',
        },
        THIRD,
        {
          expr: `sum by (reason) (increase(crosstalk_hubble_streams_ended_total{${HERE}}[5m])) > 0`,
          legend: '{{reason}}',
        },
      ).links([runbook('CrosstalkHubbleDown')]),
    )
    .withPanel(
      lines(
        {
          title: 'Seconds since the last flow',
          description: 'On a cluster with traffic this is seconds. It grows when nothing arrives.',
          unit: 's',
        },
        THIRD,
        {
          expr: `time() - max by (instance) (crosstalk_last_flow_timestamp_seconds{${HERE}} > 0)`,
          legend: '{{instance}}',
        },
      ),
    )
    .withRow(new RowBuilder('Loss'))
    .withPanel(
      lines(
        {
          title: 'Events that Hubble lost',
          description: 'A second, by where. A crossing may be among them.',
          unit: 'cps',
          colors: {
            perf_event_ring_buffer: RED,
            observer_events_queue: ORANGE,
            hubble_ring_buffer: 'purple',
            unknown: GREY,
          },
        },
        HALF,
        {
          expr: `sum by (source) (max by (shard, source) (rate(crosstalk_lost_events_total{${HERE}}[5m])))`,
          legend: '{{source}}',
        },
      ).links([runbook('CrosstalkFlowsLost')]),
    )
    .withPanel(
      lines(
        {
          title: 'Blind time',
          description: 'Seconds in five minutes.',
          unit: 's',
          limit: [GREEN, [60, RED]],
        },
        HALF,
        {
          expr: `max by (instance) (increase(crosstalk_blind_seconds_total{${HERE}}[5m]))`,
          legend: '{{instance}}',
        },
      ).links([runbook('CrosstalkBlind')]),
    )
    .withRow(new RowBuilder('Who is who'))
    .withPanel(
      lines(
        {
          title: 'Endpoints by evidence',
          description:
            'What decided to which tenant endpoints belong, since the start. "none": it stayed unknown.',
          unit: 'short',
          stacked: true,
          colors: { none: RED, config: GREEN },
        },
        THIRD,
        {
          expr: `max by (evidence) (crosstalk_endpoints_attributed_total{${HERE}}) > 0`,
          legend: '{{evidence}}',
        },
      ).links([runbook('TenantTrafficUnidentified')]),
    )
    .withPanel(
      lines({ title: 'Tenants', description: 'Seen since the start.', unit: 'short' }, THIRD, {
        expr: `max(crosstalk_tenants{${HERE}})`,
        legend: 'tenants',
      }),
    )
    .withPanel(
      lines(
        {
          title: 'Contradictions',
          description: 'Endpoints in five minutes whose pieces of evidence named different tenants.',
          unit: 'short',
          colors: { conflicts: ORANGE },
        },
        THIRD,
        {
          expr: `max(increase(crosstalk_attribution_conflicts_total{${HERE}}[5m]))`,
          legend: 'conflicts',
        },
      ).links([runbook('TenantIdentityConflict')]),
    )
    .withRow(new RowBuilder('Alerts'))
    .withPanel(
      lines(
        {
          title: 'Violations held',
          description: 'Pairs of tenants whose unexpected traffic is being told to Alertmanager.',
          unit: 'short',
          colors: { violations: RED },
        },
        HALF,
        { expr: `max(crosstalk_alerts_active{${HERE}})`, legend: 'violations' },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Posts to Alertmanager',
          description: 'In five minutes. Empty where no Alertmanager is configured.',
          unit: 'short',
        },
        HALF,
        {
          expr: `sum by (alertmanager, result) (increase(crosstalk_alertmanager_posts_total{${HERE}}[5m])) > 0`,
          legend: '{{alertmanager}} {{result}}',
        },
      ),
    )
    .withRow(new RowBuilder('Cost'))
    .withPanel(
      lines({ title: 'Processor', description: 'Cores in use. One is the most.', unit: 'short' }, THIRD, {
        expr: `rate(process_cpu_seconds_total{${HERE}}[5m]) and on (instance) crosstalk_build_info`,
        legend: '{{instance}}',
      }),
    )
    .withPanel(
      lines(
        { title: 'Memory', description: 'Resident, and of it the heap in use.', unit: 'bytes' },
        THIRD,
        {
          expr: `process_resident_memory_bytes{${HERE}} and on (instance) crosstalk_build_info`,
          legend: 'resident {{instance}}',
        },
        {
          expr: `nodejs_heap_size_used_bytes{${HERE}} and on (instance) crosstalk_build_info`,
          legend: 'heap {{instance}}',
        },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Event loop held up',
          description: 'The longest of a hundred turns. While it is held up, nothing is read.',
          unit: 's',
          limit: [GREEN, [0.05, ORANGE]],
        },
        THIRD,
        {
          expr: `nodejs_eventloop_lag_p99_seconds{${HERE}} and on (instance) crosstalk_build_info`,
          legend: '{{instance}}',
        },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Scrapes',
          description: 'How long Prometheus waited for one.',
          unit: 's',
          limit: [GREEN, [1, ORANGE]],
        },
        THIRD,
        {
          expr: `scrape_duration_seconds{${HERE}} and on (instance) crosstalk_build_info`,
          legend: '{{instance}}',
        },
      ),
    )
    .withPanel(
      lines(
        {
          title: 'Series',
          description: 'Samples of one scrape, and updates that went to __overflow__ in five minutes.',
          unit: 'short',
          colors: { overflow: RED },
        },
        THIRD,
        {
          expr: `scrape_samples_scraped{${HERE}} and on (instance) crosstalk_build_info`,
          legend: '{{instance}}',
        },
        { expr: `sum(increase(crosstalk_series_overflow_total{${HERE}}[5m]))`, legend: 'overflow' },
      ).links([runbook('CrosstalkSeriesOverflow')]),
    )
    .withPanel(
      lines(
        {
          title: 'Connections remembered',
          description: 'So that each is counted once; and those forgotten early for lack of room.',
          unit: 'short',
          colors: { evicted: RED },
        },
        THIRD,
        {
          expr: `sum by (instance) (crosstalk_tracked_connections{${HERE}})`,
          legend: '{{instance}}',
        },
        { expr: `sum(increase(crosstalk_connections_evicted_total{${HERE}}[5m]))`, legend: 'evicted' },
      ),
    )
    .withPanel(
      rows(
        {
          title: 'What is running',
          description: 'Version, and whether the configuration in force is the one last asked for.',
          noValue: 'Nothing is scraped',
        },
        { width: 24, height: 5 },
        {
          instance: 'Analyzer',
          version: 'Version',
          revision: 'Revision',
          node_version: 'Node.js',
          'Value #B': 'Last reload accepted',
          'Value #C': 'Configuration since',
        },
        {
          'Last reload accepted': [
            {
              id: 'mappings',
              value: [
                {
                  type: 'value',
                  options: {
                    0: { text: 'no', color: RED, index: 0 },
                    1: { text: 'yes', color: GREEN, index: 1 },
                  },
                },
              ],
            },
            { id: 'custom.cellOptions', value: { type: 'color-text' } },
          ],
          'Configuration since': [{ id: 'unit', value: 'dateTimeFromNow' }],
        },
        {
          expr: `max by (instance, version, revision, node_version) (crosstalk_build_info{${HERE}})`,
        },
        { expr: `max by (instance) (crosstalk_config_last_reload_successful{${HERE}})` },
        {
          expr: `max by (instance) (crosstalk_config_last_reload_success_timestamp_seconds{${HERE}}) * 1000`,
        },
      ).links([runbook('CrosstalkConfigReloadFailed')]),
    )
    .build();
}

/** What both dashboards have around their panels: identity, variables, links, marks in time. */
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './panels.js';

/** Where runbooks are read. */
const REPOSITORY = 'https://github.com/hubble-crosstalk/crosstalk/blob/main';

/** `cluster` matches everything where targets have no such label. */
export const CLUSTER = 'cluster=~"$cluster"';

export function frame(about: {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly from: string;
}): DashboardBuilder {
  return new DashboardBuilder(about.title)
    .uid(about.uid)
    .description(about.description)
    .tags(['crosstalk', 'cilium', 'hubble', 'vcluster', 'security'])
    .time({ from: about.from, to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .withVariable(
      new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus').multi(false),
    )
    .withVariable(
      labelVariable('cluster', 'Cluster', 'crosstalk_build_info', 'cluster').hide(VariableHide.DontHide),
    )
    .annotation(
      mark('Alerts', 'red', `ALERTS{alertstate="firing", alertname=~"CrossTenant.+|Tenant.+|Crosstalk.+"}`, {
        title: '{{alertname}}',
        text: '{{source_tenant}} {{destination_tenant}}',
      }),
    )
    .annotation(
      mark(
        'Configuration reloaded',
        'blue',
        `changes(crosstalk_config_last_reload_success_timestamp_seconds{${CLUSTER}}[1m]) > 0`,
        { title: 'Configuration reloaded', text: '{{instance}}' },
      ),
    )
    .link(
      new DashboardLinkBuilder('Other Crosstalk dashboards')
        .type(DashboardLinkType.Dashboards)
        .tags(['crosstalk'])
        .keepTime(true)
        .includeVars(true)
        .asDropdown(true),
    )
    .link(
      new DashboardLinkBuilder('Runbooks')
        .type(DashboardLinkType.Link)
        .url(`${REPOSITORY}/deploy/runbooks`)
        .icon('doc')
        .targetBlank(true),
    );
}

/** A choice of a label's values, all of them at first. `.*`, so that series without the label are in it. */
export function labelVariable(name: string, label: string, family: string, of: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ query: `label_values(${family}, ${of})`, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

function mark(
  name: string,
  color: string,
  expr: string,
  { title, text }: { readonly title: string; readonly text: string },
): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(color)
    .expr(expr)
    .titleFormat(title)
    .textFormat(text)
    .step('60s');
}

/** A link to what to do about it. */
export function runbook(alert: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(`Runbook: ${alert}`)
    .type(DashboardLinkType.Link)
    .url(`${REPOSITORY}/deploy/runbooks/${alert}.md`)
    .targetBlank(true);
}

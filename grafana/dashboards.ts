/** The dashboards as files: for provisioning, and as grafana.com wants them to be imported. */
import { VariableType, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { isolation } from './isolation.js';
import { operations } from './operations.js';

/** Text of every file by its path in this folder. */
export function dashboardFiles(): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const [name, dashboard] of [
    ['tenant-isolation', isolation()],
    ['crosstalk-operations', operations()],
  ] as const) {
    files[`dashboards/${name}.json`] = text(numbered(dashboard));
    files[`grafana.com/${name}.json`] = text(importable(numbered(dashboard)));
  }
  return files;
}

/**
 * Panels numbered in their order: Grafana would number them by itself, and every
 * save would be a change. `placement` is what the SDK puts on links and marks by
 * default: it would hide them in a menu.
 */
function numbered(dashboard: Dashboard): Dashboard {
  const panels = (dashboard.panels ?? []).map((panel, index) => ({ ...panel, id: index + 1 }));
  const plain = JSON.stringify({ ...dashboard, panels }, (key, value: unknown) =>
    key === 'placement' && value === 'inControlsMenu' ? undefined : value,
  );
  return JSON.parse(plain) as Dashboard;
}

/** What grafana.com adds when it exports: which data source to ask for, and what must be installed. */
function importable(dashboard: Dashboard): object {
  const panels = [...new Set((dashboard.panels ?? []).map(({ type }) => type))].filter(
    (type) => type !== 'row',
  );
  return {
    __inputs: [
      {
        name: 'DS_PROMETHEUS',
        label: 'Prometheus',
        description: 'The one that scrapes Crosstalk',
        type: 'datasource',
        pluginId: 'prometheus',
        pluginName: 'Prometheus',
      },
    ],
    __requires: [
      { type: 'grafana', id: 'grafana', name: 'Grafana', version: '10.4.0' },
      { type: 'datasource', id: 'prometheus', name: 'Prometheus', version: '1.0.0' },
      ...panels.sort().map((id) => ({ type: 'panel', id, name: id, version: '' })),
    ],
    ...dashboard,
    id: null,
    templating: {
      list: (dashboard.templating.list ?? []).map((variable) =>
        variable.type === VariableType.Datasource
          ? { ...variable, current: { selected: true, text: 'Prometheus', value: '${DS_PROMETHEUS}' } }
          : variable,
      ),
    },
  };
}

function text(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

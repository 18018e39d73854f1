/**
 * The few kinds of panels that both dashboards are made of: every one with a
 * description, a unit, and colours that mean something. Grafana's own colour names,
 * so that light and dark both have the contrast they were made with.
 */
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingMode,
  TooltipDisplayMode,
  type DataSourceRef,
} from '@grafana/grafana-foundation-sdk/common';
import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DynamicConfigValue,
  type Threshold,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

/** The dashboard's own variable: whoever has several Prometheus servers chooses there. */
export const DATASOURCE: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

export const GREEN = 'green';
export const ORANGE = 'orange';
export const RED = 'red';
export const BLUE = 'blue';
/** No name: Grafana has none for grey, and a box of `text` is black by day and white by night. */
export const GREY = '#808891';
export const TRANSPARENT = 'transparent';

/** What a query is called in the legend; `{{label}}` stands for a label's value. */
export interface Query {
  readonly expr: string;
  readonly legend?: string;
}

export interface Size {
  /** Of 24. */
  readonly width: number;
  readonly height: number;
}

interface About {
  readonly title: string;
  /** What it shows and what to make of it: shown at the (i). */
  readonly description: string;
}

/** From which value on which colour; the first has no value and is the base. */
export type Steps = readonly [base: string, ...rest: readonly (readonly [from: number, color: string])[]];

function thresholds([base, ...rest]: Steps): ThresholdsConfigBuilder {
  const steps: Threshold[] = [
    { value: null, color: base },
    ...rest.map(([value, color]) => ({ value, color })),
  ];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

function query({ expr, legend = '' }: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .datasource(DATASOURCE)
    .refId(String.fromCharCode(65 + index))
    .expr(expr)
    .legendFormat(legend);
}

/** One number to be read from across the room. Without data it says `noValue`, in the colour of the base. */
export function number(
  about: About & { readonly noValue: string; readonly unit?: string; readonly decimals?: number },
  size: Size,
  steps: Steps,
  ...queries: readonly Query[]
): stat.PanelBuilder {
  const panel = new stat.PanelBuilder()
    .title(about.title)
    .description(about.description)
    .datasource(DATASOURCE)
    .span(size.width)
    .height(size.height)
    .noValue(about.noValue)
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .textMode(queries.length > 1 ? BigValueTextMode.ValueAndName : BigValueTextMode.Value)
    .thresholds(thresholds(steps))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .unit(about.unit ?? 'short');
  if (about.decimals !== undefined) panel.decimals(about.decimals);
  for (const [index, each] of queries.entries()) panel.withTarget(query(each, index).instant());
  return panel;
}

/** Values over time; `colors` by legend, for those whose meaning has a colour. */
export function lines(
  about: About & {
    readonly unit: string;
    readonly stacked?: boolean;
    readonly colors?: Readonly<Record<string, string>>;
    readonly limit?: Steps;
  },
  size: Size,
  ...queries: readonly Query[]
): timeseries.PanelBuilder {
  const panel = new timeseries.PanelBuilder()
    .title(about.title)
    .description(about.description)
    .datasource(DATASOURCE)
    .span(size.width)
    .height(size.height)
    .unit(about.unit)
    .min(0)
    .lineWidth(2)
    .fillOpacity(about.stacked === true ? 40 : 10)
    .spanNulls(false)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (about.stacked === true) {
    panel.stacking(new common.StackingConfigBuilder().mode(StackingMode.Normal));
  }
  if (about.limit !== undefined) {
    panel
      .thresholds(thresholds(about.limit))
      .thresholdsStyle(
        new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Line),
      );
  }
  for (const [legend, color] of Object.entries(about.colors ?? {})) {
    panel.overrideByName(legend, [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }]);
  }
  for (const [index, each] of queries.entries()) panel.withTarget(query(each, index).range());
  return panel;
}

/** Series as rows. `columns` says how each label or value is called, in their order; what is not named is left out. */
export function rows(
  about: About & { readonly noValue: string },
  size: Size,
  columns: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, DynamicConfigValue[]>>,
  ...queries: readonly Query[]
): table.PanelBuilder {
  const names = Object.keys(columns);
  const panel = new table.PanelBuilder()
    .title(about.title)
    .description(about.description)
    .datasource(DATASOURCE)
    .span(size.width)
    .height(size.height)
    .noValue(about.noValue)
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'filterFieldsByName', options: { include: { names } } })
    .withTransformation({
      id: 'organize',
      options: {
        indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
        renameByName: columns,
      },
    });
  for (const type of ['string', 'number']) panel.overrideByFieldType(type, emptyCell('–'));
  for (const [name, properties] of Object.entries(overrides)) panel.overrideByName(name, properties);
  for (const [index, each] of queries.entries()) {
    panel.withTarget(query(each, index).instant().format(PromQueryFormat.Table));
  }
  return panel;
}

/** What a cell without a value says: by default what the panel says where it has no row at all. */
function emptyCell(text: string): DynamicConfigValue[] {
  return [{ id: 'noValue', value: text }];
}

/** One label down, one across, a value where they meet; cells without one stay as they are. */
export function matrix(
  about: About & { readonly noValue: string },
  size: Size,
  axes: { readonly row: string; readonly column: string; readonly corner: string },
  steps: Steps,
  cells: Query,
): table.PanelBuilder {
  return new table.PanelBuilder()
    .title(about.title)
    .description(about.description)
    .datasource(DATASOURCE)
    .span(size.width)
    .height(size.height)
    .noValue(about.noValue)
    .withTransformation({
      id: 'groupingToMatrix',
      options: {
        rowField: axes.row,
        columnField: axes.column,
        valueField: 'Value',
        emptyValue: 'null',
      },
    })
    .withTransformation({
      id: 'organize',
      // Grafana's own name for the corner.
      options: { renameByName: { [`${axes.row}\\\\${axes.column}`]: axes.corner } },
    })
    .thresholds(thresholds(steps))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .overrideByFieldType('number', [
      { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
      { id: 'decimals', value: 0 },
      ...emptyCell(''),
    ])
    .withTarget(query(cells, 0).instant().format(PromQueryFormat.Table));
}

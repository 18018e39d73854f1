/** The parts of a Grafana dashboard's JSON that the pictures obey. */

export interface Model {
  readonly title: string;
  readonly description?: string;
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly label?: string }[];
  };
  readonly panels: readonly Panel[];
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: Box;
  readonly targets?: readonly Target[];
  readonly fieldConfig?: { readonly defaults: Field; readonly overrides: readonly Override[] };
  readonly transformations?: readonly { readonly id: string; readonly options: unknown }[];
  readonly options?: Options;
}

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
  readonly format?: string;
}

/** In columns of 24 and in rows. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** How a field is shown, with the panel's defaults and the overrides that match it. */
export interface Field {
  readonly unit?: string;
  readonly decimals?: number;
  readonly noValue?: string;
  readonly mappings?: readonly Mapping[];
  readonly thresholds?: { readonly steps: readonly Step[] };
  readonly color?: { readonly mode: string; readonly fixedColor?: string };
  readonly custom?: Custom;
}

export interface Custom {
  readonly fillOpacity?: number;
  readonly stacking?: { readonly mode?: string };
  readonly thresholdsStyle?: { readonly mode: string };
  readonly cellOptions?: { readonly type: string };
}

export interface Mapping {
  readonly type: string;
  readonly options: Readonly<Record<string, { readonly text?: string; readonly color?: string }>>;
}

export interface Step {
  readonly value: number | null;
  readonly color: string;
}

interface Override {
  readonly matcher: { readonly id: string; readonly options?: unknown };
  readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
}

export interface Options {
  readonly textMode?: string;
  readonly sortBy?: readonly { readonly displayName: string; readonly desc?: boolean }[];
}

/**
 * The field `name` of a panel as Grafana would configure it: defaults, then what
 * overrides say, the later over the earlier. An unknown matcher is an error: the
 * picture would show what Grafana does not.
 */
export function fieldOf(panel: Panel, name: string, type: 'number' | 'string'): Field {
  const { defaults = {}, overrides = [] } = panel.fieldConfig ?? {};
  const matching = overrides.filter(({ matcher }) => {
    if (matcher.id === 'byName') return matcher.options === name;
    if (matcher.id === 'byType') return matcher.options === type;
    throw new Error(`no picture of a field matched ${matcher.id}`);
  });
  return matching
    .flatMap(({ properties }) => properties)
    .reduce<Field>((field, { id, value }) => withProperty(field, id, value), defaults);
}

function withProperty(field: Field, id: string, value: unknown): Field {
  const own = /^custom\.(\w+)$/.exec(id)?.[1];
  return own === undefined
    ? { ...field, [id]: value }
    : { ...field, custom: { ...field.custom, [own]: value } };
}

/** Answers as tables, through the transformations that the dashboards use, as Grafana documents them. */
import type { Answer } from './answers.js';
import type { Value } from './format.js';
import type { Panel } from './model.js';

export interface Column {
  readonly name: string;
  readonly type: 'number' | 'string';
  readonly values: readonly Value[];
}

/** Columns of one length. */
export type Table = readonly Column[];

/** @returns undefined where nothing was answered */
export function tableOf(panel: Panel, answers: readonly Answer[]): Table | undefined {
  const tables = answers
    .map((answer) => ofAnswer(answer, answers.length > 1))
    .filter((table) => table.length > 0);
  if (tables.length === 0) return undefined;
  const transformed = (panel.transformations ?? []).reduce<readonly Table[]>(
    (before, { id, options }) => transform(before, id, options),
    tables,
  );
  const [table] = transformed;
  if (table === undefined || transformed.length > 1) throw new Error(`${panel.title}: more than one table`);
  return sorted(table, panel.options?.sortBy ?? []);
}

/** An instant vector of format `table`: a column of each label, and `Value`, or `Value #A` where there are several queries. */
function ofAnswer(answer: Answer, several: boolean): Table {
  const samples = 'samples' in answer ? answer.samples : [];
  if (samples.length === 0) return [];
  const labels = [...new Set(samples.flatMap((sample) => Object.keys(sample.labels)))];
  return [
    ...labels.map((name) => ({
      name,
      type: 'string' as const,
      values: samples.map((sample) => sample.labels[name]),
    })),
    {
      name: several ? `Value #${answer.target.refId}` : 'Value',
      type: 'number',
      values: samples.map(({ value }) => (Number.isNaN(value) ? undefined : value)),
    },
  ];
}

function transform(tables: readonly Table[], id: string, options: unknown): readonly Table[] {
  switch (id) {
    case 'merge':
      return [merged(tables)];
    case 'filterFieldsByName': {
      const { names } = (options as { include: { names: readonly string[] } }).include;
      return tables.map((table) => table.filter(({ name }) => names.includes(name)));
    }
    case 'organize':
      return tables.map((table) => organized(table, options as Organize));
    case 'groupingToMatrix':
      return tables.map((table) => matrix(table, options as Matrix));
    case 'sortBy': {
      const { sort } = options as { sort: readonly { field: string; desc?: boolean }[] };
      const by = sort.map(({ field, desc = false }) => ({ displayName: field, desc }));
      return tables.map((table) => sorted(table, by));
    }
    default:
      throw new Error(`no picture of the transformation ${id}`);
  }
}

/** Rows that agree in every column that all tables have become one. */
function merged(tables: readonly Table[]): Table {
  const columns = tables.flat();
  const names = [...new Set(columns.map(({ name }) => name))];
  const keys = names.filter((key) => tables.every((table) => table.some(({ name }) => name === key)));
  const rows = new Map<string, Record<string, Value>>();
  for (const row of tables.flatMap(rowsOf)) {
    const key = JSON.stringify(keys.map((name) => row[name] ?? ''));
    rows.set(key, { ...rows.get(key), ...row });
  }
  return names.map((name) => ({
    name,
    type: columns.find((column) => column.name === name)?.type ?? 'string',
    values: [...rows.values()].map((row) => row[name]),
  }));
}

function rowsOf(table: Table): Record<string, Value>[] {
  return (table[0]?.values ?? []).map((_, at) =>
    Object.fromEntries(table.map(({ name, values }) => [name, values[at]])),
  );
}

interface Organize {
  readonly indexByName?: Readonly<Record<string, number>>;
  readonly renameByName?: Readonly<Record<string, string>>;
}

function organized(table: Table, { indexByName = {}, renameByName = {} }: Organize): Table {
  return [...table]
    .sort((a, b) => (indexByName[a.name] ?? Infinity) - (indexByName[b.name] ?? Infinity) || 0)
    .map((column) => ({ ...column, name: renameByName[column.name] ?? column.name }));
}

interface Matrix {
  readonly rowField: string;
  readonly columnField: string;
  readonly valueField: string;
}

/** The first column is named after both fields, with two backslashes between. */
function matrix(table: Table, { rowField, columnField, valueField }: Matrix): Table {
  const rows = rowsOf(table);
  const values = (field: string): string[] => [...new Set(rows.map((row) => `${row[field] ?? ''}`))];
  const down = values(rowField);
  return [
    { name: `${rowField}\\\\${columnField}`, type: 'string', values: down },
    ...values(columnField).map((across) => ({
      name: across,
      type: 'number' as const,
      values: down.map(
        (name) => rows.find((row) => row[rowField] === name && row[columnField] === across)?.[valueField],
      ),
    })),
  ];
}

/** By the first of `by`: the dashboards have no second. */
function sorted(table: Table, by: readonly { displayName: string; desc?: boolean }[]): Table {
  const [first] = by;
  const key = table.find(({ name }) => name === first?.displayName)?.values;
  if (key === undefined) return table;
  const direction = first?.desc === true ? -1 : 1;
  const order = key.map((_, at) => at).sort((a, b) => direction * compared(key[a], key[b]));
  return table.map((column) => ({ ...column, values: order.map((at) => column.values[at]) }));
}

function compared(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return `${a ?? ''}`.localeCompare(`${b ?? ''}`);
}

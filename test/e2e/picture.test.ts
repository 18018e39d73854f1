/** The pictures of the dashboards show what the model and the answers say, and nothing else. */
import { describe, expect, test } from 'vitest';
import { dashboardFiles } from '../../grafana/dashboards.js';
import type { Answer, Answers } from './picture/answers.js';
import { shade } from './picture/colors.js';
import { withUnit } from './picture/format.js';
import type { Model, Panel } from './picture/model.js';
import { draw } from './picture/picture.js';
import { tableOf } from './picture/tables.js';

const span = { from: 1_700_000_000, to: 1_700_000_600, step: 60 };
const isolation = model('tenant-isolation');
const operations = model('crosstalk-operations');

function model(name: string): Model {
  return JSON.parse(dashboardFiles()[`dashboards/${name}.json`] ?? '') as Model;
}
function panelOf({ panels }: Model, title: string): Panel {
  return panels.find((panel) => panel.title === title && panel.type !== 'row')!;
}
interface Row {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
/** One instant answer to each query of the panel. */
function instant(panel: Panel, ...answers: (readonly Row[])[]): Answer[] {
  return (panel.targets ?? []).map((target, index) => ({ target, samples: answers[index] ?? [] }));
}
/** The picture of that panel alone. */
function drawn(of: Model, panel: Panel, answers: readonly Answer[]): string {
  const all: Answers = { span, panels: { [panel.id]: answers } };
  return draw({ ...of, panels: [panel] }, all);
}

describe('a number', () => {
  const crossing = panelOf(isolation, 'Pairs of tenants crossing');
  const of = (value: number) => drawn(isolation, crossing, instant(crossing, [{ labels: {}, value }]));

  test('has the colour of the threshold it reached', () => {
    expect(of(0)).toContain(`fill="${shade('green')}"`);
    expect(of(0)).not.toContain(shade('red'));
    expect(of(3)).toContain(`fill="${shade('red')}"`);
    expect(of(3)).not.toContain(shade('green'));
  });
  test('that nobody knows says so, in the colour of the base: never green', () => {
    const picture = drawn(isolation, crossing, instant(crossing, []));
    expect(picture).toContain('>Not watched<');
    expect(picture).toContain(`fill="${shade('red')}"`);
    expect(picture).not.toContain(shade('green'));
  });
  test('carries its unit, and its name where there are two', () => {
    const nodes = panelOf(isolation, 'Nodes watched');
    expect(drawn(isolation, nodes, instant(nodes, [{ labels: {}, value: 0.83 }]))).toContain('>83%<');
    const unseen = panelOf(isolation, 'Unseen in this time range');
    const both = instant(unseen, [{ labels: {}, value: 0 }], [{ labels: {}, value: 61 }]);
    const picture = drawn(isolation, unseen, both);
    expect(picture).toContain('>blind seconds<');
    expect(picture).toContain('>lost events<');
    expect(picture).toContain(shade('green'));
    expect(picture).toContain(shade('red'));
  });
});

describe('a matrix', () => {
  const panel = panelOf(isolation, 'Connections that got through, unexpected');
  const way = (source: string, destination: string, value: number): Row => ({
    labels: { source_tenant: source, destination_tenant: destination },
    value,
  });

  test('has each value where its two tenants meet, and nothing elsewhere', () => {
    const table = tableOf(panel, instant(panel, [way('b', 'a', 7), way('c', 'a', 1), way('b', 'c', 2)]));
    expect(table?.map(({ name, values }) => [name, ...values])).toEqual([
      ['From ↓  To →', 'b', 'c'],
      ['a', 7, 1],
      ['c', 2, undefined],
    ]);
  });
  test('leaves cells without a value empty and without a colour', () => {
    const picture = drawn(isolation, panel, instant(panel, [way('b', 'a', 7), way('c', 'd', 1)]));
    expect(picture.split(shade('red')).length - 1).toBe(2);
    expect(picture).not.toContain('No unexpected connection');
  });
  test('without any says so', () => {
    expect(drawn(isolation, panel, instant(panel, []))).toContain('>No unexpected connection got through<');
  });
});

describe('a table', () => {
  const panel = panelOf(isolation, 'Pairs, the most recent first');
  const pair = (source: string, verdict: string, expected: string): Row['labels'] => ({
    source_tenant: source,
    destination_tenant: 'z',
    verdict: `${verdict} ${expected}`,
    expected,
  });
  const old = pair('old', 'allowed', 'false');
  const agreed = pair('agreed', 'allowed', 'true');
  const answers = instant(
    panel,
    [
      { labels: old, value: (span.to - 7200) * 1000 },
      { labels: agreed, value: (span.to - 120) * 1000 },
    ],
    [{ labels: agreed, value: 5 }],
  );

  test('merges its queries, renames their columns and puts the most recent first', () => {
    expect(tableOf(panel, answers)?.map(({ name, values }) => [name, ...values])).toEqual([
      ['From', 'agreed', 'old'],
      ['To', 'z', 'z'],
      ['Verdict', 'allowed true', 'allowed false'],
      ['Expected', 'true', 'false'],
      ['Last seen', (span.to - 120) * 1000, (span.to - 7200) * 1000],
      ['Connections', 5, undefined],
    ]);
  });
  test('shows values as they are mapped, and a dash where there is none', () => {
    const picture = drawn(isolation, panel, answers);
    expect(picture).toMatch(new RegExp(`fill="${shade('green')}"[^>]*>allowed<`));
    expect(picture).toMatch(new RegExp(`fill="${shade('red')}"[^>]*>allowed<`));
    expect(picture).toContain('>2 minutes ago<');
    expect(picture).toContain('>2 hours ago<');
    expect(picture).toContain('>–<');
    expect(picture).not.toContain('allowed true');
  });
  test('shows a row per analyzer where one query knows more of it than the others', () => {
    const running = panelOf(operations, 'What is running');
    const instance = { instance: 'crosstalk-0' };
    const about = { ...instance, version: '1.2.3', revision: 'abc', node_version: 'v20' };
    const table = tableOf(
      running,
      instant(
        running,
        [{ labels: about, value: 1 }],
        [{ labels: instance, value: 1 }],
        [{ labels: instance, value: 2 }],
      ),
    );
    expect(table?.map(({ values }) => values)).toEqual([
      ['crosstalk-0'],
      ['1.2.3'],
      ['abc'],
      ['v20'],
      [1],
      [2],
    ]);
  });
});

describe('lines', () => {
  const over = (
    panel: Panel,
    ...series: { labels: Row['labels']; at: readonly (readonly [number, number])[] }[]
  ): Answer[] => [
    {
      target: panel.targets![0]!,
      series: series.map(({ labels, at }) => ({
        labels,
        values: at.map(([minute, value]) => [span.from + minute * 60, value] as const),
      })),
    },
  ];
  const flat = (value: number) => [0, 1, 2, 3].map((minute) => [minute, value] as const);

  test('have the colour and the name that the model gives them', () => {
    const panel = panelOf(isolation, 'All traffic of tenants, by who is at its ends');
    const picture = drawn(
      isolation,
      panel,
      over(panel, { labels: { relation: 'cross_tenant' }, at: flat(2) }),
    );
    expect(picture).toContain('>cross_tenant<');
    expect(picture).toContain(`stroke="${shade('red')}"`);
    expect(picture).toContain(' c/s<');
  });
  test('lie on top of each other where the model stacks them', () => {
    const panel = panelOf(operations, 'Nodes');
    const states = [
      { labels: { state: 'connected' }, at: flat(4) },
      { labels: { state: 'unavailable' }, at: flat(3) },
    ];
    // Seven nodes: the axis goes beyond the higher of the two.
    expect(drawn(operations, panel, over(panel, ...states))).toContain('>8<');
    expect(drawn(operations, panel, over(panel, states[0]!))).not.toContain('>8<');
  });
  test('are not drawn where there is no value', () => {
    const panel = panelOf(operations, 'Tenants');
    const gap = [...flat(3), [7, 3], [8, 3]] as const;
    const strokes = /d="([^"]*)" fill="none" stroke/.exec(
      drawn(operations, panel, over(panel, { labels: {}, at: gap })),
    );
    expect(strokes?.[1]?.match(/M/g)).toHaveLength(2);
  });
  test('show the limit where values come near it', () => {
    const panel = panelOf(operations, 'Lag');
    const of = (value: number) => drawn(operations, panel, over(panel, { labels: {}, at: flat(value) }));
    expect(of(40)).toContain('stroke-dasharray');
    expect(of(0.2)).not.toContain('stroke-dasharray');
  });
  test('that nobody drew say that there is no data', () => {
    const panel = panelOf(operations, 'Streams that ended');
    expect(drawn(operations, panel, over(panel))).toContain('>No data<');
  });
});

test.each([
  [0.032, 's', '32 ms'],
  [90, 's', '1.5 min'],
  [0, 's', '0 s'],
  [104_857_600, 'bytes', '100 MiB'],
  [12_345, 'short', '12.3 K'],
  [0.25, 'cps', '0.25 c/s'],
])('%d as %s is "%s"', (value, unit, said) => {
  expect(withUnit(value, unit)).toBe(said);
});

test('what the picture cannot show is an error, not another picture', () => {
  const panel = panelOf(isolation, 'Nodes watched');
  expect(() => drawn(isolation, { ...panel, type: 'gauge' }, [])).toThrow('type gauge');
  expect(() => withUnit(1, 'parsec')).toThrow('unit parsec');
  expect(() => shade('mauve')).toThrow('colour mauve');
});

describe('the file', () => {
  const hostile = '</text><script>alert("1")</script>&amp;\u0000\u202e\ud800';
  const pairs = panelOf(isolation, 'Connections that got through, unexpected');
  const labels = { source_tenant: hostile, destination_tenant: `x${hostile}` };

  test('is XML, whatever tenants are called', () => {
    const picture = drawn(isolation, pairs, instant(pairs, [{ labels, value: 1 }]));
    expect(picture).toContain('&lt;/text&gt;');
    expect(picture).not.toContain('<script');
    expect(() => wellFormed(picture)).not.toThrow();
  });
  test.each([isolation, operations])('is XML without any answer', (of) => {
    expect(() => wellFormed(draw(of, { span, panels: {} }))).not.toThrow();
  });
  test('the test of XML fails where it is none', () => {
    expect(() => wellFormed('<a><b></a>')).toThrow('</a>');
    expect(() => wellFormed('<a>1 & 2</a>')).toThrow('&');
    expect(() => wellFormed('<a b="<">x</a>')).toThrow('<');
    expect(() => wellFormed('<a b="&">x</a>')).toThrow('<');
    expect(() => wellFormed('<a>\u0001</a>')).toThrow('control');
  });
});

/** Tags that match, and no stray `<`, `&` or control character between them. */
function wellFormed(xml: string): void {
  if (Array.from(xml).some((letter) => letter < ' ' && letter !== '\n'))
    throw new Error('a control character');
  if (Buffer.from(xml).toString() !== xml) throw new Error('half a surrogate pair');
  const open: string[] = [];
  const rest = xml.replace(
    /<(\/?)([a-z]+)((?: [a-zA-Z-]+="(?:[^"<&]|&(?:amp|lt|gt|quot);)*")*)(\/?)>/g,
    (all, end: string, name: string, __: string, empty: string) => {
      if (end !== '' && open.pop() !== name) throw new Error(`${all} closes nothing`);
      if (end === '' && empty === '') open.push(name);
      return '';
    },
  );
  const stray = /<|&(?!(?:amp|lt|gt|quot);)/.exec(rest);
  if (stray !== null) throw new Error(`stray ${stray[0]}`);
  if (open.length > 0) throw new Error(`${open.join()} left open`);
}

/** What series are called and which colours they have. */
import type { Answer, Series } from './answers.js';
import { fromPalette, shade, SOFT } from './colors.js';
import { fieldOf, type Box, type Field, type Panel, type Target } from './model.js';
import { tag, text, widthOf } from './svg.js';

export interface Named {
  readonly name: string;
  readonly color: string;
  readonly field: Field;
  readonly values: Series['values'];
}

/** By the query's legend, or all labels where it has none. */
export function nameOf({ legendFormat = '' }: Target, labels: Series['labels']): string {
  if (legendFormat !== '') {
    return legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? '');
  }
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return pairs.length === 0 ? 'Value' : `{${pairs.join(', ')}}`;
}

/** The series of a panel; those without a colour of their own take theirs from the palette, in their order. */
export function namedSeries(panel: Panel, answers: readonly Answer[]): readonly Named[] {
  const all = answers.flatMap((answer) =>
    'series' in answer
      ? answer.series.map((series) => ({ ...series, name: nameOf(answer.target, series.labels) }))
      : [],
  );
  return all.map(({ name, values }, index) => {
    const field = fieldOf(panel, name, 'number');
    const fixed = field.color?.mode === 'fixed' ? field.color.fixedColor : undefined;
    return { name, values, field, color: fixed === undefined ? fromPalette(index) : shade(fixed) };
  });
}

const LINE = 15;

/** Lines of entries, from the left; as many as they need. */
export function legendLines(series: readonly Named[], width: number): readonly (readonly Named[])[] {
  const lines: Named[][] = [[]];
  let used = 0;
  for (const one of series) {
    const wanted = entryWidth(one);
    if (used > 0 && used + wanted > width) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)?.push(one);
    used += wanted;
  }
  return lines;
}

function entryWidth({ name }: Named): number {
  return widthOf(name, 11) + 28;
}

export function legendHeight(lines: readonly unknown[]): number {
  return lines.length * LINE + 3;
}

export function drawLegend(lines: readonly (readonly Named[])[], box: Box): string {
  return lines
    .map((line, at) => {
      let x = box.x;
      const y = box.y + at * LINE + 11;
      return line
        .map((one) => {
          const entry =
            tag('rect', { x, y: y - 5, width: 12, height: 3, rx: 1.5, fill: one.color }) +
            text(x + 17, y, one.name, { size: 11, fill: SOFT, room: box.w - 17 });
          x += entryWidth(one);
          return entry;
        })
        .join('');
    })
    .join('');
}

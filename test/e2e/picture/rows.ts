/** Tables and matrices. */
import type { Answer } from './answers.js';
import { INK, inkOn, LINE, SOFT } from './colors.js';
import { shown } from './format.js';
import { fieldOf, type Box, type Panel } from './model.js';
import { tag, text, widthOf } from './svg.js';
import { tableOf, type Column, type Table } from './tables.js';

const ROW = 25;
const PADDING = 7;
const SIZE = 11.5;

/** @param box in pixels, without the panel's title */
export function drawRows(panel: Panel, answers: readonly Answer[], box: Box, now: number): string {
  const table = tableOf(panel, answers);
  if (table === undefined) {
    const { noValue = 'No data' } = panel.fieldConfig?.defaults ?? {};
    return text(box.x + box.w / 2, box.y + box.h / 2, noValue, { anchor: 'middle', fill: SOFT });
  }
  const widths = shares(panel, table, box.w, now);
  const fitting = Math.floor(box.h / ROW) - 1;
  const rows = table[0]?.values.length ?? 0;
  const visible = rows > fitting ? fitting - 1 : rows;
  const columns = table.map((column, index) => {
    const x = box.x + widths.slice(0, index).reduce((sum, width) => sum + width, 0);
    return drawColumn(panel, column, { x, y: box.y, w: widths[index] ?? 0, h: visible }, now);
  });
  const rules = Array.from({ length: visible + 1 }, (_, at) =>
    tag('path', { d: `M${box.x} ${box.y + (at + 1) * ROW - 0.5}h${box.w}`, stroke: LINE }),
  );
  const more =
    rows > visible
      ? text(box.x + PADDING, box.y + (visible + 1) * ROW + 17, `and ${rows - visible} more`, { fill: SOFT })
      : '';
  return columns.join('') + rules.join('') + more;
}

/** Grafana gives all columns the same room; here each gets what its longest cell asks for. */
function shares(panel: Panel, table: Table, room: number, now: number): number[] {
  const wanted = table.map((column) => {
    const field = fieldOf(panel, column.name, column.type);
    const texts = [column.name, ...column.values.map((value) => shown(value, field, now).text)];
    return Math.max(...texts.map((said) => widthOf(said, SIZE))) + 2 * PADDING;
  });
  const total = wanted.reduce((sum, width) => sum + width, 0);
  return wanted.map((width) =>
    total > room ? (width / total) * room : width + (room - total) / wanted.length,
  );
}

/** @param box its height in rows */
function drawColumn(panel: Panel, { name, type, values }: Column, box: Box, now: number): string {
  const field = fieldOf(panel, name, type);
  const cells = values.slice(0, box.h).map((value, at) => {
    const y = box.y + (at + 1) * ROW;
    const { text: said, color } = shown(value, field, now);
    const filled = field.custom?.cellOptions?.type === 'color-background';
    const colored = field.custom?.cellOptions?.type === 'color-text';
    const ground =
      filled && color !== 'none'
        ? tag('rect', { x: box.x + 1, y: y + 1, width: box.w - 2, height: ROW - 3, rx: 2, fill: color })
        : '';
    const fill = filled ? inkOn(color) : colored ? color : INK;
    return ground + aligned(said, type, box, y, { fill, weight: filled || colored ? 600 : 400 });
  });
  return aligned(name, type, box, box.y, { fill: SOFT, weight: 600 }) + cells.join('');
}

function aligned(
  said: string,
  type: Column['type'],
  { x, w }: Box,
  y: number,
  { fill, weight }: { readonly fill: string; readonly weight: number },
): string {
  const letters = { fill, size: SIZE, room: w - 2 * PADDING + 2, ...(weight === 400 ? {} : { weight }) };
  if (said === '') return '';
  return type === 'number'
    ? text(x + w - PADDING, y + 17, said, { ...letters, anchor: 'end' })
    : text(x + PADDING, y + 17, said, letters);
}

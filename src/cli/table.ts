/** Columns of text for a terminal. */
import { plain } from '../outside.js';

export interface Column {
  readonly title: string;
  /** Numbers stand under each other at their ends. */
  readonly align?: 'right';
}

/** More than a screen or two is not read; --output json has every row. */
const MOST_ROWS = 100;

/** Rows as lines, two spaces between columns, each line indented by two. Cells are made fit for a terminal. */
export function table(columns: readonly Column[], all: readonly (readonly (string | number)[])[]): string {
  const rows = all.slice(0, MOST_ROWS);
  const more = all.length - rows.length;
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? thousands(cell) : plain(cell, 120))),
  );
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const cell = row[index] ?? '';
        const width = widths[index] ?? 0;
        return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const lines = [columns.map(({ title }) => title), ...cells].map((row) => `  ${line(row)}\n`);
  return lines.join('') + (more > 0 ? `  … and ${thousands(more)} more; --output json has all\n` : '');
}

export function thousands(count: number): string {
  return count.toLocaleString('en');
}

/** `1 flow`, `2,000 flows` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${thousands(count)} ${count === 1 ? one : many}`;
}

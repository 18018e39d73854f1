/** A dashboard as an SVG: its panels where the model puts them, with what Prometheus answered. */
import type { Answers } from './answers.js';
import { INK, LINE, SOFT } from './colors.js';
import { drawLines } from './lines.js';
import type { Box, Model, Panel } from './model.js';
import { drawNumber } from './number.js';
import { drawRows } from './rows.js';
import { escaped, tag, text } from './svg.js';

const WIDTH = 1000;
const MARGIN = 12;
const HEAD = 44;
const FOOT = 26;
const COLUMN = (WIDTH - 2 * MARGIN) / 24;
const ROW = 26;
const GAP = 8;
const TITLE = 24;

const FOOTNOTE =
  'Drawn by the tests from the dashboard’s model and Prometheus’ answers, while two analyzers watched a simulated cluster. Grafana draws it in its own style.';

export function draw(model: Model, answers: Answers): string {
  const rows = Math.max(...model.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  const height = HEAD + rows * ROW + FOOT;
  const panels = model.panels.map((panel) => drawPanel(panel, answers));
  return `${tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${WIDTH} ${height}`,
      'font-family': "system-ui, -apple-system, 'Segoe UI', sans-serif",
      'font-size': 12,
      fill: INK,
      role: 'img',
      'aria-labelledby': 't d',
    },
    [
      `<title id="t">Grafana dashboard: ${escaped(model.title)}</title>`,
      `<desc id="d">${escaped(model.description ?? '')}</desc>`,
      tag('rect', { width: WIDTH, height, rx: 8, fill: '#f3f5f7' }),
      drawHead(model, answers),
      ...panels,
      text(WIDTH / 2, height - 10, FOOTNOTE, { anchor: 'middle', size: 10.5, fill: SOFT }),
    ].join('\n'),
  )}\n`;
}

function drawHead({ title, templating }: Model, { span }: Answers): string {
  const clock = (time: number): string => new Date(time * 1000).toISOString().slice(11, 16);
  const chosen = templating.list
    .filter(({ type }) => type === 'query')
    .map(({ label, name }) => `${label ?? name}: All`);
  return (
    text(MARGIN + 4, 29, title, { size: 19, weight: 600 }) +
    text(WIDTH - MARGIN - 4, 28, [...chosen, `${clock(span.from)} – ${clock(span.to)} UTC`].join('  ·  '), {
      anchor: 'end',
      fill: SOFT,
    })
  );
}

function drawPanel(panel: Panel, answers: Answers): string {
  const { gridPos: grid, title } = panel;
  const x = MARGIN + grid.x * COLUMN + (grid.x === 0 ? 0 : GAP / 2);
  const right = MARGIN + (grid.x + grid.w) * COLUMN - (grid.x + grid.w === 24 ? 0 : GAP / 2);
  const box: Box = { x, y: HEAD + grid.y * ROW, w: right - x, h: grid.h * ROW - GAP };
  if (panel.type === 'row') return text(x + 4, box.y + 15, title, { size: 14, weight: 600 });
  const inside: Box = { x: x + 1, y: box.y + TITLE, w: box.w - 2, h: box.h - TITLE - 2 };
  return (
    tag('rect', { x: box.x, y: box.y, width: box.w, height: box.h, rx: 4, fill: '#ffffff', stroke: LINE }) +
    text(x + 10, box.y + 17, title, { weight: 600, room: box.w - 16 }) +
    drawInside(panel, answers, inside)
  );
}

function drawInside(panel: Panel, { panels, span }: Answers, box: Box): string {
  const own = panels[panel.id] ?? [];
  switch (panel.type) {
    case 'stat':
      return drawNumber(panel, own, { x: box.x + 5, y: box.y, w: box.w - 10, h: box.h - 5 }, span.to * 1000);
    case 'timeseries':
      return drawLines(panel, own, box, span);
    case 'table':
      return drawRows(panel, own, box, span.to * 1000);
    default:
      throw new Error(`no picture of a panel of type ${panel.type}`);
  }
}

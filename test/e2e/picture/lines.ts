/** Values over time: lines, or areas on top of each other. */
import type { Answer, Span } from './answers.js';
import {
  drawLimit,
  drawTimeTick,
  drawValueTick,
  LEFT,
  limits,
  TIMES,
  timeTicks,
  valueTicks,
} from './axes.js';
import { shade, SOFT } from './colors.js';
import { withUnit } from './format.js';
import { drawLegend, legendHeight, legendLines, namedSeries, type Named } from './legend.js';
import type { Box, Panel } from './model.js';
import { short, tag, text } from './svg.js';

/** A series with where it begins: on zero, or on what is below it. */
interface Curve extends Named {
  readonly points: readonly (readonly [time: number, top: number, bottom: number])[];
}

/** @param box in pixels, without the panel's title */
export function drawLines(panel: Panel, answers: readonly Answer[], box: Box, span: Span): string {
  const curves = curvesOf(namedSeries(panel, answers));
  if (curves.length === 0) {
    return text(box.x + box.w / 2, box.y + box.h / 2, 'No data', { anchor: 'middle', fill: SOFT });
  }
  const legend = legendLines(curves, box.w - 8);
  const plot: Box = {
    x: box.x + LEFT,
    y: box.y + 6,
    w: box.w - LEFT - 10,
    h: box.h - 6 - TIMES - legendHeight(legend),
  };
  const { unit = 'short' } = panel.fieldConfig?.defaults ?? {};
  const ticks = valueTicks(
    curves.flatMap(({ points }) => points.map(([, value]) => value)),
    unit,
  );
  const top = ticks.at(-1) ?? 1;
  const x = (time: number): number => plot.x + ((time - span.from) / (span.to - span.from)) * plot.w;
  const y = (value: number): number => plot.y + plot.h - (Math.max(0, value) / top) * plot.h;
  return [
    ...ticks.map((value) => drawValueTick(withUnit(value, unit), y(value), plot)),
    ...timeTicks(span).map((time) => drawTimeTick(time, x(time), plot)),
    ...limits(panel, top).map(({ value, color }) => drawLimit(y(value), shade(color), plot)),
    ...[...curves].reverse().map((curve) => drawCurve(curve, x, y, span.step)),
    drawLegend(legend, { ...box, x: box.x + 6, y: plot.y + plot.h + TIMES, w: box.w - 8 }),
  ].join('');
}

function curvesOf(series: readonly Named[]): readonly Curve[] {
  const height = new Map<number, number>();
  return series.map((one) => {
    const stacked = (one.field.custom?.stacking?.mode ?? 'none') !== 'none';
    const points = one.values
      .filter(([, value]) => Number.isFinite(value))
      .map(([time, value]): Curve['points'][number] => {
        const bottom = stacked ? (height.get(time) ?? 0) : 0;
        if (stacked) height.set(time, bottom + value);
        return [time, bottom + value, bottom];
      });
    return { ...one, points };
  });
}

/** Where values are missing the line is, too (spanNulls is false); a value alone is a dot. */
function drawCurve(
  { points, color, field }: Curve,
  x: (time: number) => number,
  y: (value: number) => number,
  step: number,
): string {
  const parts: Curve['points'][number][][] = [];
  let before = -Infinity;
  for (const point of points) {
    if (point[0] - before > step * 1.5) parts.push([]);
    parts.at(-1)?.push(point);
    before = point[0];
  }
  const opacity = (field.custom?.fillOpacity ?? 0) / 100;
  const dots = parts.filter(({ length }) => length === 1).flat();
  const runs = parts.filter(({ length }) => length > 1);
  const tops = runs.map((run) => simplified(run.map(([time, top]) => [x(time), y(top)])));
  const bottoms = runs.map((run) => simplified(run.map(([time, , bottom]) => [x(time), y(bottom)])));
  const area = tops.map((above, at) => `M${path([...above, ...[...(bottoms[at] ?? [])].reverse()])}z`);
  return (
    (area.length > 0 && opacity > 0
      ? tag('path', { d: area.join(''), fill: color, 'fill-opacity': opacity.toFixed(2) })
      : '') +
    (tops.length > 0
      ? tag('path', {
          d: tops.map((run) => `M${path(run)}`).join(''),
          fill: 'none',
          stroke: color,
          'stroke-width': 1.8,
          'stroke-linejoin': 'round',
        })
      : '') +
    dots.map(([time, top]) => tag('circle', { cx: x(time), cy: y(top), r: 2, fill: color })).join('')
  );
}

type Point = readonly [x: number, y: number];

/** Without the points that lie on the line between their neighbours. */
function simplified(points: readonly Point[]): readonly Point[] {
  const kept: Point[] = [];
  for (const [at, point] of points.entries()) {
    const [last, next] = [kept.at(-1), points[at + 1]];
    if (last === undefined || next === undefined || !between(last, point, next)) kept.push(point);
  }
  return kept;
}

function between([x0, y0]: Point, [x, y]: Point, [x1, y1]: Point): boolean {
  return Math.abs(y0 + ((y1 - y0) * (x - x0)) / (x1 - x0) - y) < 0.05;
}

function path(points: readonly Point[]): string {
  return points.map(([x, y]) => `${short(x)} ${short(y)}`).join('L');
}

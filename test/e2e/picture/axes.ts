/** What is around lines: values at the left, times below, limits across. */
import type { Span } from './answers.js';
import { LINE, SOFT } from './colors.js';
import type { Box, Panel } from './model.js';
import { short, tag, text } from './svg.js';

/** Room for the values. */
export const LEFT = 56;
/** Room for the times. */
export const TIMES = 18;

/** From zero in round steps to above the highest; whole numbers have no steps between them. */
export function valueTicks(values: readonly number[], unit: string): number[] {
  const most = (Math.max(...values) || 1 / 1.05) * 1.05;
  const base = unit === 'bytes' ? 1024 ** Math.max(0, Math.floor(Math.log(most) / Math.log(1024))) : 1;
  const rough = most / base / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const round = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? power;
  const step = base * (values.every(Number.isInteger) ? Math.max(1, round) : round);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, at) => at * step);
}

const TIME_STEPS = [30, 60, 120, 300, 600, 900, 1800, 3600];

export function timeTicks({ from, to }: Span): number[] {
  const step = TIME_STEPS.find((seconds) => (to - from) / seconds <= 6) ?? 7200;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, at) => first + at * step);
}

export function drawValueTick(said: string, y: number, plot: Box): string {
  return (
    tag('path', { d: `M${short(plot.x)} ${short(y)}h${short(plot.w)}`, stroke: LINE, 'stroke-width': 0.7 }) +
    text(plot.x - 6, y + 3.5, said, { size: 10.5, anchor: 'end', fill: SOFT, room: LEFT - 8 })
  );
}

export function drawTimeTick(time: number, x: number, plot: Box): string {
  const said = new Date(time * 1000).toISOString().slice(11, 16);
  const right = plot.x + plot.w - 8;
  return text(Math.min(x, right), plot.y + plot.h + 14, said, { size: 10.5, anchor: 'middle', fill: SOFT });
}

/** Thresholds that the panel shows as lines, where they are within what is drawn. */
export function limits({ fieldConfig }: Panel, top: number): { value: number; color: string }[] {
  const { thresholds, custom } = fieldConfig?.defaults ?? {};
  if (custom?.thresholdsStyle?.mode !== 'line') return [];
  return (thresholds?.steps ?? []).flatMap(({ value, color }) =>
    value !== null && value <= top ? [{ value, color }] : [],
  );
}

export function drawLimit(y: number, stroke: string, plot: Box): string {
  return tag('path', {
    d: `M${short(plot.x)} ${short(y)}h${short(plot.w)}`,
    stroke,
    'stroke-width': 1.5,
    'stroke-dasharray': '6 4',
  });
}

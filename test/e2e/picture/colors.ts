/**
 * Colours of a light page. The names are Grafana's
 * (packages/grafana-data/src/themes/createVisualizationColors.ts); the shades are
 * chosen so that what `inkOn` writes on each can be read.
 */
import type { Field } from './model.js';

const NAMED: Readonly<Record<string, string>> = {
  red: '#cf222e',
  'dark-red': '#82071e',
  orange: '#c45100',
  yellow: '#9a6700',
  green: '#1f883d',
  blue: '#0969da',
  'light-blue': '#54aeff',
  purple: '#8250df',
  'light-purple': '#c297ff',
  text: '#24292f',
  transparent: 'none',
};

/** For series whose meaning has no colour: Okabe and Ito's, which people who confuse red and green tell apart. */
const PALETTE = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#5b4b8a', '#7a7a00'];

export const INK = '#24292f';
export const SOFT = '#57606a';
export const LINE = '#d8dee4';

/** An unknown name is an error: the picture would show another colour than Grafana. */
export function shade(name: string): string {
  if (name.startsWith('#')) return name;
  const found = NAMED[name];
  if (found === undefined) throw new Error(`no picture of the colour ${name}`);
  return found;
}

export function fromPalette(index: number): string {
  return PALETTE[index % PALETTE.length] ?? INK;
}

/** What to write with on `background`. */
export function inkOn(background: string): string {
  if (background === 'none') return INK;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => parseInt(background.slice(at, at + 2), 16));
  return 0.3 * red + 0.59 * green + 0.11 * blue > 150 ? INK : '#ffffff';
}

/** The colour of a value by the thresholds; without a value, that of the base. */
export function byThreshold({ thresholds }: Field, value: number | undefined): string {
  const reached = (thresholds?.steps ?? []).filter(
    ({ value: from }) => from === null || (value !== undefined && value >= from),
  );
  return shade(reached.at(-1)?.color ?? 'text');
}

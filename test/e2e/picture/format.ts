/** Values as Grafana writes them, by the units that the dashboards use. */
import { byThreshold, shade } from './colors.js';
import type { Field } from './model.js';

export type Value = number | string | undefined;

export interface Shown {
  readonly text: string;
  readonly color: string;
}

/**
 * Text and colour of a value: mapping, then unit; what is missing is `noValue` in
 * the base's colour (grafana-data/src/field/displayProcessor.ts).
 *
 * @param now milliseconds since the epoch
 */
export function shown(value: Value, field: Field, now: number): Shown {
  const mapped = mappedBy(field, value);
  const number = typeof value === 'number' ? value : undefined;
  const color =
    mapped?.color ?? (field.color?.mode === 'fixed' ? (field.color.fixedColor ?? 'text') : undefined);
  return {
    text:
      mapped?.text ?? (value === undefined || value === '' ? (field.noValue ?? '') : said(value, field, now)),
    color: color === undefined ? byThreshold(field, number) : shade(color),
  };
}

function mappedBy({ mappings = [] }: Field, value: Value): { text?: string; color?: string } | undefined {
  for (const { type, options } of mappings) {
    if (type !== 'value') throw new Error(`no picture of a mapping by ${type}`);
    const found = options[`${value ?? ''}`];
    if (found !== undefined) return found;
  }
  return undefined;
}

function said(value: number | string, { unit = 'none', decimals }: Field, now: number): string {
  if (typeof value === 'string') return value;
  return withUnit(value, unit, decimals, now);
}

const SECONDS: readonly Scale[] = [
  [86_400, ' d'],
  [3600, ' h'],
  [60, ' min'],
  [1, ' s'],
  [0.001, ' ms'],
  [0.000_001, ' µs'],
];
const THOUSANDS: readonly Scale[] = [
  [1e9, ' Bil'],
  [1e6, ' Mil'],
  [1e3, ' K'],
  [1, ''],
];
const BYTES: readonly Scale[] = [
  [1024 ** 3, ' GiB'],
  [1024 ** 2, ' MiB'],
  [1024, ' KiB'],
  [1, ' B'],
];
type Scale = readonly [from: number, suffix: string];

export function withUnit(value: number, unit: string, decimals?: number, now = 0): string {
  switch (unit) {
    case 'none':
      return rounded(value, decimals);
    case 'short':
      return scaled(value, THOUSANDS, decimals);
    case 'cps':
      return `${scaled(value, THOUSANDS, decimals)} c/s`;
    case 's':
      return value === 0 ? `${rounded(0, decimals)} s` : scaled(value, SECONDS, decimals);
    case 'bytes':
      return scaled(value, BYTES, decimals);
    case 'percentunit':
      return `${rounded(value * 100, decimals)}%`;
    case 'dateTimeFromNow':
      return ago((now - value) / 1000);
    default:
      throw new Error(`no picture of the unit ${unit}`);
  }
}

function scaled(value: number, scales: readonly Scale[], decimals: number | undefined): string {
  const [from, suffix] = scales.find(([least]) => Math.abs(value) >= least) ?? scales.at(-1) ?? [1, ''];
  return `${rounded(value / (value === 0 ? 1 : from), decimals)}${value === 0 ? (scales.find(([least]) => least === 1)?.[1] ?? '') : suffix}`;
}

/** Without `decimals`, about three digits, and no zeros at the end. */
function rounded(value: number, decimals: number | undefined): string {
  if (decimals !== undefined) return value.toFixed(decimals);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return `${Number(value.toFixed(Math.min(digits, 6)))}`;
}

/** As moment.js says it, from which Grafana has it. */
function ago(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  const hours = Math.round(seconds / 3600);
  if (seconds < 45) return 'a few seconds ago';
  if (seconds < 90) return 'a minute ago';
  if (minutes < 45) return `${minutes} minutes ago`;
  if (minutes < 90) return 'an hour ago';
  if (hours < 22) return `${hours} hours ago`;
  return hours < 36 ? 'a day ago' : `${Math.round(hours / 24)} days ago`;
}

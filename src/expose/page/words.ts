/** Numbers and times as people read them. English, UTC: the same for everyone who shares a screenshot. */
import { html, type Html } from './html.js';

/** `12,345`, of a whole number. By hand: Intl's tables are six megabytes of a process that needs nothing else of them. */
export function number(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `12K`, for where there is little room: two digits that count, or three before the point; up to 999 in full. */
export function compact(value: number): string {
  let [scaled, unit] = [value, 0];
  while (unit < THOUSANDS.length - 1 && Math.round(scaled) >= 1_000) {
    scaled /= 1_000;
    unit += 1;
  }
  const digits = unit > 0 && scaled < 9.95 ? Math.round(scaled * 10) / 10 : Math.round(scaled);
  return `${digits}${THOUSANDS[unit]}`;
}

const THOUSANDS = ['', 'K', 'M', 'B', 'T'] as const;

/** `1 node`, `3 nodes` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

/** `3 minutes`, rounded down, at least a second. @param ms duration in milliseconds */
export function duration(ms: number): string {
  const [unit, length] = UNITS.find(([, unitMs]) => ms >= unitMs) ?? ['second', 1_000];
  return counted(Math.max(1, Math.floor(ms / length)), unit);
}

/** `3 minutes ago`; a clock that is ahead of ours has no future. @param time RFC 3339 */
export function ago(time: string, now: number): string {
  const passed = now - Date.parse(time);
  return passed < 1_000 ? 'just now' : `${duration(passed)} ago`;
}

/** The time of day, with the date where that is another day than now. */
export function clock(time: string, now: number): Html {
  const [day = '', rest = ''] = time.split('T');
  const isToday = new Date(now).toISOString().startsWith(day);
  return html`<time datetime="${time}" title="${time}">${isToday ? '' : `${day} `}${rest.slice(0, 8)}</time>`;
}

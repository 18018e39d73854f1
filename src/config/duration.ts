/**
 * Durations as Prometheus writes them: `0s`, `15m`, `1h30m`, `1d`, `500ms`;
 * units from the largest to the smallest, each at most once, whole numbers;
 * `0` alone needs no unit (prometheus/common model.ParseDuration).
 */
const UNITS = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** The same as a pattern, for the JSON Schema of the file; in RE2's words, which Helm reads it with. Not empty, besides. */
export const DURATION =
  /^(?:0|(?:\d{1,9}y)?(?:\d{1,9}w)?(?:\d{1,9}d)?(?:\d{1,9}h)?(?:\d{1,9}m)?(?:\d{1,9}s)?(?:\d{1,9}ms)?)$/;

/** @returns milliseconds, or undefined when the text is no duration */
export function parseDuration(text: string): number | undefined {
  if (text === '' || !DURATION.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+)(ms|[ywdhms])/g)) {
    total += Number(number) * (UNITS.find(([name]) => name === unit)?.[1] ?? 0);
  }
  return total;
}

/** The shortest way to write it: 900000 is `15m`, 5400000 is `1h30m`. Weeks and years are left out, they are rarely meant. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  let rest = milliseconds;
  let text = '';
  for (const [unit, size] of UNITS.slice(2)) {
    const whole = Math.floor(rest / size);
    if (whole > 0) text += `${whole}${unit}`;
    rest -= whole * size;
  }
  return text;
}

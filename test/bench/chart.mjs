// Small pictures of numbers, as SVG: bars with their spread.
const WIDTH = 800;
const LABELS = 310;
const ROW = 30;
const TOP = 44;
const RIGHT = 110;

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/**
 * @param {string} title
 * @param {{ label: string, value: number, least: number, most: number, ours?: boolean }[]} bars
 * @param {{ unit: string, goal?: number }} options a goal is a line across
 */
export function barChart(title, bars, { unit, goal }) {
  const top = Math.max(...bars.map(({ most }) => most), goal ?? 0) * 1.02;
  const x = (value) => LABELS + (value / top) * (WIDTH - LABELS - RIGHT);
  const height = TOP + bars.length * ROW + 12;
  const rows = bars.map(({ label, value, least, most, ours }, at) => {
    const y = TOP + at * ROW;
    const middle = y + 10;
    return [
      `<text x="${LABELS - 8}" y="${y + 14}" text-anchor="end"${ours ? ' font-weight="600"' : ''}>${escaped(label)}</text>`,
      `<rect x="${LABELS}" y="${y}" width="${(x(value) - LABELS).toFixed(1)}" height="20" rx="2" fill="${ours ? '#1f6feb' : '#8c959f'}"/>`,
      `<path d="M${x(least).toFixed(1)} ${middle}H${x(most).toFixed(1)}M${x(least).toFixed(1)} ${middle - 4}v8M${x(most).toFixed(1)} ${middle - 4}v8" stroke="#24292f" stroke-width="1.2" fill="none"/>`,
      `<text x="${(x(most) + 8).toFixed(1)}" y="${y + 14}">${said(value)} ${unit}</text>`,
    ].join('');
  });
  const line =
    goal === undefined
      ? ''
      : `<path d="M${x(goal).toFixed(1)} ${TOP - 6}V${height - 8}" stroke="#cf222e" stroke-dasharray="5 4"/>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12.5" fill="#24292f" role="img" aria-label="${escaped(title)}">`,
    `<rect width="100%" height="100%" fill="#fff"/><text x="12" y="24" font-size="14" font-weight="600">${escaped(title)}</text>`,
    ...rows,
    `${line}</svg>\n`,
  ].join('\n');
}

export function said(value) {
  if (value >= 1_000) return Math.round(value).toLocaleString('en');
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

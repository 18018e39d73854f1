/** What a tone is called and coloured where there is room for one word or one dot: in the tab. */
import type { Tone } from '../api.js';

export const TITLES: Readonly<Record<Tone, string>> = {
  alarm: 'Got through',
  blind: 'Not watching',
  partial: 'Partly watched',
  quiet: 'Quiet',
};

const ICON_COLOURS: Readonly<Record<Tone, string>> = {
  alarm: '#b3261e',
  blind: '#3b3f46',
  partial: '#9a6700',
  quiet: '#3f6b4a',
};

export function icon(tone: Tone): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${ICON_COLOURS[tone]}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

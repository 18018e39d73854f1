/**
 * The marks of a verdict: a shape, a word and a colour, so that none of the three
 * is needed to tell them apart. Unexpected traffic that arrived is the one solid shape.
 */
import { html, Html } from './html.js';

export const MARKS = {
  allowed: { word: 'allowed', meaning: 'arrived, and nobody agreed on it' },
  audited: { word: 'audited', meaning: 'arrived; a policy in audit mode would have stopped it' },
  denied: { word: 'denied', meaning: 'stopped by a policy' },
  expected: { word: 'expected', meaning: 'agreed on in the configuration' },
} as const;
export type Mark = keyof typeof MARKS;

/** Shapes for `<use>`, once a page. */
export const SHAPES = new Html(`<svg class="shapes" aria-hidden="true">
<symbol id="allowed" viewBox="0 0 16 16"><path class="solid" d="M8 1.2 15.4 14.6H.6z"/><path class="cut" d="M8 6v4.2M8 12v.4"/></symbol>
<symbol id="audited" viewBox="0 0 16 16"><path class="line" d="M8 1.4 14.6 8 8 14.6 1.4 8z"/><path class="solid" d="M8 1.4 14.6 8 8 14.6z"/></symbol>
<symbol id="denied" viewBox="0 0 16 16"><circle class="line" cx="8" cy="8" r="6.4"/><path class="line" d="M4.4 8h7.2"/></symbol>
<symbol id="expected" viewBox="0 0 16 16"><rect class="line" x="1.8" y="1.8" width="12.4" height="12.4" rx="2.6"/><path class="line" d="m5 8.3 2.1 2.1L11.2 6"/></symbol>
<symbol id="quiet" viewBox="0 0 16 16"><circle class="line" cx="8" cy="8" r="6.6"/><path class="line" d="m5 8.3 2.2 2.2L11.2 6"/></symbol>
<symbol id="partial" viewBox="0 0 16 16"><circle class="line dashed" cx="8" cy="8" r="6.6"/><path class="line" d="M8 4.6v4.2M8 11v.4"/></symbol>
<symbol id="blind" viewBox="0 0 16 16"><path class="line" d="M1.2 8S3.8 3.6 8 3.6 14.8 8 14.8 8 12.2 12.4 8 12.4 1.2 8 1.2 8z"/><circle class="line" cx="8" cy="8" r="1.9"/><path class="line" d="M2.4 13.6 13.6 2.4"/></symbol>
</svg>`);

/** The same as images for the style sheet: what is drawn is where the mask is, in the colour of the text. */
export function masks(): string {
  const drawn = [...SHAPES.text.matchAll(/<symbol id="(\w+)"[^>]*>(.*?)<\/symbol>/g)];
  const rules = drawn
    .filter(([, id = '']) => id in MARKS)
    .map(([, id = '', paths = '']) => {
      const stroke =
        'fill="none" stroke="#000" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round"';
      const shown = paths
        .replaceAll('class="solid"', 'fill="#000"')
        .replaceAll('class="line"', stroke)
        .replaceAll(/<path class="cut"[^>]*>/g, '');
      const cut = /<path class="cut"( d="[^"]*")\/>/.exec(paths)?.[1];
      const hole =
        cut === undefined
          ? ''
          : `<mask id="c"><rect width="16" height="16" fill="#fff"/><path${cut} ${stroke}/></mask>`;
      const body = hole === '' ? shown : `${hole}<g mask="url(#c)">${shown}</g>`;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${body}</svg>`;
      return `.drawn.${id}::before { --drawn: url("data:image/svg+xml,${encodeURIComponent(svg)}"); }`;
    });
  return rules.join('\n');
}

export function shape(id: Mark | 'quiet' | 'partial' | 'blind'): Html {
  return html`<svg class="shape" aria-hidden="true"><use href="#${id}" /></svg>`;
}

/** A shape with its word. */
export function mark(id: Mark, word: string = MARKS[id].word): Html {
  return html`<span class="mark ${id}">${shape(id)}${word}</span>`;
}

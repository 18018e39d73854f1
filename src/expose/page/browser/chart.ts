/** An hour, minute by minute, as bars: what stayed inside, what crossed, what was stopped; and the same as a sentence. */
import type { TrafficMinute, TrafficReport } from '../../api.js';
import { number } from '../words.js';
import { el, svg } from './dom.js';

const KINDS = [
  ['inside', 'within the tenant'],
  ['other', 'to and from the platform and the world'],
  ['gotThrough', 'between tenants, arrived'],
  ['denied', 'between tenants, stopped'],
] as const satisfies readonly (readonly [keyof TrafficMinute, string])[];

const MINUTES = 60;
const HEIGHT = 96;
const STEP = 10;

/** Bars of crossings stand in a strip of their own: beside ordinary traffic they would be too small to be seen. */
export function chart({ minutes }: TrafficReport): HTMLElement {
  const shown = minutes.slice(-MINUTES);
  const ordinary = drawn(shown, ['inside', 'other'], HEIGHT);
  const crossing = drawn(shown, ['gotThrough', 'denied'], HEIGHT / 2);
  const sums = KINDS.map(
    ([kind, said]) => [kind, said, shown.reduce((sum, minute) => sum + minute[kind], 0)] as const,
  );
  const legend = sums.map(([kind, said, sum]) =>
    el('div', {}, el('dt', {}, key(kind), el('span', {}, number(sum))), el('dd', {}, said)),
  );
  return el(
    'figure',
    { class: 'chart' },
    strip('Crossings', crossing),
    strip('Other traffic', ordinary),
    el('p', { class: 'axis soft' }, el('span', {}, `${MINUTES} minutes ago`), el('span', {}, 'now')),
    el('figcaption', {}, el('dl', { class: 'legend' }, ...legend)),
  );
}

function strip(name: string, { picture, most }: Drawn): HTMLElement {
  return el(
    'div',
    { class: 'strip' },
    el('p', { class: 'soft' }, `${name}, at most ${number(most)} flows a minute`),
    picture,
  );
}

interface Drawn {
  readonly picture: HTMLElement;
  readonly most: number;
}

type Kind = (typeof KINDS)[number][0];

function drawn(minutes: readonly TrafficMinute[], kinds: readonly Kind[], height: number): Drawn {
  const most = Math.max(0, ...minutes.map((minute) => kinds.reduce((sum, kind) => sum + minute[kind], 0)));
  const bars = minutes.flatMap((minute, at) => {
    let top = height;
    return kinds.flatMap((kind) => {
      const value = minute[kind];
      if (value === 0) return [];
      // Even one among thousands is to be seen.
      const tall = Math.max(1.5, (value / most) * height);
      top -= tall;
      const x = (MINUTES - minutes.length + at) * STEP;
      return [
        svg('rect', {
          class: kind,
          x: String(x + 1),
          y: top.toFixed(1),
          width: String(STEP - 2),
          height: tall.toFixed(1),
        }),
      ];
    });
  });
  const ground = svg('path', { class: 'ground', d: `M0 ${height}H${MINUTES * STEP}` });
  const picture = svg(
    'svg',
    { viewBox: `0 -1 ${MINUTES * STEP} ${height + 2}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    ...bars,
    ground,
  );
  return { picture: el('div', { class: 'bars' }, picture), most };
}

function key(kind: Kind): SVGElement {
  return svg(
    'svg',
    { class: 'shape', viewBox: '0 0 16 16', 'aria-hidden': 'true' },
    svg('rect', { class: kind, x: '3', y: '1', width: '10', height: '14' }),
  );
}

/** One number, or a few, on the colour that its thresholds give it. */
import type { Answer } from './answers.js';
import { inkOn } from './colors.js';
import { shown, type Value } from './format.js';
import { nameOf } from './legend.js';
import { fieldOf, type Box, type Panel } from './model.js';
import { tag, text, widthOf } from './svg.js';

/** @param box in pixels, without the panel's title */
export function drawNumber(panel: Panel, answers: readonly Answer[], box: Box, now: number): string {
  const found = answers.flatMap((answer) =>
    'samples' in answer
      ? answer.samples.map(({ labels, value }) => ({
          name: nameOf(answer.target, labels),
          value: Number.isNaN(value) ? undefined : value,
        }))
      : [],
  );
  const values: readonly { name: string; value: Value }[] =
    found.length === 0 ? [{ name: '', value: undefined }] : found;
  const width = (box.w - 6 * (values.length - 1)) / values.length;
  const withName = panel.options?.textMode === 'value_and_name';
  return values
    .map(({ name, value }, index) => {
      const { text: said, color } = shown(value, fieldOf(panel, name, 'number'), now);
      const place = { ...box, x: box.x + index * (width + 6), w: width };
      return drawBox(said, withName ? name : '', color, place);
    })
    .join('');
}

function drawBox(said: string, name: string, color: string, { x, y, w, h }: Box): string {
  const fill = inkOn(color);
  const room = h - (name === '' ? 0 : 22);
  const size = Math.min(46, room * 0.55, (w - 16) / widthOf(said, 1));
  const middle = y + h - room / 2;
  return (
    tag('rect', { x, y, width: w, height: h, rx: 4, fill: color }) +
    (name === '' ? '' : text(x + w / 2, y + 22, name, { anchor: 'middle', fill, size: 11.5, room: w - 4 })) +
    text(x + w / 2, middle + size * 0.35 - (name === '' ? 0 : 4), said, {
      anchor: 'middle',
      fill,
      weight: 600,
      size: Math.round(size),
    })
  );
}

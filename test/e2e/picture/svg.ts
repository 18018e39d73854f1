/** Text and shapes of an SVG. Names of tenants are whatever somebody called them: all text goes through here. */

export type Attributes = Readonly<Record<string, string | number>>;

/** @param inside markup, not text */
export function tag(name: string, attributes: Attributes, inside = ''): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? short(value) : escaped(value)}"`)
    .join('');
  return inside === '' ? `<${name}${written}/>` : `<${name}${written}>${inside}</${name}>`;
}

export interface Letters {
  readonly size?: number;
  readonly weight?: number;
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Pixels there are; what is longer ends in an ellipsis. */
  readonly room?: number;
}

/** A line of text on the baseline `y`. */
export function text(x: number, y: number, said: string, letters: Letters = {}): string {
  const { size = 12, weight, fill, anchor, room = Infinity } = letters;
  return tag(
    'text',
    {
      x,
      y,
      ...(size === 12 ? {} : { 'font-size': size }),
      ...(weight === undefined ? {} : { 'font-weight': weight }),
      ...(fill === undefined ? {} : { fill }),
      ...(anchor === undefined ? {} : { 'text-anchor': anchor }),
    },
    escaped(fitting(said, room, size)),
  );
}

/** About how wide it is: fonts differ, so rather too wide than too narrow. */
export function widthOf(said: string, size: number): number {
  return Array.from(said).reduce((sum, letter) => sum + widthOfLetter(letter), 0) * size;
}

function widthOfLetter(letter: string): number {
  if (/[iljtfr.,:;'|()[\]! ]/.test(letter)) return 0.37;
  return /[A-Zmw%→]/.test(letter) ? 0.74 : 0.58;
}

function fitting(said: string, room: number, size: number): string {
  if (widthOf(said, size) <= room) return said;
  const letters = Array.from(said);
  while (letters.length > 1 && widthOf(`${letters.join('')}…`, size) > room) letters.pop();
  return `${letters.join('')}…`;
}

/** What XML forbids, and what would turn the direction of the text around it, becomes �. */
export function escaped(said: string): string {
  return Array.from(said)
    .map((letter) => (unfit(letter.codePointAt(0) ?? 0) ? '\ufffd' : letter))
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function unfit(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0xd800 && code < 0xe000) ||
    (code & 0xfffe) === 0xfffe ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  );
}

/** A tenth of a pixel is enough. */
export function short(value: number): string {
  return `${Math.round(value * 10) / 10}`;
}

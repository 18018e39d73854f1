/**
 * HTML whose holes are escaped unless they are HTML themselves: what a tenant
 * wrote stays text. Control and bidirectional characters are taken out on the
 * way (outside.ts), since escaping does not make those harmless.
 */
import { plain } from '../../outside.js';

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Hole = Html | string | number | false | undefined | readonly Html[];

/** A `hubble observe` line with two names of 253 characters each has about 700. */
const LONGEST = 2_000;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escape(text: string): string {
  return plain(text, LONGEST).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** Attribute values must stand in double quotes. `false` and `undefined` are nothing. */
export function html(parts: TemplateStringsArray, ...holes: readonly Hole[]): Html {
  return new Html(parts.map((part, index) => part + fill(holes[index])).join(''));
}

function fill(hole: Hole): string {
  if (hole === undefined || hole === false) return '';
  if (hole instanceof Html) return hole.text;
  if (typeof hole === 'object') return hole.map(({ text }) => text).join('');
  return escape(String(hole));
}

/** Verdicts in the browser: the marks of marks.ts, and what is counted under them. */
import type { CrossingReport, MatrixPair } from '../../api.js';
import { VERDICTS } from '../../../model.js';
import { MARKS, type Mark } from '../marks.js';
import { compact, number } from '../words.js';
import { attribute, el, say } from './dom.js';

/** The worst first. */
export const ORDER: readonly Mark[] = ['allowed', 'audited', 'denied', 'expected'];

export interface Tally {
  readonly id: Mark;
  readonly count: number;
}

export function markOf({ expected, verdict }: CrossingReport): Mark {
  return expected ? 'expected' : verdict;
}

/** A word with its shape, which the style sheet draws: an element of SVG each would cost more than all the rest. */
export function mark(id: Mark, word: string = MARKS[id].word): HTMLElement {
  return el('span', { class: `mark drawn ${id}` }, word);
}

export function remark(on: HTMLElement, id: Mark, word: string): void {
  attribute(on, 'class', `mark drawn ${id}`);
  say(on, word);
}

/** Unexpected traffic by verdict, then what was agreed on; nothing that is zero. */
export function talliesOf({ connections, expected }: MatrixPair): Tally[] {
  const found: Tally[] = [];
  let agreed = 0;
  for (const id of VERDICTS) {
    const count = connections[id] - expected[id];
    agreed += expected[id];
    if (count > 0) found.push({ id, count });
  }
  if (agreed > 0) found.push({ id: 'expected', count: agreed });
  return found;
}

/** 0 is the worst. */
export function rankOf(pair: MatrixPair): number {
  const { connections, expected } = pair;
  if (connections.allowed > expected.allowed) return 0;
  if (connections.audited > expected.audited) return 1;
  return connections.denied > expected.denied ? 2 : 3;
}

export function spelled(tallies: readonly Tally[]): string {
  return tallies.map(({ id, count }) => `${number(count)} ${MARKS[id].word}`).join(', ');
}

/** Shapes with numbers: where there is no room for words, what they stand in says them to who cannot see. */
export function marksOf(tallies: readonly Tally[], isSpelled: boolean): HTMLElement[] {
  return tallies.map(({ id, count }) =>
    mark(id, isSpelled ? `${compact(count)} ${MARKS[id].word}` : compact(count)),
  );
}

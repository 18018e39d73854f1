/** Who reached whom: tenants by tenants while that can be read, else a list of pairs, the worst first. */
import type { MatrixPair, MatrixReport, TenantReport } from '../api.js';
import { VERDICTS } from '../../model.js';
import { html, type Html } from './html.js';
import { MARKS, mark, shape, type Mark } from './marks.js';
import { ago, compact, counted, number } from './words.js';

/** Beyond this a matrix is mostly empty and wider than any screen. */
const MOST_TENANTS = 40;
const MOST_PAIRS = 100;
/** From here on the names of the columns stand upright. */
const NARROW_FROM = 7;
/** And from here on a cell's shape stands above its number. */
const DENSE_FROM = 13;

export function matrixSection(matrix: MatrixReport, tenants: readonly TenantReport[], now: number): Html {
  const all = [...new Set([...matrix.tenants, ...tenants.map(({ name }) => name)])].sort();
  // Tenants without any crossing are shown while there is room: that they are quiet is news too.
  const names = all.length <= MOST_TENANTS ? all : matrix.tenants;
  return html`<section aria-labelledby="matrix">
    <h2 id="matrix">Who reached whom</h2>
    ${names.length === 0 ? NOBODY : body(matrix, names, now)}
  </section>`;
}

const NOBODY = html`<p class="soft">
  No tenant has been seen yet. Tenants appear with the first flow to or from one of their pods.
</p>`;

function body(matrix: MatrixReport, names: readonly string[], now: number): Html {
  if (names.length > MOST_TENANTS) return pairList(matrix.pairs, now);
  return html`<p class="soft">
      Rows opened the connections, columns received them. Connections since the start, each counted once.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Matrix of tenants">
      ${table(matrix, names, now)}
    </div>
    ${legend()}`;
}

function table({ pairs }: MatrixReport, names: readonly string[], now: number): Html {
  const bySides = new Map(pairs.map((pair) => [key(pair.source, pair.destination), pair]));
  const columns = names.map((name) => html`<th scope="col" title="${name}"><bdi>${name}</bdi></th>`);
  const rows = names.map((source) => {
    const cells = names.map((destination) =>
      cell(bySides.get(key(source, destination)), source === destination, now),
    );
    return html`<tr>
      <th scope="row" title="${source}"><bdi>${source}</bdi></th>
      ${cells}
    </tr>`;
  });
  const width = names.length >= DENSE_FROM ? 'narrow dense' : names.length >= NARROW_FROM ? 'narrow' : '';
  return html`<table class="matrix ${width}">
    <thead>
      <tr>
        <td class="corner"><span class="from">from</span> <span class="to">to</span></td>
        ${columns}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function key(source: string, destination: string): string {
  return JSON.stringify([source, destination]);
}

function cell(pair: MatrixPair | undefined, isDiagonal: boolean, now: number): Html {
  if (pair === undefined) return isDiagonal ? html`<td class="self"></td>` : html`<td></td>`;
  const tallies = talliesOf(pair);
  const spelled = tallies.map(({ id, count }) => `${number(count)} ${MARKS[id].word}`).join(', ');
  const title = `${pair.source} to ${pair.destination}: ${spelled}; last ${ago(pair.lastSeen, now)}`;
  const marks = tallies.map(
    ({ id, count }) =>
      html`<span class="mark ${id}"
        >${shape(id)}${compact(count)}<span class="said"> ${MARKS[id].word}</span></span
      >`,
  );
  return html`<td class="${tallies[0]?.id ?? ''}" title="${title}">${marks}</td>`;
}

interface Tally {
  readonly id: Mark;
  readonly count: number;
}

/** Unexpected traffic by verdict, then what was agreed on; the worst first, nothing that is zero. */
function talliesOf({ connections, expected }: MatrixPair): Tally[] {
  const unexpected = VERDICTS.map((id) => ({ id, count: connections[id] - expected[id] }));
  const agreed = VERDICTS.reduce((sum, verdict) => sum + expected[verdict], 0);
  return [...unexpected, { id: 'expected' as const, count: agreed }].filter(({ count }) => count > 0);
}

function pairList(pairs: readonly MatrixPair[], now: number): Html {
  const order: readonly Mark[] = ['allowed', 'audited', 'denied', 'expected'];
  const ranked = pairs
    .map((pair) => ({ pair, tallies: talliesOf(pair) }))
    .sort((a, b) => rank(a.tallies) - rank(b.tallies) || (a.pair.lastSeen > b.pair.lastSeen ? -1 : 1));
  const rows = ranked.slice(0, MOST_PAIRS).map(({ pair, tallies }) => {
    const marks = tallies.map(({ id, count }) => mark(id, `${compact(count)} ${MARKS[id].word}`));
    return html`<tr>
      <th scope="row"><bdi>${pair.source}</bdi></th>
      <td><bdi>${pair.destination}</bdi></td>
      <td class="marks">${marks}</td>
      <td class="soft">${ago(pair.lastSeen, now)}</td>
    </tr>`;
  });
  const more = ranked.length - rows.length;
  return html`<p class="soft">Connections since the start, each counted once; the worst pairs first.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Pairs of tenants">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Connections</th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${more > 0 && html`<p class="soft">And <a href="api/v1/matrix">${counted(more, 'more pair')}</a>.</p>`}
    ${legend()}`;

  function rank(tallies: readonly Tally[]): number {
    return order.indexOf(tallies[0]?.id ?? 'expected');
  }
}

function legend(): Html {
  const entries = Object.entries(MARKS) as [Mark, (typeof MARKS)[Mark]][];
  const items = entries.map(
    ([id, { word, meaning }]) =>
      html`<div>
        <dt>${mark(id, word)}</dt>
        <dd>${meaning}</dd>
      </div>`,
  );
  return html`<dl class="legend">${items}</dl>`;
}

/** A pair of tenants as a row of a table. */
import type { MatrixPair } from '../../api.js';
import { pairVersion } from '../identity.js';
import { ago, compact } from '../words.js';
import { attribute, el, say } from './dom.js';
import { mark, talliesOf } from './marking.js';
import { MARKS } from '../marks.js';
import { linkTo } from './place.js';
import type { Row } from './rows.js';

export class PairRow implements Row<MatrixPair> {
  readonly #source = el('a');
  readonly #destination = el('a');
  readonly #marks = el('a', { class: 'marks' });
  readonly #last = el('td', { class: 'soft' });
  readonly node = el(
    'tr',
    {},
    el('th', { scope: 'row' }, el('bdi', {}, this.#source)),
    el('td', {}, el('bdi', {}, this.#destination)),
    el('td', {}, this.#marks),
    this.#last,
  );
  #made = '';

  show(pair: MatrixPair, now: number): void {
    const { source, destination, lastSeen } = pair;
    say(this.#last, ago(lastSeen, now));
    const made = `${source} ${destination} ${pairVersion(pair)}`;
    if (made === this.#made) return;
    this.#made = made;
    say(this.#source, source);
    attribute(this.#source, 'href', linkTo({ view: 'tenants', tenant: source }));
    say(this.#destination, destination);
    attribute(this.#destination, 'href', linkTo({ view: 'tenants', tenant: destination }));
    attribute(this.#marks, 'href', linkTo({ view: 'crossings', source, destination }));
    attribute(this.#marks, 'title', `Crossings from ${source} to ${destination}`);
    this.#marks.replaceChildren(
      ...talliesOf(pair).map(({ id, count }) => mark(id, `${compact(count)} ${MARKS[id].word}`)),
    );
  }
}

/** The sentence on top of every view, and whether it is of this moment. */
import type { GlanceReport, Tone } from '../../api.js';
import { icon, TITLES } from '../tones.js';
import { duration } from '../words.js';
import { attribute, bdi, el, hide, place, reshape, say, shape } from './dom.js';
import type { Feed } from './feed.js';
import type { Store } from './store.js';

export class Top {
  readonly node: HTMLElement;
  readonly #shape = shape('partial');
  readonly #sentence = bdi();
  readonly #remarks = el('ul');
  /** Read out when the tone changes, and not each time a minute has passed. */
  readonly #said = el('p', { class: 'said', role: 'status' });
  readonly #printed = el('p', { class: 'printed' });
  #tone: Tone | undefined;

  constructor() {
    this.node = el(
      'section',
      { class: 'top', 'aria-label': 'Summary' },
      this.#shape,
      el('div', {}, el('h1', {}, this.#sentence), this.#remarks, this.#printed),
      this.#said,
    );
  }

  /** @returns the tone that is shown, undefined before anything is known */
  draw(store: Store, feed: Feed): Tone | undefined {
    const glance = heard(store, feed);
    if (glance === undefined) return undefined;
    const { tone, sentence, remarks } = glance;
    attribute(this.node, 'class', `top ${tone}`);
    reshape(this.#shape, tone === 'alarm' ? 'allowed' : tone);
    say(this.#sentence, sentence);
    place(
      this.#remarks,
      remarks.map((remark, at) => this.#item(remark, at)),
    );
    hide(this.#remarks, remarks.length === 0);
    this.#print(store);
    if (tone !== this.#tone) {
      if (this.#tone !== undefined) say(this.#said, `${TITLES[tone]}. ${sentence}`);
      this.#tone = tone;
      document.querySelector('link[rel="icon"]')?.setAttribute('href', icon(tone));
    }
    return tone;
  }

  #item(remark: string, at: number): Element {
    const item = this.#remarks.children[at] ?? el('li', {}, bdi());
    if (item.firstElementChild !== null) say(item.firstElementChild, remark);
    return item;
  }

  /** What an auditor's sheet of paper has to say by itself. */
  #print({ status, glance }: Store): void {
    if (status === undefined || glance === undefined) return;
    const { coverage, stream, version, revision, startedAt } = status;
    const nodes = Object.values(coverage.nodes).reduce((sum, count) => sum + count, 0);
    const lost = Object.values(coverage.lostEvents).reduce((sum, count) => sum + count, 0);
    say(
      this.#printed,
      `As of ${glance.time}. Counts are from ${startedAt} on: ${coverage.nodes['connected'] ?? 0} of ${nodes} nodes watched ` +
        `through ${stream.server}, ${coverage.flows} flows read, ${lost} events lost, ${coverage.blindSeconds} seconds blind, ` +
        `${coverage.unidentified} flows unidentified. crosstalk ${version} (${revision}).`,
    );
  }
}

/** What was heard last; what is old is not shown as if it were now. */
function heard({ glance }: Store, { silentMs }: Feed): GlanceReport | undefined {
  if (silentMs === undefined) return glance;
  const asOf =
    glance === undefined ? '' : ` What is below is of ${glance.time.slice(0, 19).replace('T', ' ')} UTC.`;
  return {
    time: glance?.time ?? '',
    tone: 'blind',
    sentence: `This page has heard nothing from Crosstalk for ${duration(silentMs)}.${asOf}`,
    remarks: glance === undefined ? [] : [`The last that was heard: ${glance.sentence}`],
  };
}

/** A policy for a tenant, from what it was seen to use, and what it would do to that; written when asked for. */
import type { PolicyCheckReport } from '../../api.js';
import { counted, number } from '../words.js';
import { copyButton } from './copy.js';
import { bdi, el, hide } from './dom.js';
import { table } from './health.js';
import { ask } from './read.js';

type Outcome = keyof PolicyCheckReport['outcomes'];

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  newly_denied: 'legitimate connections it would break',
  unknown: 'connections of which it cannot be told',
  newly_allowed: 'connections it would open',
  stopped_crossing: 'crossings it would stop',
  still_allowed: 'connections that go on',
  still_denied: 'connections that stay stopped',
};
/** Beyond, the command line tells more. */
const MOST_GROUPS = 50;

export class PolicyPart {
  readonly node: HTMLElement;
  readonly #button = el('button', { type: 'button' }, 'Write it');
  readonly #result = el('div', { 'aria-live': 'polite' });
  #tenant = '';

  constructor() {
    this.#button.addEventListener('click', () => void this.#write());
    const about =
      'From the connections that were seen: it keeps what the tenant used and what was agreed on, and stops the rest. Nothing is applied.';
    this.node = el('div', { class: 'policy' }, el('p', { class: 'soft' }, about), this.#button, this.#result);
  }

  show(tenant: string): void {
    this.#tenant = tenant;
    this.#result.replaceChildren();
    hide(this.#button, false);
  }

  async #write(): Promise<void> {
    const tenant = this.#tenant;
    this.#button.disabled = true;
    const suggested = await ask(`tenants/${encodeURIComponent(tenant)}/policy`);
    const text = await suggested?.text().catch(() => '');
    const checked = suggested?.ok === true ? await check(text ?? '') : undefined;
    this.#button.disabled = false;
    if (tenant !== this.#tenant) return;
    if (suggested?.ok !== true || text === undefined) {
      this.#result.replaceChildren(el('p', { class: 'bad' }, bdi(problemIn(text))));
      return;
    }
    hide(this.#button, true);
    const code = document.createElement('code');
    // YAML of our own writing, and longer than what a name may be; names in it are quoted and fit (policy/write.ts).
    code.textContent = text;
    this.#result.replaceChildren(
      ...(checked === undefined
        ? [el('p', { class: 'soft' }, 'What it would do could not be told.')]
        : told(checked)),
      el(
        'div',
        { class: 'title' },
        el('h3', {}, 'The policy'),
        copyButton('the policy', () => text, code),
      ),
      el('pre', { tabindex: '0', class: 'yaml', role: 'region', 'aria-label': 'The policy as YAML' }, code),
    );
  }
}

async function check(policy: string): Promise<PolicyCheckReport | undefined> {
  const answer = await ask(
    'policy/check',
    {},
    { method: 'POST', body: policy, headers: { 'content-type': 'application/yaml' } },
  );
  return answer?.ok === true
    ? ((await answer.json().catch(() => undefined)) as PolicyCheckReport | undefined)
    : undefined;
}

function problemIn(text: string | undefined): string {
  try {
    const { detail } = JSON.parse(text ?? '') as { readonly detail?: string };
    if (detail !== undefined) return detail;
  } catch {
    // Not of ours: a proxy's.
  }
  return 'Crosstalk did not answer; try again.';
}

function told({ outcomes, watched, doubts, groups, groupsLeftOff }: PolicyCheckReport): HTMLElement[] {
  const items = (Object.entries(OUTCOMES) as [Outcome, string][]).flatMap(([outcome, said]) => {
    const { connections } = outcomes[outcome];
    const isShown = connections > 0 || outcome === 'newly_denied' || outcome === 'stopped_crossing';
    return isShown
      ? [el('li', { class: `outcome ${outcome}` }, el('strong', {}, number(connections)), ` ${said}`)]
      : [];
  });
  const body = el('tbody');
  const shown = groups
    .filter(({ outcome }) => outcome !== 'still_allowed' && outcome !== 'still_denied')
    .slice(0, MOST_GROUPS);
  for (const {
    outcome,
    source,
    sourceWorkload,
    destination,
    destinationWorkload,
    port,
    connections,
    because,
  } of shown)
    body.append(
      el(
        'tr',
        {},
        el('th', { scope: 'row' }, outcome.replaceAll('_', ' ')),
        ...[
          `${source}: ${sourceWorkload}`,
          `${destination}: ${destinationWorkload}`,
          port,
          number(connections),
          because,
        ].map((text) => el('td', { title: text }, bdi(text))),
      ),
    );
  const rest = groups.length - shown.length + groupsLeftOff;
  return [
    el('ul', { class: 'outcomes' }, ...items),
    el('p', { class: 'soft' }, bdi([watched, ...doubts].join(' '))),
    ...(shown.length === 0
      ? []
      : [
          table(
            'What the policy would do',
            ['Outcome', 'From', 'To', 'Port', 'Connections', 'Because'],
            body,
          ),
        ]),
    ...(rest === 0
      ? []
      : [
          el(
            'p',
            { class: 'soft' },
            `${counted(rest, 'more kind')} of connections; crosstalk policy check lists them.`,
          ),
        ]),
  ];
}

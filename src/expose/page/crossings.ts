/** The newest cross-tenant connections, as evidence: who, where to, what became of it, and how to see it again. */
import type { CrossingParty, CrossingReport } from '../api.js';
import { html, type Html } from './html.js';
import { mark } from './marks.js';
import { ago, clock, counted } from './words.js';

export const NEWEST = 50;

export function crossingsSection(crossings: readonly CrossingReport[], now: number): Html {
  const items = crossings.slice(0, NEWEST).map((crossing) => item(crossing, now));
  return html`<section aria-labelledby="crossings">
    <h2 id="crossings">Newest cross-tenant connections</h2>
    ${
      items.length === 0
        ? html`<p class="soft">None has been seen.</p>`
        : html`<p class="soft">
              Times are UTC. All that are kept: <a href="api/v1/crossings?limit=1000">api/v1/crossings</a>.
            </p>
            <ol class="crossings" role="list">
              ${items}
            </ol>`
    }
  </section>`;
}

function item(crossing: CrossingReport, now: number): Html {
  const { verdict, expected, time, lastSeen, source, destination, policies, count, node } = crossing;
  return html`<li class="${expected ? 'expected' : verdict}">
    <p class="what">
      ${mark(expected ? 'expected' : verdict, verdict)}<span class="soft"
        >${expected ? 'expected' : 'unexpected'}</span
      >
    </p>
    <p class="when">${clock(time, now)} <span class="soft">${ago(time, now)}</span></p>
    <div class="who">
      ${party(source)}
      <p class="arrow"><span aria-hidden="true">→</span><span class="said">to</span></p>
      ${party(destination)}
      <p class="port">${portOf(crossing)}</p>
    </div>
    <dl class="why">
      ${expected && row('Agreed', crossing.reason ?? 'in the configuration')}
      ${policies.length > 0 && row(verdict === 'denied' ? 'Stopped by' : 'Let in by', policies.join(', '))}
      ${row('Seen', `${counted(count, 'event')} on ${node}${count > 1 ? `, last ${ago(lastSeen, now)}` : ''}`)}
    </dl>
    <details>
      <summary>Show it again</summary>
      <pre><code>${crossing.hubbleObserve}</code></pre>
      <p class="soft">Told apart by ${evidenceOf(source)} and ${evidenceOf(destination)}.</p>
    </details>
  </li>`;
}

/** The pod as its tenant knows it, where that is certain; the host's pod under it in any case. */
function party({ tenant, namespace, pod, virtualNamespace, virtualPod, address }: CrossingParty): Html {
  const known = virtualPod === undefined ? undefined : `${virtualNamespace ?? '?'}/${virtualPod}`;
  const host = pod === '' ? `${namespace === '' ? 'no pod' : namespace} (${address})` : `${namespace}/${pod}`;
  return html`<div class="party">
    <p class="tenant" title="${tenant}"><bdi>${tenant}</bdi></p>
    ${known !== undefined && html`<p class="pod" title="${known}"><bdi>${known}</bdi></p>`}
    <p class="host" title="${host}"><span class="said">host pod </span><bdi>${host}</bdi></p>
  </div>`;
}

function portOf({ protocol, port, icmp }: CrossingReport): string {
  if (icmp !== undefined) return `icmp type ${icmp.type}`;
  return port === undefined ? protocol : `${port}/${protocol}`;
}

function evidenceOf({ evidence, evidenceLabels }: CrossingParty): string {
  const labels = evidenceLabels.length === 0 ? '' : ` (${evidenceLabels.join(', ')})`;
  return `${evidence.replaceAll('_', ' ')}${labels}`;
}

function row(term: string, description: string): Html {
  return html`<div>
    <dt>${term}</dt>
    <dd><bdi>${description}</bdi></dd>
  </div>`;
}

/** What is being watched, and how well: the stream, the nodes behind it, and what is known to be missing. */
import type { NodeStatusReport, StatusReport } from '../api.js';
import { html, type Html } from './html.js';
import { ago, counted, duration, number } from './words.js';

/** Those that are not watched come first, so a cut hides only what is well. */
const MOST_NODES = 50;

export function watchSection(status: StatusReport, now: number): Html {
  return html`<section aria-labelledby="watch">
    <h2 id="watch">What is being watched</h2>
    <div class="columns">
      <dl class="facts">${streamFacts(status, now)}</dl>
      <dl class="facts">${coverageFacts(status, now)}</dl>
    </div>
    ${nodeTable(status.nodes, now)}
  </section>`;
}

function streamFacts({ stream, ready, notReady, config }: StatusReport, now: number): Html[] {
  const { lastError, provenSince } = stream;
  const since = provenSince === undefined ? '' : `, proven for ${duration(now - Date.parse(provenSince))}`;
  const facts = [
    fact('Server', stream.server),
    fact('Stream', `${stream.state}${since}`),
    fact('Ready', ready ? 'yes' : `no: ${notReady.join(' ')}`, !ready),
    fact('Streams ended', number(stream.streamsEnded)),
  ];
  if (lastError !== undefined) {
    facts.push(fact('Last end', `${lastError.reason}: ${lastError.message}. ${lastError.hint}`));
  }
  const reload = config.lastReloadSuccessful ? '' : ', its last reload failed';
  facts.push(fact('Configuration', `${config.file ?? 'no file'}${reload}`, !config.lastReloadSuccessful));
  return facts;
}

function coverageFacts({ coverage, startedAt }: StatusReport, now: number): Html[] {
  const { lostEvents, blindSeconds, lastFlow, flows, duplicates, unidentified } = coverage;
  const lost = Object.entries(lostEvents).filter(([, count]) => count > 0);
  const where = lost
    .map(([source, count]) => `${number(count)} in ${source.replaceAll('_', ' ')}`)
    .join(', ');
  return [
    fact('Running for', duration(now - Date.parse(startedAt))),
    fact('Flows', lastFlow === undefined ? number(flows) : `${number(flows)}, last ${ago(lastFlow, now)}`),
    fact('Read twice', `${number(duplicates)}, counted once`),
    fact('Events lost', lost.length === 0 ? '0' : where, lost.length > 0),
    fact('Blind time', blindSeconds === 0 ? '0 seconds' : duration(blindSeconds * 1_000), blindSeconds > 0),
    fact(
      'Unidentified',
      `${counted(unidentified, 'flow')} with a side whose tenant could not be told`,
      unidentified > 0,
    ),
  ];
}

function fact(term: string, description: string, isBad = false): Html {
  return html`<div${isBad && html` class="bad"`}><dt>${term}</dt><dd><bdi>${description}</bdi></dd></div>`;
}

function nodeTable(nodes: readonly NodeStatusReport[], now: number): Html {
  if (nodes.length === 0) return html`<p class="soft">No node is known yet.</p>`;
  const isWatched = ({ state }: NodeStatusReport): boolean => state === 'connected';
  const sorted = [...nodes].sort(
    (a, b) => Number(isWatched(a)) - Number(isWatched(b)) || (a.name < b.name ? -1 : 1),
  );
  const rows = sorted.slice(0, MOST_NODES).map(
    (node) => html`<tr${!isWatched(node) && html` class="bad"`}><th scope="row"><bdi>${node.name}</bdi></th>
      <td>${node.state}</td><td><bdi>${node.version}</bdi></td>
      <td class="number">${number(node.lostEvents)}</td>
      <td class="soft">${node.lastFlow === undefined ? 'never' : ago(node.lastFlow, now)}</td></tr>`,
  );
  const more = sorted.length - rows.length;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Nodes">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">State</th>
            <th scope="col">Agent</th>
            <th scope="col" class="number">Events lost</th>
            <th scope="col">Last flow</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${more > 0 && html`<p class="soft">And <a href="api/v1/status">${counted(more, 'more node')}</a>.</p>`}`;
}

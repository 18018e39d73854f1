/** The page's facts, gathered when someone asks, and the script that is served with it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CrossingFilter } from '../account/crossings.js';
import { VERDICTS } from '../model.js';
import type { Look } from './glance.js';
import { NEWEST } from './page/crossings.js';
import { renderPage } from './page/page.js';
import { VIEWS } from './page/places.js';
import type { Query } from './query.js';
import { SCRIPT_PATH, type Answer, type Sources } from './routes.js';
import type { Schema } from './schema.js';

export interface Page {
  readonly query: Schema;
  /** undefined: it was not built. The page can be read without. */
  readonly script: string | undefined;
  answer(query: Query): Answer;
}

const text = (description: string): Schema => ({ type: 'string', maxLength: 512, description });

/** Where a link leads to: the script shows it, and without the script the crossings are those that are asked for. */
const QUERY: Schema = {
  type: 'object',
  properties: {
    live: { type: 'string', enum: ['no'], description: 'no: without script, the page does not come anew.' },
    view: { type: 'string', enum: VIEWS, description: 'What to show.' },
    tenant: text('The tenant to show, or a side of the crossings to show.'),
    source: text('Crossings that this tenant opened.'),
    destination: text('Crossings that went to this tenant.'),
    verdict: {
      type: 'string',
      enum: [...VERDICTS, 'expected', 'unexpected'],
      description: 'Crossings of this kind.',
    },
    port: { type: 'integer', minimum: 0, maximum: 65_535, description: 'Crossings to this port.' },
    text: text('What is to stand in what is shown.'),
    group: text('The group of tenants that the matrix shows.'),
  },
  additionalProperties: false,
};

/** src/ and dist/ lie side by side: this leads to the same file from both. */
const SCRIPT = new URL('../../dist/expose/page/browser.js', import.meta.url);

export function createPage(options: {
  readonly sources: Sources;
  readonly look: () => Look;
  readonly telemetryPath: string;
}): Page {
  const { sources, look, telemetryPath } = options;
  const script = readScript();
  const path = script === undefined ? undefined : `${SCRIPT_PATH.slice(1)}?v=${digestOf(script)}`;
  return {
    query: QUERY,
    script,
    answer(query) {
      const isLive = query.get('live') !== 'no';
      const body = renderPage({
        ...look(),
        tenants: sources.tenants(),
        crossings: sources.crossings(filterOf(query)),
        telemetryPath,
        isLive,
        script: path,
      });
      return { status: 200, body };
    },
  };
}

function filterOf(query: Query): CrossingFilter {
  return {
    limit: NEWEST,
    source: query.get('source')?.toString(),
    destination: query.get('destination')?.toString(),
    verdict: VERDICTS.find((verdict) => verdict === query.get('verdict')),
  };
}

/** Another script has another address, so that none is asked for twice and none is taken for another. */
function digestOf(script: string): string {
  return createHash('sha256').update(script).digest('hex').slice(0, 16);
}

function readScript(): string | undefined {
  try {
    return readFileSync(SCRIPT, 'utf8');
  } catch {
    return undefined;
  }
}

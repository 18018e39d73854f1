/** The page's facts, gathered when someone asks; and the trail behind them, kept whether anyone asks or not. */
import { NEWEST } from './page/crossings.js';
import { WINDOW_MS } from './page/headline.js';
import { REFRESH_SECONDS, renderPage } from './page/page.js';
import type { Query } from './query.js';
import type { Answer, Sources } from './routes.js';
import type { Schema } from './schema.js';
import { createTrail, NOTE_EVERY_MS } from './trail.js';
import type { WebLog } from './weblog.js';

export interface Page {
  readonly query: Schema;
  answer(query: Query): Answer;
  stop(): void;
}

/** Without script, only a page that does not come anew can be read in peace: what was unfolded folds. */
const QUERY: Schema = {
  type: 'object',
  properties: {
    live: { type: 'string', enum: ['no'], description: 'no: the page does not come anew by itself.' },
  },
  additionalProperties: false,
};

export function createPage(options: {
  readonly sources: Sources;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly telemetryPath: string;
  readonly failed: WebLog['requestFailed'];
}): Page {
  const { sources, clock, telemetryPath, failed } = options;
  const trail = createTrail(WINDOW_MS);
  const note = (): void => {
    try {
      trail.note(sources.status(), clock());
    } catch (error) {
      failed({ method: 'GET', url: '/', message: error instanceof Error ? error.message : String(error) });
    }
  };
  note();
  const timer = setInterval(note, NOTE_EVERY_MS);
  timer.unref();

  return {
    query: QUERY,
    stop: () => clearInterval(timer),
    answer(query) {
      const now = clock();
      const status = sources.status();
      const isLive = query.get('live') !== 'no';
      const body = renderPage({
        status,
        tenants: sources.tenants(),
        matrix: sources.matrix(),
        crossings: sources.crossings({ limit: NEWEST }),
        window: trail.window(status, now, WINDOW_MS),
        now,
        telemetryPath,
        isLive,
      });
      return { status: 200, body, ...(isLive && { headers: { refresh: String(REFRESH_SECONDS) } }) };
    },
  };
}

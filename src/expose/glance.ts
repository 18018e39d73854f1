/** Isolation at a glance, made when someone asks; and the trail behind it, kept whether anyone asks or not. */
import type { GlanceReport, MatrixReport, StatusReport } from './api.js';
import { headline, WINDOW_MS } from './page/headline.js';
import { rfc3339 } from './reports.js';
import type { Sources } from './routes.js';
import { createTrail, NOTE_EVERY_MS } from './trail.js';
import type { WebLog } from './weblog.js';

export interface Look {
  readonly status: StatusReport;
  readonly matrix: MatrixReport;
  readonly glance: GlanceReport;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface Glance {
  readonly look: () => Look;
  stop(): void;
}

export function createGlance(options: {
  readonly sources: Pick<Sources, 'status' | 'matrix'>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly failed: WebLog['requestFailed'];
}): Glance {
  const { sources, clock, failed } = options;
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
    stop: () => clearInterval(timer),
    look() {
      const now = clock();
      const status = sources.status();
      const matrix = sources.matrix();
      const window = trail.window(status, now, WINDOW_MS);
      return {
        status,
        matrix,
        now,
        glance: { time: rfc3339(now), ...headline({ status, matrix, window, now }) },
      };
    },
  };
}

/**
 * The page for a person: rendered here first, so that it can be read in any
 * browser, in a saved file and in `curl`; where scripts run, one takes over
 * (browser/). Links are relative, since a proxy may serve it under a path.
 */
import type { CrossingReport, GlanceReport, MatrixReport, StatusReport, TenantReport } from '../api.js';
import { crossingsSection } from './crossings.js';
import { html, Html } from './html.js';
import { shape, SHAPES } from './marks.js';
import { matrixSection } from './matrix.js';
import { STYLE } from './style.js';
import { icon, TITLES } from './tones.js';
import { watchSection } from './watch.js';

export interface PageFacts {
  readonly status: StatusReport;
  readonly tenants: readonly TenantReport[];
  readonly matrix: MatrixReport;
  /** Newest first. */
  readonly crossings: readonly CrossingReport[];
  readonly glance: GlanceReport;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly telemetryPath: string;
  /** Whether the page comes anew by itself; what was unfolded folds then. */
  readonly isLive: boolean;
  /** Where the script is; undefined: there is none. */
  readonly script: string | undefined;
}

export const REFRESH_SECONDS = 5;

export function renderPage(facts: PageFacts): string {
  const { status, matrix, tenants, crossings, glance, now, isLive, script } = facts;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${TITLES[glance.tone]} · Crosstalk</title>
        <link rel="icon" href="${icon(glance.tone)}" />
        ${isLive && refresh(script !== undefined)} ${script !== undefined && scriptTag(script)} ${STYLE}
      </head>
      <body>
        ${SHAPES}
        <header>
          <p class="brand">Crosstalk</p>
          <p class="soft">${state(facts)}</p>
        </header>
        <main>
          ${topSection(glance)} ${matrixSection(matrix, tenants, now)} ${crossingsSection(crossings, now)}
          ${watchSection(status, now)}
        </main>
        ${footer(facts)}
      </body>
    </html> `.text;
}

function scriptTag(path: string): Html {
  return html`<script type="module" src="${path}"></script>`;
}

/** Where the script runs it follows what changes, and what was unfolded stays so. */
function refresh(hasScript: boolean): Html {
  const meta = html`<meta http-equiv="refresh" content="${REFRESH_SECONDS}" />`;
  return hasScript ? html`<noscript>${meta}</noscript>` : meta;
}

function topSection({ tone, sentence, remarks }: GlanceReport): Html {
  const items = remarks.map((remark) => html`<li><bdi>${remark}</bdi></li>`);
  return html`<section class="top ${tone}" aria-label="Summary">
    ${shape(tone === 'alarm' ? 'allowed' : tone)}
    <div>
      <h1><bdi>${sentence}</bdi></h1>
      ${
        items.length > 0 &&
        html`<ul>
          ${items}
        </ul>`
      }
    </div>
  </section>`;
}

function state({ now, isLive }: PageFacts): Html {
  const time = new Date(now).toISOString();
  const shown = html`<time datetime="${time}">${time.slice(0, 10)} ${time.slice(11, 19)} UTC</time>`;
  return isLive
    ? html`${shown}, every ${REFRESH_SECONDS} s <a class="button" href="?live=no">Hold still</a>`
    : html`${shown}, held still <a class="button" href="./">Go on</a>`;
}

function footer({ status, telemetryPath }: PageFacts): Html {
  const links: readonly (readonly [string, string])[] = [
    [telemetryPath.slice(1), 'Metrics'],
    ['api/v1/status', 'Status'],
    ['api/v1/tenants', 'Tenants'],
    ['api/v1/matrix', 'Matrix'],
    ['api/v1/crossings', 'Crossings'],
    ['api/v1/openapi.json', 'OpenAPI'],
  ];
  return html`<footer>
    <nav aria-label="Data">
      <ul>
        ${links.map(([href, name]) => html`<li><a href="${href}">${name}</a></li>`)}
      </ul>
    </nav>
    <p class="soft">crosstalk ${status.version} (${status.revision}), Node.js ${status.nodeVersion}</p>
  </footer>`;
}

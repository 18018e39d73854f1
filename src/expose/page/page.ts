/**
 * The page for a person: rendered here, without script, so that it works in any
 * browser, in a saved file and in `curl`. Links are relative, since a proxy may
 * serve it under a path.
 */
import type { CrossingReport, MatrixReport, StatusReport, TenantReport } from '../api.js';
import type { Window } from '../trail.js';
import { crossingsSection } from './crossings.js';
import { headline, type Headline, type Tone } from './headline.js';
import { html, Html } from './html.js';
import { shape, SHAPES } from './marks.js';
import { matrixSection } from './matrix.js';
import { STYLE } from './style.js';
import { watchSection } from './watch.js';

export interface PageFacts {
  readonly status: StatusReport;
  readonly tenants: readonly TenantReport[];
  readonly matrix: MatrixReport;
  /** Newest first. */
  readonly crossings: readonly CrossingReport[];
  readonly window: Window;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly telemetryPath: string;
  /** Whether the page comes anew by itself; what was unfolded folds then. */
  readonly isLive: boolean;
}

export const REFRESH_SECONDS = 5;

/** Shown in the tab, where there is room for one word. */
const TITLES: Readonly<Record<Tone, string>> = {
  alarm: 'Got through',
  blind: 'Not watching',
  partial: 'Partly watched',
  quiet: 'Quiet',
};

const ICON_COLOURS: Readonly<Record<Tone, string>> = {
  alarm: '#b3261e',
  blind: '#3b3f46',
  partial: '#9a6700',
  quiet: '#3f6b4a',
};

export function renderPage(facts: PageFacts): string {
  const { status, matrix, tenants, crossings, now } = facts;
  const top = headline(facts);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${TITLES[top.tone]} · Crosstalk</title>
        <link rel="icon" href="${icon(top.tone)}" />
        ${STYLE}
      </head>
      <body>
        ${SHAPES}
        <header>
          <p class="brand">Crosstalk</p>
          <p class="soft">${state(facts)}</p>
        </header>
        <main>
          ${topSection(top)} ${matrixSection(matrix, tenants, now)} ${crossingsSection(crossings, now)}
          ${watchSection(status, now)}
        </main>
        ${footer(facts)}
      </body>
    </html> `.text;
}

function topSection({ tone, sentence, remarks }: Headline): Html {
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

function icon(tone: Tone): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${ICON_COLOURS[tone]}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

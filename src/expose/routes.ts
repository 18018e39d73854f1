/**
 * Every route as a row: what it answers, for the router and for the OpenAPI
 * document alike. A route that is not in this table does not exist.
 */
import type { CrossingFilter } from '../account/crossings.js';
import { VERDICTS } from '../model.js';
import type { ServerResponse } from 'node:http';
import type {
  CrossingReport,
  GlanceReport,
  MatrixReport,
  PolicyCheckReport,
  StatusReport,
  TenantReport,
  TrafficReport,
} from './api.js';
import { EVENT_STREAM_TYPE, MOST_FOLLOWERS, STREAM_PATH, type Follow } from './follow.js';
import { RequestProblem } from './problem.js';
import { policyRoutes } from './policyroutes.js';
import type { Wish } from '../policy/plan.js';
import type { Suggestion } from '../suggestion.js';
import type { Query } from './query.js';
import type { Schema } from './schema.js';
import { CHANGES, CROSSINGS, GLANCE, MATRIX, STATUS, TENANTS, TRAFFIC } from './schemas.js';

/** Where the answers come from. */
export interface Sources {
  /** Text exposition format 0.0.4. */
  metrics(): Promise<string>;
  status(): StatusReport;
  tenants(): TenantReport[];
  matrix(): MatrixReport;
  crossings(filter: CrossingFilter): CrossingReport[];
  /** @returns undefined for a tenant that has not been seen */
  traffic(tenant: string | undefined): TrafficReport | undefined;
  /** Or what is wrong with the text, a line each. */
  checkPolicies(text: string): Promise<PolicyCheckReport | readonly string[]>;
  suggestPolicy(tenant: string, wish: Wish): Promise<Suggestion>;
  ready(): { readonly ready: boolean; readonly reasons: readonly string[] };
  reload(): Promise<{ readonly ok: boolean; readonly problems: readonly string[] }>;
}

export type Method = 'GET' | 'POST' | 'PUT';

/** What a route answers with one status. Errors as problem details are understood and not listed. */
export interface AnswerKind {
  readonly description: string;
  readonly contentType: string;
  /** Of JSON; without one the answer is text. */
  readonly schema?: Schema;
}

export interface Answer {
  readonly status: number;
  /** A text, or a value that the schema of this status fits. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly path: string;
  readonly methods: readonly Method[];
  /** `{name}` in it is a word of the request, which the query holds with the parameters. */
  readonly words?: readonly string[];
  readonly operation: string;
  readonly summary: string;
  /** What it takes as a body; without it requests that have one are refused. */
  readonly body?: BodyKind;
  /** Known parameters; without it the query is not looked at (probes and scrapers add what they like). */
  readonly query?: Schema;
  readonly answers: Readonly<Record<number, AnswerKind>>;
  /** `never`: a few bytes. `alone`: in its turn, once for all who wait for the same. `shared`: once for all who ask meanwhile. */
  readonly making: 'never' | 'alone' | 'shared';
  /** @param body '' where there is none */
  answer(query: Query, body: string): Answer | Promise<Answer>;
  /** Of a route that goes on answering: takes the response over. false: it does not, and `answer` says why. */
  follow?(response: ServerResponse, lastEventId: string | undefined): boolean;
}

export interface BodyKind {
  readonly description: string;
  readonly contentType: string;
  readonly mostBytes: number;
}

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
export const TEXT_TYPE = 'text/plain; charset=utf-8';
export const JSON_TYPE = 'application/json; charset=utf-8';
export const SCRIPT_PATH = '/page.js';
export const SCRIPT_TYPE = 'text/javascript; charset=utf-8';
export const HTML_TYPE = 'text/html; charset=utf-8';

/** The page asks for it by what is in it. `private`: it is behind a password where there is one. */
const KEPT = { 'cache-control': 'private, max-age=31536000, immutable' };

const NO_PARAMETERS: Schema = { type: 'object', properties: {}, additionalProperties: false };

/** Longest name the configuration and Kubernetes allow, with room for `<cluster>/<namespace>/<vcluster>`. */
const TENANT_NAME: Schema = { type: 'string', maxLength: 512 };

const CROSSINGS_QUERY: Schema = {
  type: 'object',
  properties: {
    limit: { type: 'integer', minimum: 1, maximum: 1_000, default: 100, description: 'At most so many.' },
    source: { ...TENANT_NAME, description: 'Only those that this tenant opened.' },
    destination: { ...TENANT_NAME, description: 'Only those that went to this tenant.' },
    verdict: { type: 'string', enum: VERDICTS, description: 'Only those with this verdict.' },
  },
  additionalProperties: false,
};

const TRAFFIC_QUERY: Schema = {
  type: 'object',
  properties: { tenant: { ...TENANT_NAME, description: 'Of this tenant; without it, of all together.' } },
  additionalProperties: false,
};

export interface RouteSettings {
  readonly telemetryPath: string;
  readonly enableLifecycle: boolean;
  readonly sources: Sources;
  /** The page as HTML, with its headers, and the parameters it knows; and what runs in it. */
  readonly page: {
    readonly query: Schema;
    readonly script: string | undefined;
    answer(query: Query): Answer;
  };
  readonly glance: () => GlanceReport;
  readonly follow: Follow;
}

export function createRoutes(settings: RouteSettings): Route[] {
  return [
    metricsRoute(settings),
    ...lifecycleRoutes(settings),
    ...pageRoutes(settings),
    ...apiRoutes(settings),
    streamRoute(settings),
    ...policyRoutes(settings.sources),
  ];
}

function metricsRoute({ telemetryPath, sources }: RouteSettings): Route {
  return {
    path: telemetryPath,
    methods: ['GET'],
    operation: 'getMetrics',
    summary: 'Every metric, for Prometheus.',
    answers: { 200: { description: 'Text exposition format 0.0.4.', contentType: EXPOSITION_TYPE } },
    making: 'shared',
    answer: async () => ({ status: 200, body: await sources.metrics() }),
  };
}

function lifecycleRoutes({ enableLifecycle, sources }: RouteSettings): Route[] {
  const text = (description: string): AnswerKind => ({ description, contentType: TEXT_TYPE });
  return [
    {
      path: '/-/healthy',
      methods: ['GET'],
      operation: 'getHealthy',
      summary: 'Whether the process works; never depends on the relay.',
      answers: { 200: text('It does.') },
      making: 'never',
      answer: () => ({ status: 200, body: 'Crosstalk is healthy.\n' }),
    },
    {
      path: '/-/ready',
      methods: ['GET'],
      operation: 'getReady',
      summary: 'Whether flows are being read.',
      answers: { 200: text('They are.'), 503: text('They are not: a reason a line.') },
      making: 'never',
      answer() {
        const { ready, reasons } = sources.ready();
        if (ready) return { status: 200, body: 'Crosstalk is ready.\n' };
        return { status: 503, body: ['Crosstalk is not ready.', ...reasons, ''].join('\n') };
      },
    },
    {
      path: '/-/reload',
      methods: ['POST', 'PUT'],
      operation: 'reload',
      summary: 'Reads the configuration again. Needs --web.enable-lifecycle.',
      answers: {
        200: text('It is in force.'),
        403: text('Not enabled.'),
        500: text('It is wrong: the one before stays in force. A problem a line.'),
      },
      making: 'alone',
      async answer() {
        // Prometheus' own words: its users look for them.
        if (!enableLifecycle) return { status: 403, body: 'Lifecycle API is not enabled.\n' };
        const { ok, problems } = await sources.reload();
        if (ok) return { status: 200, body: 'The configuration is in force.\n' };
        return { status: 500, body: ['failed to reload config:', ...problems, ''].join('\n') };
      },
    },
  ];
}

function pageRoutes({ page }: RouteSettings): Route[] {
  const html: Route = {
    path: '/',
    methods: ['GET'],
    operation: 'getPage',
    summary: 'The page for a person.',
    query: page.query,
    answers: { 200: { description: 'HTML that can be read without its script.', contentType: HTML_TYPE } },
    making: 'alone',
    answer: (query) => page.answer(query),
  };
  const { script } = page;
  if (script === undefined) return [html];
  return [
    html,
    {
      path: SCRIPT_PATH,
      methods: ['GET'],
      operation: 'getPageScript',
      summary: 'What runs in the page.',
      answers: { 200: { description: 'An ECMAScript module.', contentType: SCRIPT_TYPE } },
      making: 'never',
      answer: () => ({ status: 200, body: script, headers: KEPT }),
    },
  ];
}

function apiRoutes({ sources, glance }: RouteSettings): Route[] {
  const get = (name: string, summary: string, schema: Schema, read: () => unknown): Route => ({
    path: `/api/v1/${name}`,
    methods: ['GET'],
    operation: `get${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    summary,
    query: NO_PARAMETERS,
    answers: { 200: { description: schema.description ?? summary, contentType: JSON_TYPE, schema } },
    making: 'alone',
    answer: () => ({ status: 200, body: read() }),
  });
  return [
    get('glance', 'Isolation in a sentence that is always true.', GLANCE, glance),
    get('status', 'Stream, nodes, coverage, versions.', STATUS, () => sources.status()),
    get('tenants', 'Tenants seen so far.', TENANTS, () => sources.tenants()),
    get('matrix', 'Connections from tenant to tenant, by verdict.', MATRIX, () => sources.matrix()),
    {
      ...get('crossings', 'Recent cross-tenant connections, newest first.', CROSSINGS, () => undefined),
      query: CROSSINGS_QUERY,
      answer: (query) => ({ status: 200, body: sources.crossings(crossingFilter(query)) }),
    },
    {
      ...get('traffic', 'Traffic over the last hour, minute by minute.', TRAFFIC, () => undefined),
      query: TRAFFIC_QUERY,
      answer(query) {
        const traffic = sources.traffic(query.get('tenant')?.toString());
        if (traffic === undefined)
          throw new RequestProblem(404, {
            detail: 'no such tenant has been seen; /api/v1/tenants lists those that have',
          });
        return { status: 200, body: traffic };
      },
    },
  ];
}

function streamRoute({ follow }: RouteSettings): Route {
  return {
    path: STREAM_PATH,
    methods: ['GET'],
    operation: 'getStream',
    summary: 'What changes, as it changes.',
    query: NO_PARAMETERS,
    answers: {
      200: {
        description:
          'Server-sent events of the type `changes`, each with a Changes as JSON. The first one says `incomplete`: ' +
          'read the matrix and the crossings then, and put later messages over them. With the header Last-Event-ID ' +
          'a client that comes back at once gets what it missed. Ends after five minutes; come back then.',
        contentType: EVENT_STREAM_TYPE,
        schema: CHANGES,
      },
    },
    making: 'never',
    follow: (response, lastEventId) => follow.join(response, lastEventId),
    answer() {
      const detail = `${MOST_FOLLOWERS} follow already; read /api/v1/glance now and then, or try again later`;
      throw new RequestProblem(503, { detail });
    },
  };
}

function crossingFilter(query: Query): CrossingFilter {
  const tenant = (name: string): string | undefined => query.get(name)?.toString();
  return {
    limit: Number(query.get('limit')),
    source: tenant('source'),
    destination: tenant('destination'),
    verdict: VERDICTS.find((verdict) => verdict === query.get('verdict')),
  };
}

/** The table of routes on Fastify: the only importer of fastify. Opens no port. */
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { acceptsGzip, compressed, uncompressed } from './compress.js';
import { problem, PROBLEM_TYPE, RequestProblem, type ProblemDetails } from './problem.js';
import { readQuery, type Query } from './query.js';
import type { Answer, Route } from './routes.js';
import { missingIn, type Schema } from './schema.js';
import { createTurns, singleFlight, together, type Turns } from './turns.js';

export type App = FastifyInstance;

/** What a source threw, and at what request. */
export type RequestFailed = (details: { method: string; url: string; message: string }) => void;

/** @returns an app that is ready for `inject()`, and for requests through `routing` */
export async function createApp(routes: readonly Route[], requestFailed: RequestFailed): Promise<App> {
  const app: App = fastify({
    frameworkErrors: (error, request, reply) => {
      void sendError(error, request, reply);
    },
    // Without, Fastify loads its own, which are larger than all else of it.
    schemaController: { compilersFactory: { buildValidator: notNeeded, buildSerializer: notNeeded } },
  });
  app.setValidatorCompiler(({ schema }) => queryReader(schema as Schema));
  // Bodies that no route takes are refused before they come here (entrance.ts).
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });

  async function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { status, details } = explain(error);
    if (status >= 500) requestFailed({ method: request.method, url: request.url, message: messageOf(error) });
    await reply
      .code(status)
      .type(PROBLEM_TYPE)
      .send(JSON.stringify(problem(status, request.url, details)));
  }
  app.setErrorHandler(sendError);
  app.setNotFoundHandler(async (request, reply) => {
    const found = routes.find(({ path }) => path === request.url.split('?', 1)[0]);
    if (found === undefined) throw new RequestProblem(404, { detail: NOT_FOUND });
    const allowed = allowedMethods(found);
    reply.header('allow', allowed);
    throw new RequestProblem(405, { detail: `${request.method} is not served here, expected ${allowed}` });
  });

  const reads = createTurns(REST_AFTER_READS);
  for (const route of routes) addRoute(app, route, reads);
  await app.ready();
  return app;
}

function notNeeded(): never {
  throw new Error('queries are read by query.ts, and answers are written by answerOf');
}

const NOT_FOUND = 'nothing is served here; / has links to what is, /api/v1/openapi.json describes it';

function addRoute(app: App, route: Route, reads: Turns): void {
  const make = inTurn(route, reads);
  app.route({
    method: [...route.methods],
    url: route.path.replace(/\{(\w+)\}/g, ':$1'),
    ...(route.body && { bodyLimit: route.body.mostBytes }),
    schema: { ...(route.query && { querystring: route.query }) },
    async handler(request, reply) {
      if (follows(route, request, reply)) return reply;
      const known = request.query instanceof Map ? (request.query as Query) : new Map<string, string>();
      const query = new Map([...known, ...wordsOf(route, request)]);
      const send = acceptsGzip(request.headers['accept-encoding']) ? make.compressed : make.uncompressed;
      const given = typeof request.body === 'string' ? request.body : '';
      const { status, body, headers } = await send({ query, body: given });
      const { contentType = 'application/octet-stream' } = route.answers[status] ?? {};
      return reply
        .code(status)
        .headers(headers ?? {})
        .type(contentType)
        .send(body);
    },
  });
}

/** What stands for the `{name}`s of the path. */
function wordsOf({ words = [] }: Route, { params }: FastifyRequest): [string, string][] {
  const given = params as Readonly<Record<string, string | undefined>>;
  return words.map((word) => [word, given[word] ?? '']);
}

/** HEAD has nothing to follow. */
function follows(route: Route, { method, headers }: FastifyRequest, reply: FastifyReply): boolean {
  if (route.follow === undefined || method === 'HEAD') return false;
  const lastEventId = headers['last-event-id'];
  if (!route.follow(reply.raw, typeof lastEventId === 'string' ? lastEventId : undefined)) return false;
  reply.hijack();
  return true;
}

/** The ways to an answer. Writing it out is part of them: of a large answer that is half the work. */
interface Make {
  readonly compressed: (asked: Asked) => Promise<Answer>;
  readonly uncompressed: (asked: Asked) => Promise<Answer>;
}

interface Asked {
  readonly query: Query;
  readonly body: string;
}

/** Answers to people and scripts share a quarter of the event loop; scrapes, which must not wait for them, have half. */
const REST_AFTER_READS = 3;
const REST_AFTER_SCRAPE = 1;

function inTurn(route: Route, reads: Turns): Make {
  if (route.making === 'shared') return shared(route);
  if (route.making === 'alone') return alone(route, reads);
  return {
    compressed: async (asked) => compressed(await answerOf(route, asked)),
    uncompressed: async (asked) => uncompressed(await answerOf(route, asked)),
  };
}

/** Made and compressed once for all who ask the same while it waits for its turn: open pages ask together. */
function alone(route: Route, reads: Turns): Make {
  const take = together<{ plain: Answer; compressed: () => Promise<Answer> }>(reads);
  const make = (asked: Asked): ReturnType<typeof take> =>
    take(JSON.stringify([...asked.query, asked.body]), async () => {
      const plain = await answerOf(route, asked);
      let zipped: Promise<Answer> | undefined;
      return { plain, compressed: () => (zipped ??= compressed(plain)) };
    });
  return {
    compressed: async (asked) => (await make(asked)).compressed(),
    uncompressed: async (asked) => uncompressed((await make(asked)).plain),
  };
}

/** Rendered once and compressed once for all who ask meanwhile. */
function shared(route: Route): Make {
  const turns = createTurns(REST_AFTER_SCRAPE);
  const make = singleFlight(() => turns.take(() => answerOf(route, { query: new Map(), body: '' })));
  return {
    compressed: singleFlight(async () => compressed(await make())),
    uncompressed: async () => uncompressed(await make()),
  };
}

/** The answer as a text. One with a hole in it would be a wrong answer, and is a failure. */
async function answerOf(route: Route, { query, body }: Asked): Promise<Answer> {
  const answer = await route.answer(query, body);
  if (typeof answer.body === 'string') return answer;
  const { schema } = route.answers[answer.status] ?? {};
  const missing = schema && missingIn(answer.body, schema);
  if (missing !== undefined) throw new Error(`the answer lacks ${missing}`);
  return { ...answer, body: JSON.stringify(answer.body) };
}

function queryReader(schema: Schema): (given: unknown) => { value: Query } | { error: Error } {
  return (given) => {
    try {
      return { value: readQuery(schema, given as Record<string, unknown>) };
    } catch (error) {
      return { error: error instanceof Error ? error : new Error(String(error)) };
    }
  };
}

/** What a client is told: its own mistakes in full, of ours no more than that the log has them. */
function explain(error: unknown): { status: number; details: ProblemDetails } {
  if (error instanceof RequestProblem) return { status: error.statusCode, details: error.details };
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500) return { status, details: { detail: messageOf(error) } };
  return { status: 500, details: { detail: 'the answer could not be made; the log says why' } };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** HEAD goes where GET goes (RFC 9110, section 9.3.2). */
function allowedMethods({ methods }: Route): string {
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
}

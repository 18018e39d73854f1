/** The table of routes on Fastify: the only importer of fastify. Opens no port. */
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { acceptsGzip, compressed, uncompressed } from './compress.js';
import { problem, PROBLEM_TYPE, RequestProblem, type ProblemDetails } from './problem.js';
import { readQuery, type Query } from './query.js';
import type { Answer, Route } from './routes.js';
import type { Schema } from './schema.js';
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

const NOT_FOUND = 'nothing is served here; / has links to what is, /api/v1/openapi.json describes it';

function addRoute(app: App, route: Route, reads: Turns): void {
  const make = inTurn(route, reads);
  const schemas = Object.entries(route.answers).flatMap(([status, { schema }]) =>
    schema === undefined || route.follow !== undefined ? [] : [[status, schema] as const],
  );
  app.route({
    method: [...route.methods],
    url: route.path.replace(/\{(\w+)\}/g, ':$1'),
    ...(route.body && { bodyLimit: route.body.mostBytes }),
    schema: { ...(route.query && { querystring: route.query }), response: Object.fromEntries(schemas) },
    async handler(request, reply) {
      if (follows(route, request, reply)) return reply;
      const known = request.query instanceof Map ? (request.query as Query) : new Map<string, string>();
      const query = new Map([...known, ...wordsOf(route, request)]);
      const serialize = ({ status, body, headers }: Answer): Answer => {
        const text = typeof body === 'string' ? body : (reply.code(status).serialize(body) as string);
        return { status, body: text, ...(headers && { headers }) };
      };
      const send = acceptsGzip(request.headers['accept-encoding']) ? make.compressed : make.uncompressed;
      const given = typeof request.body === 'string' ? request.body : '';
      const { status, body, headers } = await send({ query, body: given }, serialize);
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

/** The ways to an answer. Serializing is part of them: of a large answer that is half the work. */
interface Make {
  readonly compressed: (asked: Asked, serialize: (answer: Answer) => Answer) => Promise<Answer>;
  readonly uncompressed: (asked: Asked, serialize: (answer: Answer) => Answer) => Promise<Answer>;
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
  const make: Make['compressed'] = async ({ query, body }, serialize) =>
    serialize(await route.answer(query, body));
  return {
    compressed: async (...request) => compressed(await make(...request)),
    uncompressed: async (...request) => uncompressed(await make(...request)),
  };
}

/** Made and compressed once for all who ask the same while it waits for its turn: open pages ask together. */
function alone(route: Route, reads: Turns): Make {
  const take = together<{ plain: Answer; compressed: () => Promise<Answer> }>(reads);
  const make = ({ query, body }: Asked, serialize: (answer: Answer) => Answer): ReturnType<typeof take> =>
    take(JSON.stringify([...query, body]), async () => {
      const plain = serialize(await route.answer(query, body));
      let zipped: Promise<Answer> | undefined;
      return { plain, compressed: () => (zipped ??= compressed(plain)) };
    });
  return {
    compressed: async (...request) => (await make(...request)).compressed(),
    uncompressed: async (...request) => uncompressed((await make(...request)).plain),
  };
}

/** Rendered once and compressed once for all who ask meanwhile. Text only: there is nothing to serialize. */
function shared(route: Route): Make {
  const turns = createTurns(REST_AFTER_SCRAPE);
  const make = singleFlight(() => turns.take(async () => route.answer(new Map(), '')));
  return {
    compressed: singleFlight(async () => compressed(await make())),
    uncompressed: async () => uncompressed(await make()),
  };
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

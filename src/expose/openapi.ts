/** The OpenAPI 3.1 document, made from the table of routes (spec.openapis.org/oas/v3.1.1). */
import { EVENT_STREAM_TYPE } from './follow.js';
import { PROBLEM_TYPE } from './problem.js';
import type { AnswerKind, BodyKind, Method, Route } from './routes.js';
import { JSON_TYPE } from './routes.js';
import type { Schema } from './schema.js';
import { PROBLEM } from './schemas.js';

type Json = Readonly<Record<string, unknown>>;

export const OPENAPI_PATH = '/api/v1/openapi.json';

const ABOUT = {
  title: 'Crosstalk',
  version: '1',
  summary: 'Which tenants of a shared vCluster host cluster reach each other.',
  description:
    'Times are RFC 3339 in UTC. Values that are not known are absent. Errors are RFC 9457 problem details.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};

/** A route without its work. */
type Described = Omit<Route, 'answer'>;

/** The document's own route; its answer is made once, with itself in it. */
export function openapiRoute(others: readonly Route[]): Route {
  const route: Described = {
    path: OPENAPI_PATH,
    methods: ['GET'],
    operation: 'getOpenapi',
    summary: 'This document.',
    query: { type: 'object', properties: {}, additionalProperties: false },
    answers: {
      200: {
        description: 'OpenAPI 3.1.',
        contentType: JSON_TYPE,
        schema: { type: 'object', additionalProperties: true },
      },
    },
    making: 'never',
  };
  const body = JSON.stringify(openapi([...others, route]));
  return { ...route, answer: () => ({ status: 200, body }) };
}

function openapi(routes: readonly Described[]): Json {
  const components: Record<string, Json> = {};
  /** A schema with a title stands under components once and is referred to everywhere else. */
  const refer = (schema: Schema): Json => {
    const { title, ...rest } = schema;
    const inner = children(rest, refer);
    if (title === undefined) return inner;
    components[title] = inner;
    return { $ref: `#/components/schemas/${title}` };
  };
  const problem = { description: 'What is wrong.', content: { [PROBLEM_TYPE]: { schema: refer(PROBLEM) } } };
  const paths = Object.fromEntries(
    routes.map((route) => [
      route.path,
      Object.fromEntries(
        route.methods.map((method) => [method.toLowerCase(), operation(route, method, refer)]),
      ),
    ]),
  );
  return {
    openapi: '3.1.1',
    info: ABOUT,
    servers: [{ url: '/' }],
    // With --web.config.file basic_auth_users or not: {} is "nothing asked for".
    security: [{}, { basicAuth: [] }],
    paths,
    components: {
      schemas: components,
      responses: { Problem: problem },
      securitySchemes: { basicAuth: { type: 'http', scheme: 'basic' } },
    },
  };
}

function operation(route: Described, method: Method, refer: (schema: Schema) => Json): Json {
  const responses = Object.entries(route.answers).map(([status, kind]) => [status, response(kind, refer)]);
  return {
    operationId: route.methods.length === 1 ? route.operation : `${route.operation}By${method}`,
    summary: route.summary,
    parameters: [
      ...(route.words ?? []).map((name) => ({
        name,
        in: 'path',
        required: true,
        description: `The ${name}'s name.`,
        schema: { type: 'string' },
      })),
      ...Object.entries(route.query?.properties ?? {}).map(([name, { description, ...schema }]) => ({
        name,
        in: 'query',
        description,
        schema,
      })),
    ],
    ...(route.body && { requestBody: requestBody(route.body) }),
    responses: { ...Object.fromEntries(responses), default: { $ref: '#/components/responses/Problem' } },
  };
}

function requestBody({ description, contentType }: BodyKind): Json {
  return { description, required: true, content: { [contentType]: { schema: { type: 'string' } } } };
}

function response({ description, contentType, schema }: AnswerKind, refer: (schema: Schema) => Json): Json {
  if (schema === undefined)
    return { description, content: { [contentType]: { schema: { type: 'string' } } } };
  // OpenAPI 3.1 has no word for a sequence of events; JSON Schema has one for a text with JSON in it.
  const inText = { type: 'string', contentMediaType: 'application/json', contentSchema: refer(schema) };
  const isEvents = contentType === EVENT_STREAM_TYPE;
  return { description, content: { [contentType]: { schema: isEvents ? inText : refer(schema) } } };
}

function children(
  { items, properties, additionalProperties, ...rest }: Schema,
  map: (s: Schema) => Json,
): Json {
  const isSchema = typeof additionalProperties === 'object';
  return {
    ...rest,
    ...(items && { items: map(items) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, map(schema)])),
    }),
    ...(additionalProperties !== undefined && {
      additionalProperties: isSchema ? map(additionalProperties) : additionalProperties,
    }),
  };
}

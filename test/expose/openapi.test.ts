/** The OpenAPI document and the routes say the same, and answers are what both say. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { createApp, type App } from '../../src/expose/app.js';
import { crossing, party, sources, status, coverage } from '../fixtures/reports.js';
import { routesWith } from '../fixtures/web.js';
import { STREAM_PATH } from '../../src/expose/follow.js';
import type { Sources } from '../../src/expose/routes.js';

interface Operation {
  operationId: string;
  parameters: { name: string; in: string; schema: object }[];
  requestBody?: object;
  responses: Record<string, { content?: Record<string, { schema: object }>; $ref?: string }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; responses: Record<string, { content: object }> };
}

/** What the only route with a body takes. */
const POLICY =
  'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: deny, namespace: team-a }\nspec: { podSelector: {}, policyTypes: [Ingress] }\n';

async function open(changes: Partial<Sources> = {}): Promise<{ app: App; document: Document }> {
  const app = await createApp(routesWith(changes), () => undefined);
  const document = (await app.inject('/api/v1/openapi.json')).json<Document>();
  return { app, document };
}

/** `GET /path` of everything the router knows, read from the tree that it prints; HEAD goes with GET. */
function routesOf(app: App): string[] {
  const prefixes: string[] = [];
  return app
    .printRoutes({ commonPrefix: false, includeHooks: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', part = '', methods = ''] =
        /^([│├└─ ]*)(\S*)(?: \(([A-Z, ]+)\))?/.exec(line) ?? [];
      const depth = indent.length / 4;
      prefixes.length = depth;
      prefixes[depth] = part;
      const path = prefixes.join('').replace(/:(\w+)/g, '{$1}');
      return methods
        .split(', ')
        .filter((method) => method !== '' && method !== 'HEAD')
        .map((method) => `${method} ${path}`);
    });
}

/** Validates with a schema of the document, its references resolved within it. */
function validator(document: Document, schema: object): (value: unknown) => void {
  const formats = { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ };
  const ajv = new Ajv2020({ strict: true, allErrors: true, formats });
  ajv.addVocabulary(['components']);
  const check = ajv.compile({ ...schema, components: document.components, $id: 'document' });
  return (value) => {
    check(value);
    expect(check.errors ?? []).toEqual([]);
  };
}

describe('the document', () => {
  test('lists every route that exists, and only those', async () => {
    const { app, document } = await open();
    const listed = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const existing = routesOf(app);
    expect(listed.sort()).toEqual(existing.sort());
    expect(listed.length).toBeGreaterThanOrEqual(16);
  });

  test('gives each operation a name of its own', async () => {
    const { document } = await open();
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((o) => o.operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('refers only to what is in it, and has nothing that nobody refers to', async () => {
    const { document } = await open();
    const referred = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    for (const [, kind = '', name = ''] of referred) {
      const of = document.components[kind as 'schemas'];
      expect(Object.keys(of)).toContain(name);
    }
    const used = new Set(referred.map(([, , name]) => name));
    expect(Object.keys(document.components.schemas).filter((name) => !used.has(name))).toEqual([]);
    expect(Object.keys(document.components.schemas).sort()).toEqual(
      [
        'Changes',
        'Crossing',
        'CrossingParty',
        'Glance',
        'Matrix',
        'NodeStatus',
        'Pair',
        'PolicyCheck',
        'PolicyCheckGroup',
        'Problem',
        'Status',
        'Tenant',
        'Traffic',
      ].sort(),
    );
  });

  test('lists the parameters with their bounds', async () => {
    const { document } = await open();
    const { parameters } = document.paths['/api/v1/crossings']!['get']!;
    expect(parameters.map(({ name, schema }) => [name, schema])).toEqual([
      ['limit', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }],
      ['source', { type: 'string', maxLength: 512 }],
      ['destination', { type: 'string', maxLength: 512 }],
      ['verdict', { type: 'string', enum: ['allowed', 'audited', 'denied'] }],
    ]);
  });

  test('lists the telemetry path that was configured', async () => {
    const { document } = await open();
    expect(Object.keys(document.paths)).toContain('/metrics');
  });
});

describe('answers are what the document says', () => {
  /** Reports in which everything optional is absent, and in which everything is there. */
  const { stream } = status();
  const bare: Partial<Sources> = {
    status: () =>
      status({
        ready: false,
        notReady: ['why'],
        stream: { ...stream, provenSince: undefined },
        coverage: coverage({ lastFlow: undefined, lostEvents: {}, nodes: {} }),
        nodes: [{ name: 'n', state: 'silent', version: '', lastFlow: undefined, lostEvents: 3 }],
        lag: { median: undefined, p99: undefined },
        alerts: { active: 0, dropped: 0, alertmanagers: [] },
        config: { file: undefined, lastReloadSuccessful: false, settings: [] },
      }),
    tenants: () => [],
    matrix: () => ({ tenants: [], pairs: [] }),
    crossings: () => [
      crossing(party('a', 'p', { virtualPod: undefined, virtualNamespace: undefined }), party('b', 'q'), {
        protocol: 'other',
        port: undefined,
      }),
    ],
  };
  const full: Partial<Sources> = {
    status: () => status({ stream: { ...stream, lastError: { reason: 'r', message: 'm', hint: 'h' } } }),
  };

  test.each([
    ['usual', {}],
    ['bare', bare],
    ['full', full],
  ])('%s reports', async (_name, changes) => {
    const { app, document } = await open(changes);
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        if (path === STREAM_PATH) continue; // has no end: its messages are held to the document in follow.test.ts
        const answer = await app.inject({
          method: method.toUpperCase() as 'GET',
          url: path.replace('{tenant}', 'team-a'),
          ...(operation.requestBody && { payload: POLICY, headers: { 'content-type': 'application/yaml' } }),
        });
        const [type, { schema }] = Object.entries(operation.responses[answer.statusCode]!.content!)[0]!;
        expect([path, answer.headers['content-type']]).toEqual([path, type]);
        const isJson = type.startsWith('application/json');
        validator(document, schema)(isJson ? answer.json() : answer.body);
      }
    }
    expect((await app.inject('/api/v1/status')).json()).toEqual(
      JSON.parse(JSON.stringify(sources(changes).status())),
    );
  });

  test('errors are the Problem of the document', async () => {
    const { app, document } = await open();
    const check = validator(document, { $ref: '#/components/schemas/Problem' });
    for (const url of ['/nothing', '/api/v1/crossings?limit=x', '/api/v1/status?y', '/%zz']) {
      const answer = await app.inject(url);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      check(answer.json());
    }
    check((await app.inject({ method: 'DELETE', url: '/' })).json());
  });

  test('the schemas are closed: a field that a report gains is an error here until it is described', async () => {
    const { document } = await open();
    const check = validator(document, { $ref: '#/components/schemas/Status' });
    expect(() => check(JSON.parse(JSON.stringify({ ...status(), surprise: 1 })))).toThrow();
    expect(() => check(JSON.parse(JSON.stringify(status())))).not.toThrow();
  });
});

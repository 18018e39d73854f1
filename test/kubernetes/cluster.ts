/**
 * The API server that all tests share. It has no controllers, so a namespace is
 * never cleaned up: each test asks for one of its own.
 */
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { type ApiClient, apiClient, type Resource, pathOfVersion } from './api.js';
import type { KubernetesObject } from './objects.js';

let shared: ApiClient | undefined;
const client = (): ApiClient => (shared ??= apiClient(inject('kubernetes').access));

/** What is served does not change while tests run. */
const served = new Map<string, readonly Resource[]>();
async function resources(apiVersion: string): Promise<readonly Resource[]> {
  const known = served.get(apiVersion) ?? (await client().resources(apiVersion));
  served.set(apiVersion, known);
  return known;
}

/** An object as the server stored it, and what it warned of. */
export interface Accepted {
  readonly object: KubernetesObject;
  readonly warnings: readonly string[];
}

/** What the server said when it took an object not. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  /** In one word, such as `Invalid` or `Forbidden`. */
  readonly reason: string;

  constructor(object: KubernetesObject, status: number, reason: string, message: string) {
    super(`${object.kind}/${object.metadata.name}: ${message}`);
    this.status = status;
    this.reason = reason;
  }
}

/** In each namespace a controller makes one; without it no pod is admitted. */
const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };

/**
 * A new namespace. Labels such as `pod-security.kubernetes.io/enforce: restricted`
 * decide what is admitted to it.
 */
export async function newNamespace(labels: Readonly<Record<string, string>> = {}): Promise<string> {
  const namespace = `test-${randomBytes(5).toString('hex')}`;
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
  await apply(account, { namespace });
  return namespace;
}

/**
 * Gives an object to the server, which validates it strictly (a field that it
 * does not know is an error) and asks its admission plugins.
 *
 * @param options.namespace where an object goes that does not say so itself
 * @param options.dryRun everything but storing it
 * @throws Refused
 */
export async function apply(
  object: KubernetesObject,
  options: { readonly namespace?: string; readonly dryRun?: boolean } = {},
): Promise<Accepted> {
  const query = new URLSearchParams({ fieldManager: 'test', force: 'true', fieldValidation: 'Strict' });
  if (options.dryRun === true) query.set('dryRun', 'All');
  const path = await pathOf(object, options.namespace);
  const { status, body, warnings } = await client().request(
    'PATCH',
    `${path}?${query.toString()}`,
    object,
    'application/apply-patch+yaml',
  );
  if (status >= 300) {
    const { reason, message } = body as { reason: string; message: string };
    throw new Refused(object, status, reason, message);
  }
  return { object: body as KubernetesObject, warnings };
}

/** {@link apply} of many, none stored. Rejects with the first that is refused. */
export async function dryRun(objects: readonly KubernetesObject[], namespace: string): Promise<Accepted[]> {
  return await Promise.all(objects.map((object) => apply(object, { namespace, dryRun: true })));
}

/** The object of the same kind and name as the server has it now; undefined when it has none. */
export async function read(
  object: KubernetesObject,
  namespace?: string,
): Promise<KubernetesObject | undefined> {
  const { status, body } = await client().request('GET', await pathOf(object, namespace));
  if (status === 404) return undefined;
  if (status !== 200) throw new Error(`GET ${object.kind}/${object.metadata.name}: ${JSON.stringify(body)}`);
  return body as KubernetesObject;
}

/**
 * Every object of any kind in a namespace that somebody put there: without the
 * service account that each has, and without events. Those are the server's
 * diary, for whoever is quick enough: its own loops write one, for instance, when
 * they meet a Service whose address they have not yet noted
 * (pkg/registry/core/service/ipallocator/controller in kubernetes/kubernetes).
 */
export async function everythingIn(namespace: string): Promise<KubernetesObject[]> {
  const found = await Promise.all(
    (await servedVersions()).map(async (version) => {
      const listable = (await resources(version)).filter(
        ({ namespaced, verbs }) => namespaced && verbs.includes('list'),
      );
      return await Promise.all(listable.map((resource) => list(version, resource, namespace)));
    }),
  );
  return found
    .flat(2)
    .filter(({ kind }) => kind !== 'Event')
    .filter(({ kind, metadata }) => kind !== account.kind || metadata.name !== account.metadata.name);
}

async function servedVersions(): Promise<string[]> {
  const { body } = await client().request('GET', '/apis');
  const { groups } = body as { groups: { preferredVersion: { groupVersion: string } }[] };
  return ['v1', ...groups.map(({ preferredVersion }) => preferredVersion.groupVersion)];
}

async function list(
  apiVersion: string,
  { name, kind }: Resource,
  namespace: string,
): Promise<KubernetesObject[]> {
  const path = `${pathOfVersion(apiVersion)}/namespaces/${namespace}/${name}`;
  const { status, body } = await client().request('GET', path);
  if (status !== 200) throw new Error(`GET ${path}: ${JSON.stringify(body)}`);
  return (body as { items: KubernetesObject[] }).items.map((item) => ({ ...item, apiVersion, kind }));
}

async function pathOf(object: KubernetesObject, namespace?: string): Promise<string> {
  const { apiVersion, kind, metadata } = object;
  const resource = (await resources(apiVersion)).find((one) => one.kind === kind);
  if (!resource) throw new Refused(object, 404, 'NotFound', `the server knows no ${kind} of ${apiVersion}`);
  if (!resource.namespaced) return `${pathOfVersion(apiVersion)}/${resource.name}/${metadata.name}`;
  const where = metadata.namespace ?? namespace;
  if (where === undefined) throw new Error(`${kind}/${metadata.name}: no namespace was given`);
  return `${pathOfVersion(apiVersion)}/namespaces/${where}/${resource.name}/${metadata.name}`;
}

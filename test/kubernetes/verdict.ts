/** What the API server says of a set of objects. */
import { apply, dryRun } from './cluster.js';
import type { KubernetesObject } from './objects.js';

/**
 * Gives objects to the server, which stores none of them but namespaces. Rejects with the first that is refused.
 *
 * @param namespace where those go that do not say so themselves; others that they name are made
 * @returns what the server warned of
 */
export async function warningsFor(
  objects: readonly KubernetesObject[],
  namespace: string,
): Promise<string[]> {
  const own = objects.filter(({ kind }) => kind === 'Namespace');
  for (const object of own) await apply(object);
  const elsewhere = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
  for (const name of [namespace, ...own.map(({ metadata }) => metadata.name)]) elsewhere.delete(name);
  for (const name of elsewhere) await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const accepted = await dryRun(objects, namespace);
  return accepted.flatMap(({ warnings }) => warnings);
}

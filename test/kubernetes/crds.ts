/** The custom resource definitions of Cilium, prometheus-operator and cert-manager, as they publish them. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../interop/cluster.mjs';
import type { ApiClient } from './api.js';
import { type KubernetesObject, parseObjects } from './objects.js';

export interface CrdDirectory {
  readonly module: string;
  readonly version: string;
  readonly directory: string;
}

export function readCrds(directories: readonly CrdDirectory[]): KubernetesObject[] {
  return directories.flatMap(({ module, directory }) => {
    const files = readdirSync(directory).filter((file) => file.endsWith('.yaml'));
    const crds = files
      .flatMap((file) => parseObjects(readFileSync(join(directory, file), 'utf8')))
      .filter(({ kind }) => kind === 'CustomResourceDefinition');
    if (crds.length === 0) throw new Error(`${module} has no custom resource definitions in ${directory}`);
    return crds;
  });
}

/**
 * Applies all of them and waits until each can be listed: a kind that the server
 * just learned of is refused at first, and answered with 429 a little longer.
 */
export async function applyCrds(client: ApiClient, crds: readonly KubernetesObject[]): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  for (const crd of crds) {
    const { status, body } = await client.request('POST', path, crd);
    if (status !== 201) throw new Error(`${crd.metadata.name}: ${JSON.stringify(body)}`);
  }
  for (const crd of crds)
    for (const served of servedBy(crd))
      await until(
        `${served} being served`,
        async () => (await client.request('GET', served)).status === 200,
        120,
      );
}

interface CrdSpec {
  readonly group: string;
  readonly names: { readonly plural: string };
  readonly versions: readonly { readonly name: string; readonly served: boolean }[];
}

/** Where its objects are listed, in each version. */
function servedBy(crd: KubernetesObject): string[] {
  const { group, names, versions } = crd['spec'] as CrdSpec;
  return versions.filter(({ served }) => served).map(({ name }) => `/apis/${group}/${name}/${names.plural}`);
}

/** The manifests for users without Helm: `kubectl apply -k`. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { newNamespace } from './cluster.js';
import { kubectl } from './kubectl.js';
import { type KubernetesObject, names, parseObjects } from './objects.js';
import { isWorkload } from './pods.js';
import { warningsFor } from './verdict.js';

const ROOT = fileURLToPath(new URL('../../deploy/kustomize', import.meta.url));

/** Folders of a kind; a component is a part of others and cannot be built by itself. */
const kustomizations = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((file) => basename(file) === 'kustomization.yaml')
  .map((file) => ({ ...(parse(readFileSync(join(ROOT, file), 'utf8')) as { kind: string }), file }));
const foldersOf = (wanted: string): string[] =>
  kustomizations.flatMap(({ kind, file }) => (kind === wanted ? [dirname(file)] : [])).sort();
const folders = foldersOf('Kustomization');
const components = foldersOf('Component');

async function built(folder: string): Promise<KubernetesObject[]> {
  return parseObjects((await kubectl('kustomize', folder)).stdout);
}

/** An overlay as a user writes one; its folder is removed when the test has ended. */
async function overlaid(kustomization: Readonly<Record<string, unknown>>): Promise<KubernetesObject[]> {
  const overlay = mkdtempSync(join(tmpdir(), 'overlay-'));
  onTestFinished(() => rmSync(overlay, { recursive: true, force: true }));
  // Kustomize takes no absolute paths.
  const here = (paths: readonly string[]): string[] =>
    paths.map((path) => relative(overlay, join(ROOT, path)));
  const { resources = [], components = [] } = kustomization as Record<string, string[]>;
  writeFileSync(
    join(overlay, 'kustomization.yaml'),
    stringify({ ...kustomization, resources: here(resources), components: here(components) }),
  );
  return await built(overlay);
}

test('there is something to build, and something to add', () => {
  expect(folders).not.toEqual([]);
  expect(components).not.toEqual([]);
});

test.each(folders)('%s is built, and every object accepted', async (folder) => {
  const objects = await overlaid({ namespace: `test-${randomUUID()}`, resources: [folder] });
  expect(objects.filter(isWorkload)).toHaveLength(1);
  expect(await warningsFor(objects, await newNamespace())).toEqual([]);
});

test.each(folders)('%s: kubectl applies it and has nothing to say', async (folder) => {
  const { stdout, stderr } = await kubectl(
    'apply',
    '--server-side',
    '--force-conflicts',
    '-k',
    join(ROOT, folder),
  );
  expect(stderr).toBe('');
  const applied = stdout.trim().split('\n');
  expect(applied).toHaveLength(names(await built(join(ROOT, folder))).length);
});

test.each(components)('%s, added to what has it not, is accepted', async (component) => {
  const adds = (folder: string): boolean =>
    !('components' in kustomizations.find(({ file }) => dirname(file) === folder)!);
  for (const folder of folders.filter(adds)) {
    const namespace = `test-${randomUUID()}`;
    const objects = await overlaid({ namespace, resources: [folder], components: [component] });
    expect(new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []))).toEqual(
      new Set([namespace]),
    );
    expect(objects.length).toBeGreaterThan((await built(join(ROOT, folder))).length);
    expect(await warningsFor(objects, await newNamespace())).toEqual([]);
  }
});

test('what a user misspells in an overlay is refused', async () => {
  const patch = stringify([{ op: 'add', path: '/spec/replicaz', value: 2 }]);
  const patches = [{ target: { kind: 'Deployment|DaemonSet' }, patch }];
  const objects = await overlaid({ resources: [folders[0]!], patches });
  await expect(warningsFor(objects, await newNamespace())).rejects.toThrow(/replicaz/);
});

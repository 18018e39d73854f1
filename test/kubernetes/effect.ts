/** What a value of the chart does, and where that is seen: effects.yaml, read. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import type { KubernetesObject } from './objects.js';

/** A row of effects.yaml, where its fields are explained. */
export interface Effect {
  readonly value: string;
  readonly set: unknown;
  readonly beside?: Readonly<Record<string, unknown>>;
  readonly apis?: readonly string[];
  readonly kind: string;
  readonly at?: string;
  readonly is?: unknown;
  readonly matches?: string;
}

export const EFFECTS = parse(
  readFileSync(new URL('effects.yaml', import.meta.url), 'utf8'),
) as readonly Effect[];

/** `{ 'a.b': 1 }` as helm takes it: `{ a: { b: 1 } }`. */
export function nested(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(values)) {
    const parents = path.split('.');
    const last = parents.pop() ?? '';
    let at = all;
    for (const name of parents) at = (at[name] ??= {}) as Record<string, unknown>;
    at[last] = value;
  }
  return all;
}

const FILES: Readonly<Record<string, readonly [kind: string, at: string]>> = {
  config: ['ConfigMap/crosstalk', 'data["crosstalk.yaml"]'],
  'web-config': ['Secret/crosstalk-web', 'stringData["web-config.yml"]'],
};

/** What stands where the row looks; null where nothing does. Without `at`: whether any object is of the kind. */
export function seen({ kind, at }: Effect, objects: readonly KubernetesObject[]): unknown {
  const [named, path] = FILES[kind] ?? [kind, at];
  const [wantedKind, name] = named.split('/');
  const found = objects.filter(
    (object) => object.kind === wantedKind && (name === undefined || object.metadata.name === name),
  );
  if (path === undefined) return found.length > 0;
  return lookAt(
    found[0],
    path.replace(/^container\b/, 'pod.containers[name=crosstalk]').replace(/^pod\b/, 'spec.template.spec'),
  );
}

/** Whether that is what the row says. */
export function isSeen(effect: Effect, objects: readonly KubernetesObject[]): boolean {
  const there = seen(effect, objects);
  if (effect.matches !== undefined) return new RegExp(effect.matches, 'm').test(String(there));
  return isDeepStrictEqual(there, effect.is);
}

function lookAt(object: unknown, path: string): unknown {
  let at: unknown = object;
  for (const step of path.match(/\["[^"]+"\]|\[\w+=[^\]]+\]|\[\d+\]|[^.[\]]+/g) ?? []) {
    if (typeof at !== 'object' || at === null) return null;
    at = stepInto(at, step);
  }
  return at ?? null;
}

/** `key`, `["key.with/dots"]`, `[0]`, or `[name=x]`: the item of a list whose name is x. */
function stepInto(at: object, step: string): unknown {
  const [, key, wanted] = /^\[(\w+)=(.+)\]$/.exec(step) ?? [];
  if (key !== undefined && Array.isArray(at))
    return at.find((item) => lookAt(item, key) === wanted) as unknown;
  const name = step.replace(/^\["?|"?\]$/g, '');
  return Object.entries(at).find(([entry]) => entry === name)?.[1] as unknown;
}

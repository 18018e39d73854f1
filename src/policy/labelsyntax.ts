/**
 * What Kubernetes takes as a label key and value (k8s.io/apimachinery
 * pkg/util/validation: IsQualifiedName, IsValidLabelValue), and what Cilium makes
 * of a key in a selector.
 */
import type { LabelKey } from './selector.js';

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LONGEST_NAME = 63;
const LONGEST_PREFIX = 253;

/** A DNS subdomain, as names of objects and prefixes of labels are. */
export function isObjectName(name: string): boolean {
  return name.length <= LONGEST_PREFIX && PREFIX.test(name);
}

export function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  if (slash !== -1 && !isObjectName(key.slice(0, slash))) return false;
  return name.length <= LONGEST_NAME && NAME.test(name);
}

export function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= LONGEST_NAME && NAME.test(value));
}

/**
 * `k8s:app` becomes `k8s.app`, `app` becomes `any.app`, `$host` and
 * `reserved.host` become `reserved.host` (pkg/labels/labels.go,
 * GetExtendedKeyFrom). That form is what must be a valid key, prefix included.
 */
export function extendedKey(written: string): string {
  const [source, rest] = sourceOf(written);
  const [key = ''] = rest.split('=', 1);
  return `${source}.${key}`;
}

function sourceOf(written: string): [source: string, rest: string] {
  if (written.startsWith('$')) return ['reserved', written.slice(1)];
  const colon = written.indexOf(':');
  if (colon > 0) return [written.slice(0, colon), written.slice(colon + 1)];
  if (colon === 0) return ['any', written.slice(1)];
  if (written.startsWith('reserved.')) return ['reserved', written.slice('reserved.'.length)];
  return ['any', written];
}

/** Read back as the engine does: the source ends at the first dot (ParseSelectDotLabel). */
export function ciliumKey(written: string): LabelKey {
  const extended = extendedKey(written);
  const dot = extended.indexOf('.');
  return { source: extended.slice(0, dot), key: extended.slice(dot + 1) };
}

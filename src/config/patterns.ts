/** Names of Kubernetes and of tenants, as the file may give them. */
import type { Read } from './kinds.js';

/** RFC 1123 label, as Kubernetes has it for namespaces. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Its beginning, for patterns: may end in a dash. */
const LABEL_START = /^[a-z0-9][-a-z0-9]{0,61}$/;

const NAMESPACE =
  'a host namespace: lower-case letters, digits and dashes, at most 63 characters; a * at the end stands for any ending';

/**
 * A host namespace, exact or with one trailing `*`. `*` alone is refused: it would
 * make every namespace one tenant's, or the platform's, and nothing would be
 * cross-tenant any more.
 */
export function parseNamespacePattern(given: string): Read<string> {
  if (given === '*') {
    return {
      ok: false,
      expected: `${NAMESPACE}; * alone would cover every namespace and hide all crossings`,
    };
  }
  const start = given.endsWith('*') ? given.slice(0, -1) : undefined;
  const fits = start === undefined ? DNS_LABEL.test(given) : LABEL_START.test(start);
  return fits ? { ok: true, value: given } : { ok: false, expected: NAMESPACE };
}

export const VCLUSTER_NAME = 'a vCluster name: lower-case letters, digits and dashes, at most 63 characters';

export function parseVClusterName(given: string): Read<string> {
  return DNS_LABEL.test(given) ? { ok: true, value: given } : { ok: false, expected: VCLUSTER_NAME };
}

export const DISPLAY_NAME =
  'a display name: letters, digits, spaces and . _ - between them, at most 63 characters';

/**
 * What a tenant is called in labels and messages. No `/`: names made from
 * namespace and vCluster have it. No leading `__`: `__platform__`, `__overflow__`
 * and the like stand for what is no tenant.
 */
export function parseDisplayName(given: string): Read<string> {
  if (given.includes('/')) {
    return { ok: false, expected: `${DISPLAY_NAME}; a / is only in names made from namespace and vCluster` };
  }
  if (given.startsWith('__')) {
    return { ok: false, expected: `${DISPLAY_NAME}; names with a leading __ stand for what is no tenant` };
  }
  const fits = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} ._-]{0,61}[\p{L}\p{M}\p{N}])?$/u.test(given);
  return fits ? { ok: true, value: given } : { ok: false, expected: DISPLAY_NAME };
}

/** Whether every namespace that `inner` covers is covered by `outer` too. */
export function covers(outer: string, inner: string): boolean {
  if (!outer.endsWith('*')) return outer === inner;
  const start = outer.slice(0, -1);
  return (inner.endsWith('*') ? inner.slice(0, -1) : inner).startsWith(start);
}

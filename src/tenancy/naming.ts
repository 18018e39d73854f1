/**
 * The names vCluster gives to what it syncs into its host namespace, exactly as
 * it does (loft-sh/vcluster pkg/util/translate/translate.go SafeConcatName and
 * single_namespace.go; unchanged from v0.3 to v0.37).
 *
 * A name is no key: parts may themselves contain `-x-`, a long name is hashed,
 * and two host namespaces may hold a vCluster of one name.
 */
import { hash } from 'node:crypto';

/** A Kubernetes label value and a DNS label are this long at most, in bytes. */
const LONGEST_NAME = 63;
/** What vCluster keeps of a name that is longer, before `-` and the hash. */
const KEPT = 52;
const HASH_DIGITS = 10;

/** Stands between pod, virtual namespace and vCluster. */
export const SEPARATOR = '-x-';

/**
 * vCluster's SafeConcatName: joined with `-`, and where that is longer than 63
 * bytes, its first 52 bytes, `-` and ten hex digits of the SHA-256 of the whole.
 * The replacement of `.-` by `-` goes over the whole result, as in the original,
 * so a hashed name may be shorter than 63.
 *
 * @param parts ASCII, as all Kubernetes names are (the cut is one of bytes)
 */
export function safeConcatName(...parts: readonly string[]): string {
  const joined = parts.join('-');
  if (Buffer.byteLength(joined) <= LONGEST_NAME) return joined;
  const kept = Buffer.from(joined).subarray(0, KEPT).toString();
  const digits = hash('sha256', joined, 'hex').slice(0, HASH_DIGITS);
  return `${kept}-${digits}`.replaceAll('.-', '-');
}

/** @returns the host object's name for a virtual one; '' for '' */
export function hostName(name: string, virtualNamespace: string, vcluster: string): string {
  return name === '' ? '' : safeConcatName(name, 'x', virtualNamespace, 'x', vcluster);
}

const HASHED = /-[0-9a-f]{10}$/;
/** A hashed name has 63 characters, one less for each `.-` that was replaced; 60 leaves room for three. */
const SHORTEST_HASHED = 60;

/** Whether the end of a host name may be a hash, so that what it seems to say must not be believed. */
export function looksHashed(name: string): boolean {
  return name.length >= SHORTEST_HASHED && HASHED.test(name);
}

/** @returns the part of a hashed name in front of its hash: at most 52 bytes of the joined name */
export function keptOfHashed(name: string): string {
  return name.slice(0, -(HASH_DIGITS + 1));
}

/** Whether a name can be read as `<pod>-x-<namespace>-x-<vcluster>` in at least one way, no part empty. */
export function isShaped(name: string): boolean {
  const first = name.indexOf(SEPARATOR, 1);
  const last = name.lastIndexOf(SEPARATOR, name.length - SEPARATOR.length - 1);
  return first !== -1 && last > first + SEPARATOR.length;
}

/** @returns what follows the last `-x-` of a {@link isShaped} name, or undefined */
export function lastPart(name: string): string | undefined {
  if (!isShaped(name)) return undefined;
  return name.slice(name.lastIndexOf(SEPARATOR, name.length - SEPARATOR.length - 1) + SEPARATOR.length);
}

/** @returns what stands before `-x-<vcluster>`: `<pod>-x-<namespace>`; undefined where the name does not end so */
export function beforeVcluster(name: string, vcluster: string): string | undefined {
  const end = SEPARATOR + vcluster;
  return name.endsWith(end) ? name.slice(0, -end.length) : undefined;
}

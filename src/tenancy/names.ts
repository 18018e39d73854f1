/**
 * What tenants are called in labels, the API and logs: `<vcluster>` where the
 * host namespace has the same name, else `<host namespace>/<vcluster>`, with
 * `<cluster>/` in front for another cluster than the analyzer's own.
 *
 * Two tenants never share a name. Automatic names differ because their parts
 * hold no `/`; a configured name holds none either, so it can only meet the
 * short form, which then gives way to the long one.
 */
import type { TenantId } from '../model.js';
import type { Rules } from './rules.js';

/** What makes a tenant one and the same. */
export interface TenantKey {
  readonly cluster: string;
  readonly hostNamespace: string;
  readonly vcluster: string;
}

/** JSON, because no text in any part can then make two keys one. */
export function tenantId({ cluster, hostNamespace, vcluster }: TenantKey): TenantId {
  return JSON.stringify([cluster, hostNamespace, vcluster]) as TenantId;
}

/** Sides of a flow that are no tenant are called `__platform__` and so on: no tenant may look like one. */
const RESERVED_START = '__';

/** @returns the display name of any tenant under these rules; the same key always gets the same name */
export function createNames(rules: Rules): (key: TenantKey) => string {
  const configured = new Map<TenantId, string>();
  const taken = new Set<string>();
  for (const { hostNamespace, vcluster, name } of rules.tenants) {
    // The configuration's check refuses these; should one get here, the automatic name is the safe one.
    if (name === undefined || name.includes('/') || name.startsWith(RESERVED_START) || taken.has(name))
      continue;
    configured.set(tenantId({ cluster: rules.cluster, hostNamespace, vcluster }), name);
    taken.add(name);
  }
  return (key) => configured.get(tenantId(key)) ?? automatic(key);

  function automatic({ cluster, hostNamespace, vcluster }: TenantKey): string {
    const long = `${hostNamespace}/${vcluster}`;
    if (cluster !== rules.cluster || long.startsWith(RESERVED_START)) return `${cluster}/${long}`;
    return hostNamespace === vcluster && !taken.has(vcluster) ? vcluster : long;
  }
}

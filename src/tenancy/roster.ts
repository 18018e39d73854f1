/** The tenants seen so far, each one object, and how many endpoints speak for them. */
import type { Evidence, Tenant, TenantId } from '../model.js';
import { type TenantKey, tenantId } from './names.js';

export interface RosterEntry {
  readonly tenant: Tenant;
  /** Endpoints remembered, by the evidence that decided. */
  readonly endpoints: Partial<Record<Evidence, number>>;
}

export interface Roster {
  /** One more endpoint of a tenant. @returns the tenant, the same object each time */
  enter(key: TenantKey, evidence: Evidence): Tenant;
  /** An endpoint is no longer remembered; the tenant stays seen. */
  forget(id: TenantId, evidence: Evidence): void;
  /** An endpoint turned out not to be this tenant's; a tenant of which nothing is left never was. */
  retract(id: TenantId, evidence: Evidence): void;
  list(): RosterEntry[];
}

interface Seen {
  readonly tenant: Tenant;
  readonly endpoints: Map<Evidence, number>;
}

export function createRoster(nameOf: (key: TenantKey) => string): Roster {
  const entries = new Map<TenantId, Seen>();

  return {
    enter(key, evidence) {
      const { tenant, endpoints } = seen(key);
      endpoints.set(evidence, (endpoints.get(evidence) ?? 0) + 1);
      return tenant;
    },
    forget(id, evidence) {
      remove(id, evidence);
    },
    retract(id, evidence) {
      remove(id, evidence);
      if (entries.get(id)?.endpoints.size === 0) entries.delete(id);
    },
    list: () =>
      [...entries.values()].map(({ tenant, endpoints }) => ({
        tenant,
        endpoints: Object.fromEntries(endpoints),
      })),
  };

  function seen(key: TenantKey): Seen {
    const id = tenantId(key);
    const known = entries.get(id);
    if (known !== undefined) return known;
    const { cluster, hostNamespace, vcluster } = key;
    const entry = {
      tenant: { id, cluster, hostNamespace, vcluster, name: nameOf(key), account: undefined },
      endpoints: new Map(),
    };
    entries.set(id, entry);
    return entry;
  }

  function remove(id: TenantId, evidence: Evidence): void {
    const endpoints = entries.get(id)?.endpoints;
    const left = (endpoints?.get(evidence) ?? 0) - 1;
    if (left > 0) endpoints?.set(evidence, left);
    else endpoints?.delete(evidence);
  }
}

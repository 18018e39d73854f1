/** Two parties, one relation. The source is whoever opened the connection. */
import type { Party, Relation } from '../model.js';

/** Pure. Tenants are the same tenant when their whole key is, never because of a name. */
export function relate(source: Party, destination: Party): Relation {
  if (source.kind === 'unidentified' || destination.kind === 'unidentified') return 'unidentified';
  if (source.kind === 'tenant') {
    switch (destination.kind) {
      case 'tenant':
        return source.tenant.id === destination.tenant.id ? 'intra_tenant' : 'cross_tenant';
      case 'platform':
        return 'tenant_to_platform';
      case 'world':
        return 'tenant_to_world';
    }
  }
  if (destination.kind === 'tenant') {
    return source.kind === 'platform' ? 'platform_to_tenant' : 'world_to_tenant';
  }
  return 'no_tenant';
}

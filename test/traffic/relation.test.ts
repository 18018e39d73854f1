import { expect, test } from 'vitest';
import { relate } from '../../src/traffic/relation.js';
import type { Party, Relation } from '../../src/model.js';
import { tenantParty } from '../fixtures/flows.js';

const A = tenantParty('team-a');
const B = tenantParty('team-b');
const platform: Party = { kind: 'platform' };
const world: Party = { kind: 'world' };
const unidentified: Party = { kind: 'unidentified' };

test.each<[string, Party, Party, Relation]>([
  ['one tenant with itself', A, tenantParty('team-a'), 'intra_tenant'],
  ['two tenants', A, B, 'cross_tenant'],
  ['the same vCluster name in two host namespaces', A, tenantParty('team-a', 'other'), 'cross_tenant'],
  ['tenant to platform', A, platform, 'tenant_to_platform'],
  ['platform to tenant', platform, A, 'platform_to_tenant'],
  ['tenant to world', A, world, 'tenant_to_world'],
  ['world to tenant', world, A, 'world_to_tenant'],
  ['platform to world', platform, world, 'no_tenant'],
  ['world to platform', world, platform, 'no_tenant'],
  ['platform to platform', platform, platform, 'no_tenant'],
  ['unknown to tenant: never taken for the same tenant', unidentified, A, 'unidentified'],
  ['tenant to unknown', A, unidentified, 'unidentified'],
  ['unknown to platform', unidentified, platform, 'unidentified'],
  ['unknown to unknown', unidentified, unidentified, 'unidentified'],
])('%s', (_, source, destination, relation) => {
  expect(relate(source, destination)).toBe(relation);
});

/** All lints over a set of policies. Pure: what it knows of the cluster is what was observed. */
import { type ClusterView, DEFAULT_CLUSTER } from './context.js';
import type { Finding, Observed } from './finding.js';
import { ignoredBlocks, servicePorts } from './lintaddresses.js';
import { hostWithoutPorts, remoteNodeMissing } from './lintnodes.js';
import { crowded, mixedTenants } from './linttenants.js';
import { matchesNothing, selectsEverything } from './lintwidth.js';
import type { Policy } from './rule.js';

export function lintPolicies(
  policies: readonly Policy[],
  observed: Observed = {},
  cluster: ClusterView = DEFAULT_CLUSTER,
): Finding[] {
  const pods = crowded(observed.tenants ?? [], cluster.name);
  return policies.flatMap((policy) => [
    ...policy.rules.flatMap((rule) => [
      ...selectsEverything(rule),
      ...matchesNothing(rule),
      ...hostWithoutPorts(rule),
      ...remoteNodeMissing(rule, policy.rules),
      ...mixedTenants(rule, pods),
      ...ignoredBlocks(rule, observed.addresses ?? [], cluster.name),
      ...servicePorts(rule, observed.services ?? [], cluster.name),
    ]),
    ...policy.notes.map(({ path, text }): Finding => ({
      lint: 'note',
      policy: policy.ref,
      path,
      why: text,
      instead: 'nothing, if this is what is meant',
    })),
  ]);
}

/**
 * Two vClusters may share a host namespace. A selector that stops at the
 * namespace then lets one in where the other is meant.
 */
import { type Finding, finding, type TenantPods } from './finding.js';
import { type IdentityLabel, lookup, parseIdentityLabel, POD_NAMESPACE } from './label.js';
import type { Rule } from './rule.js';
import { selects } from './selector.js';
import { knowSide } from './subject.js';

/** A pod in a namespace that several tenants share. */
export interface CrowdedPod {
  readonly tenant: string;
  readonly namespace: string;
  readonly labels: readonly IdentityLabel[];
}

/** Found once for all rules: pods are many, and in most clusters none shares its namespace. */
export function crowded(tenants: readonly TenantPods[], cluster: string): CrowdedPod[] {
  const pods = tenants.flatMap((tenant) => podsOf(tenant, cluster));
  const owners = new Map<string, Set<string>>();
  for (const { namespace, tenant } of pods)
    owners.set(namespace, (owners.get(namespace) ?? new Set()).add(tenant));
  return pods.filter(({ namespace }) => (owners.get(namespace)?.size ?? 0) > 1);
}

export function mixedTenants(rule: Rule, pods: readonly CrowdedPod[]): Finding[] {
  const { peers, subject, effect } = rule;
  if (effect === 'deny' || peers === 'nobody' || subject.kind === 'node') return [];
  const selected = pods.filter(({ labels }) => selects(subject.selector, labels));
  const reached = pods.filter(({ labels }) =>
    peers.some((peer) => peer.kind === 'labels' && selects(peer.selector, labels)),
  );
  const pair = firstPair(selected, reached);
  if (pair === undefined) return [];
  const [one, other] = pair;
  const [from, to] = rule.direction === 'ingress' ? [other, one] : [one, other];
  return [
    finding(
      'tenants-not-separated',
      rule,
      `${one.tenant} and ${other.tenant} share the namespace ${one.namespace}, and this allows ${from.tenant} to reach ${to.tenant}`,
      `select by what tells tenants apart, on both sides: vcluster.loft.sh/managed-by: <vCluster> beside the namespace`,
    ),
  ];
}

function podsOf({ tenant, labels }: TenantPods, cluster: string): CrowdedPod[] {
  return labels.flatMap((texts): CrowdedPod[] => {
    if (knowSide(texts, cluster).kind !== 'endpoint') return [];
    const parsed = texts.map(parseIdentityLabel);
    const namespace = lookup(parsed, 'k8s', POD_NAMESPACE);
    return namespace === undefined ? [] : [{ tenant, namespace, labels: parsed }];
  });
}

/** By namespace first: pods are many, namespaces that two tenants share are few. */
function firstPair(
  selected: readonly CrowdedPod[],
  reached: readonly CrowdedPod[],
): [CrowdedPod, CrowdedPod] | undefined {
  const here = new Map<string, CrowdedPod[]>();
  for (const pod of reached) {
    const known = here.get(pod.namespace) ?? [];
    if (!known.some(({ tenant }) => tenant === pod.tenant)) here.set(pod.namespace, [...known, pod]);
  }
  for (const one of selected) {
    const other = here.get(one.namespace)?.find(({ tenant }) => tenant !== one.tenant);
    if (other !== undefined) return [one, other];
  }
  return undefined;
}

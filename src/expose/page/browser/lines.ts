/** What a person types to look closer, made from what was seen. Only names that a shell takes as they are. */
import type { CrossingParty, CrossingReport } from '../../api.js';

/** RFC 1123, which Kubernetes holds names to. */
const SAFE_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
/** As Hubble names them (`kind`). */
const POLICY_KINDS = new Set([
  'CiliumNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
  'NetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
]);

export function kubectlLines({ source, destination, policies }: CrossingReport): string[] {
  const pods = [source, destination].flatMap(podLine);
  return [...new Set([...pods, ...policies.flatMap(policyLine)])];
}

function podLine({ namespace, pod }: CrossingParty): string[] {
  if (!SAFE_NAME.test(namespace) || !SAFE_NAME.test(pod)) return [];
  return [`kubectl --namespace ${namespace} get pod ${pod} --show-labels --output wide`];
}

/** @param policy `kind/namespace/name`, `kind/name` of a clusterwide one */
function policyLine(policy: string): string[] {
  const [kind = '', ...names] = policy.split('/');
  if (!POLICY_KINDS.has(kind) || !names.every((name) => SAFE_NAME.test(name))) return [];
  const [namespace, name] = names.length === 2 ? names : [undefined, names[0]];
  if (name === undefined || names.length > 2) return [];
  const scope = namespace === undefined ? '' : `--namespace ${namespace} `;
  return [`kubectl ${scope}get ${kind.toLowerCase()} ${name} --output yaml`];
}

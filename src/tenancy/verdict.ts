/** All evidence weighed: one pod, one answer. Pure; what is to be learned from it, attribution.ts learns. */
import { accountStem } from './account.js';
import { contradictions, type Decision, type Disagreement, disagreements } from './conflict.js';
import { type Claim, type Question, type Rule, RULES } from './evidence.js';
import { Key, type KubernetesLabels, MARK, NAMESPACE_MARK } from './labels.js';
import { isShaped, looksHashed } from './naming.js';
import type { Pod } from './pod.js';

export type Answer =
  | {
      readonly kind: 'tenant';
      readonly evidence: Rule['evidence'];
      readonly claim: Claim;
      readonly disagreements: readonly Disagreement[];
    }
  | {
      readonly kind: 'platform' | 'unidentified';
      /** Said by the operator: nothing that is learned later changes it. */
      readonly final: boolean;
      /** As vCluster leaves what it syncs, although nobody could be told from it. */
      readonly suspicious: boolean;
      readonly disagreements: readonly Disagreement[];
    };

/** @param question of a pod whose cluster and namespace are known */
export function answer(question: Question): Answer {
  const { pod, rules } = question;
  if (rules.isPlatform(pod.cluster, pod.namespace)) {
    const found = disagreements(question, 'platform');
    return { kind: 'platform', final: true, suspicious: false, disagreements: found };
  }
  const decision = firstClaim(question);
  if (decision === undefined) return whatIsLeft(question);
  return { kind: 'tenant', ...decision, disagreements: disagreements(question, decision) };
}

function firstClaim(
  question: Question,
): (Exclude<Decision, 'platform'> & Pick<Rule, 'evidence'>) | undefined {
  for (const { evidence, claim } of RULES) {
    const made = claim(question);
    if (made !== undefined) return { evidence, claim: made };
  }
  return undefined;
}

/**
 * Platform is what is outside tenants' namespaces. Where a vCluster is known or
 * suspected, or the pod itself looks synced, it may be a tenant's, and a guess in
 * either direction would hide a crossing.
 */
function whatIsLeft({ pod, lore }: Question): Answer {
  const suspicious = looksSynced(pod);
  const isTenants = lore.known.size > 0 || lore.suspected || suspicious;
  const kind = isTenants ? 'unidentified' : 'platform';
  return { kind, final: false, suspicious, disagreements: contradictions(pod) };
}

/** Whether anything on a pod is as vCluster leaves it, although nobody could be told from it. */
function looksSynced({ name, labels }: Pod): boolean {
  const account = labels.get(Key.SERVICE_ACCOUNT)?.value ?? '';
  const isAccountRefused = accountStem(account) !== undefined;
  return (
    isAccountRefused || [name, account].some((text) => isShaped(text) || looksHashed(text)) || hasMark(labels)
  );
}

/** A mark whose value was refused, or of which a filter in Cilium's configuration left only a part. */
function hasMark(labels: KubernetesLabels): boolean {
  for (const key of labels.keys()) {
    if (key.startsWith(MARK) || key.startsWith(NAMESPACE_MARK)) return true;
  }
  return false;
}

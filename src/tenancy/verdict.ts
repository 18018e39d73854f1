/** All evidence weighed: one pod, one answer. Pure; what is to be learned from it, attribution.ts learns. */
import { contradictions, type Decision, type Disagreement, disagreements } from './conflict.js';
import { type Claim, type Question, type Rule, RULES } from './evidence.js';
import { isShaped, looksHashed } from './naming.js';

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
      /** Named as vCluster names what it syncs, although nobody could be told from it. */
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
 * suspected, or the pod's own name looks synced, it may be a tenant's, and a
 * guess in either direction would hide a crossing.
 */
function whatIsLeft({ pod, lore }: Question): Answer {
  const suspicious = looksHashed(pod.name) || isShaped(pod.name);
  const isTenants = lore.known.size > 0 || lore.suspected || suspicious;
  const kind = isTenants ? 'unidentified' : 'platform';
  return { kind, final: false, suspicious, disagreements: contradictions(pod) };
}

/** From one pod's facts to what they amount to: asked, answered, and what the answer teaches remembered. */
import type { Evidence } from '../model.js';
import { contradictions, type Disagreement } from './conflict.js';
import { chartRelease, type Claim } from './evidence.js';
import { accountStem, isTenantChosen } from './account.js';
import type { Knowledge, Lore } from './knowledge.js';
import { Key } from './labels.js';
import type { TenantKey } from './names.js';
import type { Pod } from './pod.js';
import type { Rules } from './rules.js';
import { type Answer, answer } from './verdict.js';

/** Whose a pod is, before anyone has given the tenant an object and a name. */
export interface Conclusion {
  readonly owner: Owner | 'platform' | 'unidentified';
  /** Holds as long as this has not turned; {@link SETTLED} for what nothing can change. */
  readonly lore: Pick<Lore, 'cluster' | 'namespace' | 'generation'>;
  readonly disagreements: readonly Disagreement[];
}

export interface Owner {
  readonly key: TenantKey;
  readonly evidence: Exclude<Evidence, 'none'>;
  readonly labels: readonly string[];
}

type TenantAnswer = Extract<Answer, { kind: 'tenant' }>;

/** Never turns. */
export const SETTLED: Conclusion['lore'] = Object.freeze({ cluster: '', namespace: '', generation: 0 });

/** Evidence on which knowledge of the namespace has no bearing. */
const UNMOVED: ReadonlySet<Evidence> = new Set<Evidence>(['config', 'namespace_labels', 'managed_by']);

export function createConclude(rules: Rules, knowledge: Knowledge): (pod: Pod) => Conclusion {
  return (pod) => {
    if (pod.cluster === '' || pod.namespace === '') {
      return { owner: 'unidentified', lore: SETTLED, disagreements: contradictions(pod) };
    }
    const lore = knowledge.of(pod.cluster, pod.namespace);
    const given = answer({ pod, rules, lore });
    const { disagreements } = given;
    if (given.kind !== 'tenant') {
      if (given.suspicious) knowledge.suspect(lore, undefined);
      return { owner: given.kind, lore: given.final ? SETTLED : lore, disagreements };
    }
    if (!learn(given, pod, lore)) return { owner: 'unidentified', lore, disagreements };
    return { owner: ownerOf(given, pod), lore: UNMOVED.has(given.evidence) ? SETTLED : lore, disagreements };
  };

  /** @returns whether the answer may stand: a vCluster that cannot be remembered is not believed */
  function learn({ evidence, claim }: TenantAnswer, pod: Pod, lore: Lore): boolean {
    switch (evidence) {
      case 'namespace_labels':
        return learnSynced(claim, pod, lore);
      case 'managed_by':
      case 'control_plane':
        return knowledge.learn(lore, claim.vcluster, pod.namespace);
      case 'service_account':
        return learnFromAccount(claim, pod, lore);
      case 'pod_name':
        return lore.known.size > 0 || knowledge.suspect(lore, claim.vcluster);
      case 'config': // asked first every time: there is nothing it would need to be remembered for
      case 'namespace': // repeats what is known
        return true;
    }
  }

  /** Labels of a synced Namespace tell of two: itself, and the one its control plane is in. */
  function learnSynced({ vcluster, hostNamespace }: Claim, pod: Pod, lore: Lore): boolean {
    if (hostNamespace !== pod.namespace) {
      knowledge.learn(knowledge.of(pod.cluster, hostNamespace), vcluster, hostNamespace);
    }
    return knowledge.learn(lore, vcluster, hostNamespace);
  }

  function learnFromAccount({ vcluster }: Claim, pod: Pod, lore: Lore): boolean {
    if (chartRelease(pod) === vcluster) return knowledge.learn(lore, vcluster, pod.namespace);
    const account = pod.labels.get(Key.SERVICE_ACCOUNT)?.value ?? '';
    const stem = accountStem(account);
    return stem === undefined || isTenantChosen(account) || knowledge.learnAccount(lore, stem);
  }

  function ownerOf({ evidence, claim }: TenantAnswer, pod: Pod): Owner {
    const { vcluster, labels } = claim;
    const key = { cluster: pod.cluster, hostNamespace: homeOf(evidence, claim, pod), vcluster };
    return { key, evidence, labels };
  }

  /** A namespace that the operator has put together with others stands for all of them. */
  function homeOf(evidence: Evidence, { vcluster, hostNamespace }: Claim, pod: Pod): string {
    const configured = evidence === 'config' ? undefined : rules.tenantOf(pod.cluster, hostNamespace);
    return configured?.vcluster === vcluster ? configured.hostNamespace : hostNamespace;
  }
}

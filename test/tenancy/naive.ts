/** Attribution as it reads: plain maps by object and by content, searched and copied at every step. */
import type { Endpoint, Evidence, Party, TenancyRules } from '../../src/model.js';
import { Hand } from '../../src/tables/hand.js';
import { type Conclusion, createConclude } from '../../src/tenancy/conclusion.js';
import { createKnowledge, createLibrary, type Library, LIMITS } from '../../src/tenancy/knowledge.js';
import { createNames, tenantId, type TenantKey } from '../../src/tenancy/names.js';
import { type Pod, podOf } from '../../src/tenancy/pod.js';
import { kindOf } from '../../src/tenancy/reserved.js';
import { compileRules, type Rules } from '../../src/tenancy/rules.js';

interface Known {
  conclusion: Conclusion;
  generation: number;
  evidence: Evidence | undefined;
  conflicted: boolean;
}

export class Naive {
  readonly attributed: Partial<Record<Evidence, number>> = {};
  conflicts = 0;
  private readonly known = new Map<string, Known>();
  private readonly slots: { endpoint: Endpoint; content: string | undefined }[] = [];
  private readonly hand = new Hand();
  private readonly seenTenants = new Set<string>();
  private readonly most: number;
  private previous: Naive | undefined;
  private readonly library: Library;
  private readonly rules: Rules;
  private readonly conclude: (pod: Pod) => Conclusion;
  private readonly nameOf: (key: TenantKey) => string;

  constructor(given: TenancyRules, most: number, previous?: Naive) {
    this.most = most;
    this.rules = compileRules(given);
    this.nameOf = createNames(this.rules);
    this.library = previous?.library ?? createLibrary();
    const knowledge = createKnowledge(this.library, LIMITS, () => undefined);
    this.conclude = createConclude(this.rules, knowledge);
    this.previous = previous;
    for (const endpoint of previous?.lastUsedLast() ?? []) this.who(endpoint);
    this.previous = undefined;
  }

  private lastUsedLast(): Endpoint[] {
    const old = this.slots.filter((_, slot) => !this.hand.isFresh(slot));
    return [...old, ...this.slots.filter((each) => !old.includes(each))].map(({ endpoint }) => endpoint);
  }

  /** What {@link named} says of it. */
  who(endpoint: Endpoint): string {
    const kind = kindOf(endpoint);
    const pod = podOf(endpoint, this.rules.cluster);
    const labels = endpoint.labels.toSorted();
    const content = JSON.stringify([pod.cluster, endpoint.namespace, endpoint.podName, ...labels]);
    const slot = this.slots.findIndex((each) => each.endpoint === endpoint);
    if (slot >= 0) this.hand.touch(slot);
    else this.enter(endpoint, kind === 'pod' ? content : undefined);
    if (kind !== 'pod') return kind;
    let known = this.known.get(content);
    if (known === undefined || known.generation !== known.conclusion.lore.generation) {
      const before = known ?? this.previous?.known.get(content);
      const conclusion = this.conclude(pod);
      const evidence = evidenceOf(conclusion);
      if (evidence !== undefined && evidence !== before?.evidence)
        this.attributed[evidence] = (this.attributed[evidence] ?? 0) + 1;
      const conflicts = before?.conflicted !== true && conclusion.disagreements.length > 0;
      if (conflicts) this.conflicts += 1;
      const conflicted = conflicts || before?.conflicted === true;
      const lost = known === undefined ? undefined : tenantOf(known.conclusion);
      known = { conclusion, generation: conclusion.lore.generation, evidence, conflicted };
      this.known.set(content, known);
      const found = tenantOf(conclusion);
      if (found !== undefined) this.seenTenants.add(found);
      if (lost !== undefined && this.endpointsOf(lost).length === 0) this.seenTenants.delete(lost);
    }
    return this.said(known.conclusion);
  }

  tenants(): Record<string, Partial<Record<Evidence, number>>> {
    const counted = [...this.seenTenants].map((id) => {
      const endpoints: Partial<Record<Evidence, number>> = {};
      for (const { evidence = 'none' } of this.endpointsOf(id))
        endpoints[evidence] = (endpoints[evidence] ?? 0) + 1;
      return [this.nameOf(keyOf(id)), endpoints] as const;
    });
    return Object.fromEntries(counted);
  }

  private enter(endpoint: Endpoint, content: string | undefined): void {
    const slot = this.slots.length < this.most ? this.slots.length : this.hand.choose(this.slots.length);
    const former = this.slots[slot]?.content;
    this.slots[slot] = { endpoint, content };
    this.hand.enter(slot);
    if (former !== undefined && !this.slots.some((each) => each.content === former))
      this.known.delete(former);
  }

  private endpointsOf(id: string): Known[] {
    return [...this.known.values()].filter(({ conclusion }) => tenantOf(conclusion) === id);
  }

  private said({ owner }: Conclusion): string {
    return typeof owner === 'string' ? owner : `${this.nameOf(owner.key)} by ${owner.evidence}`;
  }
}

/** A party in one line. */
export function named(party: Party): string {
  return party.kind === 'tenant' ? `${party.tenant.name} by ${party.evidence}` : party.kind;
}

function evidenceOf({ owner }: Conclusion): Evidence | undefined {
  if (typeof owner !== 'string') return owner.evidence;
  return owner === 'unidentified' ? 'none' : undefined;
}

function tenantOf({ owner }: Conclusion): string | undefined {
  return typeof owner === 'string' ? undefined : tenantId(owner.key);
}

function keyOf(id: string): TenantKey {
  const [cluster = '', hostNamespace = '', vcluster = ''] = JSON.parse(id) as string[];
  return { cluster, hostNamespace, vcluster };
}

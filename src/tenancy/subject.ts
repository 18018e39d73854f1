/** One endpoint by content, and what is concluded of it, now or again: counted, told, entered with its tenant. */
import type { Endpoint, Evidence, Party, Tenant } from '../model.js';
import { type Conclusion, SETTLED } from './conclusion.js';
import type { AttributionObserver } from './observer.js';
import type { Pod } from './pod.js';
import type { Roster } from './roster.js';

export interface Subject {
  party: Party;
  lore: { readonly generation: number };
  /** Of `lore`, when it was concluded. */
  generation: number;
  /** What was counted; undefined for platform and world, which are not. */
  evidence: Evidence | undefined;
  conflicted: boolean;
  /** '' for what is no pod: one subject for all of a kind, never forgotten. */
  readonly key: string;
  /** Endpoint objects in the cache that are this subject. */
  references: number;
}

export const PLATFORM: Party = { kind: 'platform' };
export const WORLD: Party = { kind: 'world' };
export const UNIDENTIFIED: Party = { kind: 'unidentified' };

/** @param earlier the same endpoint under the rules before: what was counted of it is not counted again */
export function newSubject(key: string, party: Party, earlier?: Subject): Subject {
  return {
    key,
    party,
    lore: SETTLED,
    generation: SETTLED.generation,
    evidence: earlier?.evidence,
    conflicted: earlier?.conflicted ?? false,
    references: 0,
  };
}

export interface Desk {
  readonly conclude: (pod: Pod) => Conclusion;
  readonly roster: Roster;
  readonly observe: AttributionObserver;
}

/** Conclude, for the first time or anew, and tell what of it is new. */
export function settle(
  subject: Subject,
  endpoint: Endpoint,
  pod: Pod,
  { conclude, roster, observe }: Desk,
): void {
  const conclusion = conclude(pod);
  const { party: before, evidence: counted } = subject;
  subject.lore = conclusion.lore;
  subject.generation = conclusion.lore.generation;
  subject.party = partyOf(conclusion, roster);
  subject.evidence = evidenceOf(subject.party);
  // Entered before retracted: a tenant that stays the same must not be forgotten in between.
  if (before.kind === 'tenant') roster.retract(before.tenant.id, before.evidence);
  if (subject.evidence !== undefined && subject.evidence !== counted) observe.attributed(subject.evidence);
  if (conclusion.disagreements.length > 0 && !subject.conflicted) {
    subject.conflicted = true;
    tellConflict(subject.party, endpoint, pod, conclusion, observe);
  }
}

function partyOf({ owner }: Conclusion, roster: Roster): Party {
  if (owner === 'platform') return PLATFORM;
  if (owner === 'unidentified') return UNIDENTIFIED;
  const { key, evidence, labels } = owner;
  const tenant = roster.enter(key, evidence);
  return { kind: 'tenant', tenant, evidence, evidenceLabels: shared(labels, tenant) };
}

const lastLabels = new WeakMap<Tenant, readonly string[]>();

/** The labels that told of a tenant, as an array that its pods have in common: they nearly always say the same. */
function shared(labels: readonly string[], tenant: Tenant): readonly string[] {
  const last = lastLabels.get(tenant);
  if (last?.length === labels.length && last.every((label, i) => label === labels[i])) return last;
  lastLabels.set(tenant, labels);
  return labels;
}

function evidenceOf(party: Party): Evidence | undefined {
  switch (party.kind) {
    case 'tenant':
      return party.evidence;
    case 'unidentified':
      return 'none';
    case 'platform':
    case 'world':
      return undefined;
  }
}

function tellConflict(
  party: Party,
  { podName }: Endpoint,
  { cluster, namespace }: Pod,
  { disagreements }: Conclusion,
  observe: AttributionObserver,
): void {
  const decided =
    party.kind === 'tenant' ? party.tenant : party.kind === 'platform' ? 'platform' : 'unidentified';
  observe.conflict({
    cluster,
    namespace,
    podName,
    decided,
    evidence: evidenceOf(party) ?? 'none',
    disagreements,
  });
}

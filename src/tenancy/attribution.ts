/**
 * Endpoint to party, behind a bounded cache.
 *
 * Twice a flow an interned Endpoint object is looked up; what was concluded of it
 * stands as long as nothing new was learned of its host namespace. Behind that,
 * objects of one content share one conclusion: Hubble describes a pod once as
 * local and once as remote, and that is still one endpoint.
 */
import { hash } from 'node:crypto';
import type { Endpoint, Evidence, Party, Tenant, TenancyRules } from '../model.js';
import { Hand } from '../tables/hand.js';
import { createConclude } from './conclusion.js';
import { createKnowledge, createLibrary, type KnowledgeLimits, type Library, LIMITS } from './knowledge.js';
import { createNames } from './names.js';
import type { AttributionObserver } from './observer.js';
import { type Pod, podOf, statedCluster } from './pod.js';
import { kindOf } from './reserved.js';
import { createRoster } from './roster.js';
import { compileRules } from './rules.js';
import { newSubject, PLATFORM, settle, type Subject, UNIDENTIFIED, WORLD } from './subject.js';

export type { AttributionObserver, Conflict } from './observer.js';

export interface Attribution {
  /**
   * Who an endpoint is. Hot: called twice a flow, with interned objects; another
   * object of the same content gets the same answer, only slower. Never throws.
   */
  attribute(endpoint: Endpoint): Party;
  /** Tenants seen so far, with how many of the endpoints remembered speak for each, by evidence. */
  tenants(): { tenant: Tenant; endpoints: Partial<Record<Evidence, number>> }[];
}

export interface AttributionOptions {
  /** Validated: entries that contradict each other are settled by their order, without a word. */
  readonly rules: TenancyRules;
  /** How many Endpoint objects are remembered; what was not used for long is forgotten first. */
  readonly endpoints: number;
  readonly observe: AttributionObserver;
  /** On reload: what was learned and counted under the rules before. It stays usable. */
  readonly previous?: Attribution;
  readonly limits?: KnowledgeLimits;
}

/** What a reload takes over. */
interface Memory {
  /** All objects, those that were used of late last. */
  readonly seen: () => Endpoint[];
  readonly subjects: Map<string, Subject>;
  readonly library: Library;
}

const memories = new WeakMap<Attribution, Memory>();

export function createAttribution(options: AttributionOptions): Attribution {
  const { observe, limits = LIMITS } = options;
  const rules = compileRules(options.rules);
  const roster = createRoster(createNames(rules));
  let earlier = options.previous && memories.get(options.previous);
  const library = earlier?.library ?? createLibrary();
  const knowledge = createKnowledge(library, limits, (refusal) => observe.refused?.(refusal));
  const desk = { conclude: createConclude(rules, knowledge), roster, observe };
  /** By slot: which object stands there, and what was concluded of it. */
  const seen: Endpoint[] = [];
  const concluded: Subject[] = [];
  const hand = new Hand();
  const subjects = new Map<string, Subject>();
  const platform = newSubject('', PLATFORM);
  const world = newSubject('', WORLD);
  const unidentified = newSubject('', UNIDENTIFIED);
  let isClusterChecked = false;

  const attribution: Attribution = { attribute, tenants: () => roster.list() };
  memories.set(attribution, { seen: lastUsedLast, subjects, library });
  takeOver();
  return attribution;

  function attribute(endpoint: Endpoint): Party {
    const { slot } = endpoint;
    let subject = slot === undefined || seen[slot] !== endpoint ? undefined : concluded[slot];
    if (subject === undefined || slot === undefined) subject = enter(endpoint);
    else hand.touch(slot);
    if (subject.generation !== subject.lore.generation) {
      settle(subject, endpoint, podOf(endpoint, rules.cluster), desk);
    }
    return subject.party;
  }

  function enter(endpoint: Endpoint): Subject {
    const subject = find(endpoint);
    // The one that stands for nobody is everybody's.
    if (!Object.isExtensible(endpoint)) return subject;
    subject.references++;
    const slot = seen.length < options.endpoints ? seen.length : hand.choose(seen.length);
    const former = concluded[slot];
    seen[slot] = endpoint;
    concluded[slot] = subject;
    endpoint.slot = slot;
    hand.enter(slot);
    if (former !== undefined) release(former);
    return subject;
  }

  function lastUsedLast(): Endpoint[] {
    const fresh = seen.filter((_, slot) => hand.isFresh(slot));
    return [...seen.filter((_, slot) => !hand.isFresh(slot)), ...fresh];
  }

  function find(endpoint: Endpoint): Subject {
    switch (kindOf(endpoint)) {
      case 'platform':
        return platform;
      case 'world':
        return world;
      case 'unidentified':
        return unidentified;
      case 'pod':
        return findPod(endpoint);
    }
  }

  function findPod(endpoint: Endpoint): Subject {
    const pod = podOf(endpoint, rules.cluster);
    checkCluster(endpoint, pod);
    const key = contentKey(endpoint, pod);
    let subject = subjects.get(key);
    if (subject === undefined) {
      subject = newSubject(key, UNIDENTIFIED, earlier?.subjects.get(key));
      subjects.set(key, subject);
      settle(subject, endpoint, pod, desk);
    }
    return subject;
  }

  /** The relay's own nodes tell of local endpoints; under another name than theirs no rule would ever apply. */
  function checkCluster(endpoint: Endpoint, pod: Pod): void {
    if (isClusterChecked || endpoint.id === 0) return;
    const observed = statedCluster(endpoint, pod.labels);
    if (observed === undefined) return;
    isClusterChecked = true;
    if (observed !== rules.cluster) observe.clusterMismatch?.({ configured: rules.cluster, observed });
  }

  /** An Endpoint object was forgotten; with its last one, so is the subject. */
  function release(subject: Subject): void {
    subject.references--;
    if (subject.references > 0 || subject.key === '') return;
    subjects.delete(subject.key);
    if (subject.party.kind === 'tenant') roster.forget(subject.party.tenant.id, subject.party.evidence);
  }

  /** Judge at once whatever was judged before, so that after a reload no tenant is missing until its next flow. */
  function takeOver(): void {
    for (const endpoint of earlier?.seen() ?? []) attribute(endpoint);
    earlier = undefined;
  }
}

/** A digest rather than the text: labels are most of an endpoint's size, and the Endpoint object holds them already. */
function contentKey(endpoint: Endpoint, { cluster }: Pod): string {
  const text = JSON.stringify([cluster, endpoint.namespace, endpoint.podName, ...endpoint.labels.toSorted()]);
  return hash('sha256', text, 'base64url');
}

/**
 * Endpoint to party, behind a bounded cache.
 *
 * Twice a flow an interned Endpoint object is asked about; what was concluded of it
 * is noted on it, and stands as long as nothing new was learned of its host
 * namespace. Behind that, objects of one content share one conclusion: Hubble
 * describes a pod once as local and once as remote, and that is still one endpoint.
 */
import type { Endpoint, Evidence, Party, Tenant, TenancyRules } from '../model.js';
import { createConclude } from './conclusion.js';
import { createKnowledge, createLibrary, type KnowledgeLimits, type Library, LIMITS } from './knowledge.js';
import { createNames } from './names.js';
import type { AttributionObserver } from './observer.js';
import { type Pod, podOf, statedCluster } from './pod.js';
import { kindOf } from './reserved.js';
import { createRoster } from './roster.js';
import { compileRules } from './rules.js';
import { settle } from './settle.js';
import { Slots } from './slots.js';
import { isVoid, type Standing, Standings } from './standing.js';
import { NO_ROW, Subjects } from './subjects.js';

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
  readonly slots: Slots;
  readonly subjects: Subjects;
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
  const slots = new Slots(options.endpoints);
  const subjects = new Subjects(options.endpoints);
  const standings = new Standings(roster);
  const desk = { conclude: createConclude(rules, knowledge), subjects, standings, observe };
  let isClusterChecked = false;

  const attribution: Attribution = { attribute, tenants: () => roster.list() };
  memories.set(attribution, { slots, subjects, library });
  takeOver();
  return attribution;

  function attribute(endpoint: Endpoint): Party {
    // Only attribution writes there.
    const standing = endpoint.standing as Standing | undefined;
    if (standing?.among !== standings) return enter(endpoint);
    const slot = endpoint.slot ?? NO_ROW;
    slots.touch(slot);
    return isVoid(standing) ? standingOf(endpoint, slots.rowOf(slot)) : standing;
  }

  /** An object that is not remembered is from now on, and another one may be forgotten. */
  function enter(endpoint: Endpoint): Standing {
    const kind = kindOf(endpoint);
    const row = kind === 'pod' ? rowOf(endpoint) : NO_ROW;
    // The one that stands for nobody is everybody's.
    if (Object.isExtensible(endpoint)) remember(endpoint, row);
    return kind === 'pod' ? standingOf(endpoint, row) : note(endpoint, standings[kind]);
  }

  function remember(endpoint: Endpoint, row: number): void {
    if (row !== NO_ROW) subjects.hold(row);
    const left = slots.enter(endpoint, row);
    const forgotten = left === NO_ROW ? undefined : subjects.release(left);
    if (forgotten !== undefined) standings.forget(forgotten);
  }

  /** The pod of that content, concluded of at once if it is new. */
  function rowOf(endpoint: Endpoint): number {
    const pod = podOf(endpoint, rules.cluster);
    checkCluster(endpoint, pod);
    const content = contentOf(endpoint, pod);
    const known = subjects.find(content);
    if (known !== NO_ROW) return known;
    const row = subjects.add();
    const former = earlier?.subjects.find(content) ?? NO_ROW;
    subjects.conflicts[row] = earlier?.subjects.conflicts[former] ?? 0;
    settle(row, endpoint, pod, desk, earlier?.subjects.standings[former]);
    return row;
  }

  /** What is concluded of a pod, anew where it is void by now. */
  function standingOf(endpoint: Endpoint, row: number): Standing {
    const standing = subjects.standings[row];
    if (standing !== undefined && !isVoid(standing)) return note(endpoint, standing);
    return note(endpoint, settle(row, endpoint, podOf(endpoint, rules.cluster), desk));
  }

  /** The relay's own nodes tell of local endpoints; under another name than theirs no rule would ever apply. */
  function checkCluster(endpoint: Endpoint, pod: Pod): void {
    if (isClusterChecked || endpoint.id === 0) return;
    const observed = statedCluster(endpoint, pod.labels);
    if (observed === undefined) return;
    isClusterChecked = true;
    if (observed !== rules.cluster) observe.clusterMismatch?.({ configured: rules.cluster, observed });
  }

  /** Judge at once whatever was judged before, so that after a reload no tenant is missing until its next flow. */
  function takeOver(): void {
    for (const endpoint of earlier?.slots.lastUsedLast() ?? []) attribute(endpoint);
    earlier = undefined;
  }
}

function note(endpoint: Endpoint, standing: Standing): Standing {
  if (Object.isExtensible(endpoint)) endpoint.standing = standing;
  return standing;
}

/** What makes two descriptions one pod. */
function contentOf(endpoint: Endpoint, { cluster }: Pod): string {
  return JSON.stringify([cluster, endpoint.namespace, endpoint.podName, ...endpoint.labels.toSorted()]);
}

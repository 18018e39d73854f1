/** What is concluded of one pod by content, now or again: counted, told, entered with its tenant. */
import type { Endpoint } from '../model.js';
import type { Conclusion } from './conclusion.js';
import type { AttributionObserver } from './observer.js';
import type { Pod } from './pod.js';
import { evidenceOf, type Standing, type Standings } from './standing.js';
import type { Subjects } from './subjects.js';

export interface Desk {
  readonly conclude: (pod: Pod) => Conclusion;
  readonly subjects: Subjects;
  readonly standings: Standings;
  readonly observe: AttributionObserver;
}

/**
 * Conclude, for the first time or anew, and tell what of it is new.
 *
 * @param earlier of the same pod under the rules before: what was counted of it is not counted again
 */
export function settle(
  row: number,
  endpoint: Endpoint,
  pod: Pod,
  { conclude, subjects, standings, observe }: Desk,
  earlier?: Standing,
): Standing {
  const conclusion = conclude(pod);
  const before = subjects.standings[row];
  const standing = standings.enter(conclusion);
  subjects.standings[row] = standing;
  if (before !== undefined) standings.retract(before);
  const evidence = evidenceOf(standing);
  if (evidence !== undefined && evidence !== evidenceOf(before ?? earlier)) observe.attributed(evidence);
  if (conclusion.disagreements.length > 0 && subjects.conflicts[row] === 0) {
    subjects.conflicts[row] = 1;
    tellConflict(standing, endpoint, pod, conclusion, observe);
  }
  return standing;
}

function tellConflict(
  standing: Standing,
  { podName }: Endpoint,
  { cluster, namespace }: Pod,
  { disagreements }: Conclusion,
  observe: AttributionObserver,
): void {
  const decided =
    standing.kind === 'tenant' ? standing.tenant : standing.kind === 'platform' ? 'platform' : 'unidentified';
  const evidence = evidenceOf(standing) ?? 'none';
  observe.conflict({ cluster, namespace, podName, decided, evidence, disagreements });
}

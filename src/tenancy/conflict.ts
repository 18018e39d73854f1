/** Where a pod's pieces of evidence contradict each other. The stronger has won by then; this is what it won over. */
import type { Evidence } from '../model.js';
import { chartRelease, type Claim, foreignMarker, type Question, RULES } from './evidence.js';
import { beforeVcluster, isShaped, looksHashed } from './naming.js';
import type { Pod } from './pod.js';

/** One piece that says otherwise, in its own words: text from outside, as it was sent. */
export interface Disagreement {
  /** `pod_namespace`: pod metadata tells another namespace than the labels do (an address that changed hands). */
  readonly about: Evidence | 'pod_namespace';
  readonly says: string;
}

/** What decided: a rule and its claim, or the operator's list of platform namespaces. */
export type Decision = { readonly evidence: Evidence; readonly claim: Claim } | 'platform';

/** The company a pod keeps is no word of its own, and names are compared by their end, below. */
const SPEAKING = RULES.filter(({ evidence }) => evidence !== 'pod_name' && evidence !== 'namespace');

/** What a pod's facts say against each other, whatever is decided. */
export function contradictions(pod: Pod): Disagreement[] {
  const found: Disagreement[] = [];
  if (pod.otherNamespace !== undefined) found.push({ about: 'pod_namespace', says: pod.otherNamespace });
  const marker = foreignMarker(pod);
  if (marker !== undefined) found.push({ about: 'namespace_labels', says: marker });
  return found;
}

/** {@link contradictions}, and what speaks against the decision. */
export function disagreements(question: Question, decision: Decision): Disagreement[] {
  const { pod } = question;
  const found = [...contradictions(pod), ...claimsAgainst(question, decision)];
  if (isNamedOtherwise(question, decision)) found.push({ about: 'pod_name', says: pod.name });
  return found;
}

function claimsAgainst(question: Question, decision: Decision): Disagreement[] {
  return SPEAKING.flatMap(({ evidence, claim }) => {
    // The operator may list a namespace twice; that is for `crosstalk check` to say.
    if (decision === 'platform' && evidence === 'config') return [];
    const other = claim(question);
    if (other === undefined || agrees(other, decision)) return [];
    return [{ about: evidence, says: other.vcluster }];
  });
}

function agrees(other: Claim, decision: Decision): boolean {
  if (decision === 'platform') return false;
  const { vcluster } = decision.claim;
  return other.vcluster === vcluster || other.alternatives.includes(vcluster);
}

/** Whether a pod is named as a synced pod of another vCluster than its own would be. */
function isNamedOtherwise({ pod }: Question, decision: Decision): boolean {
  if (!isShaped(pod.name) || looksHashed(pod.name)) return false;
  if (decision === 'platform') return true;
  const { evidence, claim } = decision;
  // Namespace sync leaves names as the tenant chose them: they claim nothing.
  if (evidence === 'namespace_labels' && claim.hostNamespace !== pod.namespace) return false;
  const isControlPlane = chartRelease(pod) === claim.vcluster && pod.name.startsWith(`${claim.vcluster}-`);
  return !isControlPlane && beforeVcluster(pod.name, claim.vcluster) === undefined;
}

/** What attribution tells while it works: so that what is doubtful or refused is never silent. */
import type { Evidence, Tenant } from '../model.js';
import type { Disagreement } from './conflict.js';
import type { Refusal } from './knowledge.js';

export interface AttributionObserver {
  /** An endpoint was attributed, or anew by other evidence; platform and world are not told. */
  attributed(evidence: Evidence): void;
  /** Once an endpoint. */
  conflict(conflict: Conflict): void;
  /** At most once: the first local pod that names its cluster names another than the configuration does. */
  clusterMismatch?(found: { readonly configured: string; readonly observed: string }): void;
  /** A limit on what is remembered of namespaces was reached; the endpoint stays unidentified. */
  refused?(refusal: Refusal): void;
}

/** Texts in it come from outside, as they were sent. */
export interface Conflict {
  readonly cluster: string;
  /** Host namespace; '' when unknown. */
  readonly namespace: string;
  readonly podName: string;
  /** What was decided all the same. */
  readonly decided: Tenant | 'platform' | 'unidentified';
  /** `none` where it is no tenant. */
  readonly evidence: Evidence;
  readonly disagreements: readonly Disagreement[];
}

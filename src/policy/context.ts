/** What the reading of one object needs to know, and where it says what it found. */
import type { PolicyRef } from '../model.js';
import type { Path } from './problem.js';

export interface ClusterView {
  /** Name of the policies' own cluster (`cluster-name`). */
  readonly name: string;
  /**
   * Whether selectors that name no cluster mean this one only
   * (`policy-default-local-cluster`: true since Cilium 1.19, false before).
   */
  readonly localOnly: boolean;
}

export const DEFAULT_CLUSTER: ClusterView = { name: 'default', localOnly: true };

export interface Context {
  readonly ref: PolicyRef;
  readonly cluster: ClusterView;
  /** The policy cannot be used. */
  readonly complain: (path: Path, message: string) => void;
  /** It can, but is not what a reader may think. */
  readonly note: (path: Path, text: string) => void;
}

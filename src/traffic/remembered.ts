import { VERDICTS, type Verdict } from '../model.js';

/** A tracked connection as the state file keeps it. */
export interface RememberedConnection {
  readonly key: string;
  readonly verdict: Verdict;
  /** Of its last event, by the node's clock. */
  readonly flowTime: number;
  /** The same by ours. */
  readonly touchedAt: number;
  readonly closed: boolean;
  /** An open stream, that may be silent for hours and go on. */
  readonly established: boolean;
}

/** What an earlier process kept; `undefined`: nothing, `'unusable'`: nothing of a form we know. */
export function readRemembered(saved: unknown): readonly RememberedConnection[] | 'unusable' | undefined {
  if (saved === undefined) return undefined;
  return Array.isArray(saved) && saved.every(isRemembered) ? saved : 'unusable';
}

function isRemembered(value: unknown): value is RememberedConnection {
  if (typeof value !== 'object' || value === null) return false;
  const { key, verdict, flowTime, touchedAt, closed, established } = value as Record<string, unknown>;
  return (
    typeof key === 'string' &&
    VERDICTS.some((known) => known === verdict) &&
    Number.isFinite(flowTime) &&
    Number.isFinite(touchedAt) &&
    typeof closed === 'boolean' &&
    typeof established === 'boolean'
  );
}

/** An attribution under test, with what it told written down. */
import type { Endpoint, Evidence, TenancyRules } from '../../src/model.js';
import {
  type Attribution,
  type AttributionOptions,
  type Conflict,
  createAttribution,
} from '../../src/tenancy/attribution.js';
import type { Refusal } from '../../src/tenancy/knowledge.js';
import { OWN, said } from './endpoints.js';

export interface Observed {
  readonly attribution: Attribution;
  /** {@link said} of what an endpoint is attributed to. */
  readonly who: (endpoint: Endpoint) => string;
  /** How often each evidence was told. */
  readonly attributed: Partial<Record<Evidence, number>>;
  readonly conflicts: Conflict[];
  readonly mismatches: { configured: string; observed: string }[];
  readonly refusals: Refusal[];
}

export function rules(changed: Partial<TenancyRules> = {}): TenancyRules {
  return { cluster: OWN, namespaces: [], platformNamespaces: [], ...changed };
}

export function observed(
  changed: Partial<TenancyRules> = {},
  options: Partial<Pick<AttributionOptions, 'endpoints' | 'limits' | 'previous'>> = {},
): Observed {
  const attributed: Partial<Record<Evidence, number>> = {};
  const conflicts: Conflict[] = [];
  const mismatches: { configured: string; observed: string }[] = [];
  const refusals: Refusal[] = [];
  const attribution = createAttribution({
    rules: rules(changed),
    endpoints: 1000,
    ...options,
    observe: {
      attributed: (evidence) => (attributed[evidence] = (attributed[evidence] ?? 0) + 1),
      conflict: (conflict) => conflicts.push(conflict),
      clusterMismatch: (found) => mismatches.push({ ...found }),
      refused: (refusal) => refusals.push(refusal),
    },
  });
  const who = (endpoint: Endpoint): string => said(attribution.attribute(endpoint));
  return { attribution, who, attributed, conflicts, mismatches, refusals };
}

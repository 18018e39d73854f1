/** A plan in one of the forms in which it can be applied. */
import { chartForm } from './chartform.js';
import { ciliumForm } from './ciliumform.js';
import { networkForm } from './networkform.js';
import type { Plan, Wish } from './plan.js';
import type { Sheet } from './write.js';

export interface Form {
  /** What is written, one YAML document each. */
  readonly sheets: readonly Sheet[];
  /** What a cluster has once it is applied. */
  readonly objects: readonly object[];
  /** Rules that the form has no words for. */
  readonly unsaid: readonly Unsaid[];
  /** What it means by its nature, a sentence each. */
  readonly notes: readonly string[];
  /** How it is tried, where it is no policy itself. */
  readonly trial?: string;
}

export interface Unsaid {
  /** Why it has none, and what that means. */
  readonly why: string;
  /** The kinds of connections that it would have been about: told where they would be denied. */
  readonly about: readonly string[];
  /** Told in any case, a line each. */
  readonly always: readonly string[];
}

const FORMS: Readonly<Record<Wish['format'], (plan: Plan) => Form>> = {
  cilium: ciliumForm,
  networkpolicy: networkForm,
  'vcluster-values': chartForm,
};

export function formOf(plan: Plan, format: Wish['format']): Form {
  return FORMS[format](plan);
}

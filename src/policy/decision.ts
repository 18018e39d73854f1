/** The answer for a connection, and what decided it. */
import type { PolicyRef } from '../model.js';

export type Answer = 'allowed' | 'denied' | 'subject_to_l7' | 'unknown';

export interface RuleRef {
  readonly policy: PolicyRef;
  /** `spec.ingress[0]` */
  readonly path: string;
}

export type Because =
  /** No policy applies at this side: it is none of this cluster's endpoints. */
  | { readonly kind: 'not_an_endpoint' }
  /** An endpoint that no policy selects in this direction. */
  | { readonly kind: 'no_policy' }
  /** Policies select it, but none of them denies what it does not allow. */
  | { readonly kind: 'no_default_deny' }
  /** The node that a pod runs on always reaches it (`allow-localhost`). */
  | { readonly kind: 'localhost' }
  /** No rule allows it; `rules` are those that made this a question. */
  | { readonly kind: 'default_deny'; readonly rules: readonly RuleRef[] }
  | { readonly kind: 'rules'; readonly rules: readonly RuleRef[] }
  /** Cannot be told. `rules` may match, and `why` says what is missing. */
  | { readonly kind: 'unknown'; readonly why: string; readonly rules: readonly RuleRef[] };

export interface DirectionDecision {
  readonly answer: Answer;
  readonly because: Because;
}

export interface Decision {
  readonly answer: Answer;
  /** At the source. */
  readonly egress: DirectionDecision;
  /** At the destination. */
  readonly ingress: DirectionDecision;
}

/** Both sides must let it pass. What one side denies is denied, whatever is not known of the other. */
export function combine(egress: DirectionDecision, ingress: DirectionDecision): Decision {
  const answers = [egress.answer, ingress.answer];
  const answer = (['denied', 'unknown', 'subject_to_l7'] as const).find((word) => answers.includes(word));
  return { answer: answer ?? 'allowed', egress, ingress };
}

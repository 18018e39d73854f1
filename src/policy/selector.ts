/**
 * Label selectors. A selector is a list of requirements that must all hold; the
 * empty one selects everything (cilium pkg/policy/types/requirements.go,
 * MatchesRequirements).
 */
import { type IdentityLabel, lookup } from './label.js';

export const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Requirement {
  /** `any` looks at each source. */
  readonly source: string;
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

export type Selector = readonly Requirement[];

/** `metav1.LabelSelector`, as it is written. */
export interface WrittenSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | null | undefined;
  readonly matchExpressions?: readonly WrittenExpression[] | null | undefined;
}

export interface WrittenExpression {
  readonly key: string;
  readonly operator: Operator;
  readonly values?: readonly string[] | null | undefined;
}

/** Where a written key is to be looked for. */
export interface LabelKey {
  readonly source: string;
  readonly key: string;
}

/** @param keyOf how a written key is understood: Cilium's own selectors and NetworkPolicy's differ */
export function toSelector(written: WrittenSelector, keyOf: (key: string) => LabelKey): Requirement[] {
  const labels = Object.entries(written.matchLabels ?? {}).map(([key, value]): Requirement => ({
    ...keyOf(key),
    operator: 'In',
    values: [value],
  }));
  const expressions = (written.matchExpressions ?? []).map(({ key, operator, values }): Requirement => ({
    ...keyOf(key),
    operator,
    values: values ?? [],
  }));
  return [...labels, ...expressions];
}

export function selects(selector: Selector, labels: readonly IdentityLabel[]): boolean {
  return selector.every((requirement) =>
    holds(requirement, lookup(labels, requirement.source, requirement.key)),
  );
}

/** NotIn and DoesNotExist hold where the label is missing (requirements.go, MatchesRequirement). */
export function holds({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

export const reserved = (name: string): Requirement => ({
  source: 'reserved',
  key: name,
  operator: 'Exists',
  values: [],
});

export const equals = (source: string, key: string, value: string): Requirement => ({
  source,
  key,
  operator: 'In',
  values: [value],
});

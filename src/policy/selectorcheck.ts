/** Selectors that Kubernetes or Cilium would refuse, in their order (cilium pkg/k8s/slim/k8s/apis/meta/v1/validation). */
import type { Context } from './context.js';
import { isLabelKey, isLabelValue } from './labelsyntax.js';
import { given, type Path } from './problem.js';
import type { WrittenExpression, WrittenSelector } from './selector.js';

/** @param full the key as it is validated: Cilium puts the source before it */
export function checkSelector(
  written: WrittenSelector,
  path: Path,
  full: (key: string) => string,
  context: Context,
): void {
  for (const [key, value] of Object.entries(written.matchLabels ?? {})) {
    checkKey(key, [...path, 'matchLabels', key], full, context);
    checkValue(value, [...path, 'matchLabels', key], context);
  }
  for (const [index, expression] of (written.matchExpressions ?? []).entries()) {
    checkExpression(expression, [...path, 'matchExpressions', index], full, context);
  }
}

function checkExpression(
  { key, operator, values = [] }: WrittenExpression,
  path: Path,
  full: (key: string) => string,
  context: Context,
): void {
  checkKey(key, [...path, 'key'], full, context);
  const listed = values ?? [];
  const needs = operator === 'In' || operator === 'NotIn';
  if (needs && listed.length === 0)
    context.complain([...path, 'values'], `got none, expected at least one: ${operator} compares with them`);
  if (!needs && listed.length > 0)
    context.complain(
      [...path, 'values'],
      `got ${listed.length}, expected none: ${operator} looks at the key only`,
    );
  for (const [index, value] of listed.entries()) checkValue(value, [...path, 'values', index], context);
}

function checkKey(key: string, path: Path, full: (key: string) => string, context: Context): void {
  if (isLabelKey(full(key))) return;
  context.complain(
    path,
    `got the key ${given(key)}, expected a label key such as app or example.com/app (with Cilium's source and a dot before it, at most 63 characters after the /)`,
  );
}

function checkValue(value: string, path: Path, context: Context): void {
  if (isLabelValue(value)) return;
  context.complain(
    path,
    `got ${given(value)}, expected a label value: at most 63 letters, digits, -, _ and ., a letter or digit at both ends`,
  );
}

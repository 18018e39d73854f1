/**
 * Building blocks of the schemas: what may stand where. The error text of each is
 * what was expected; {@link complaints} puts what was given before it.
 */
import { z } from 'zod';
import { type Complaint, given, type Path } from './problem.js';
import { OPERATORS } from './selector.js';

export const text = (expected: string): z.ZodString => z.string(expected);

const labelValue = text('a label value as text');

export const selector = z.strictObject(
  {
    matchLabels: z.record(z.string(), labelValue, 'labels as `key: value`').optional(),
    matchExpressions: z
      .array(
        z.strictObject(
          {
            key: text('a label key'),
            operator: z.enum(OPERATORS, `one of ${OPERATORS.join(', ')}`),
            values: z.array(labelValue, 'a list of label values').optional(),
          },
          'a mapping with key, operator and values',
        ),
        'a list of expressions',
      )
      .optional(),
  },
  'a selector: matchLabels, matchExpressions, or {} for everything',
);

/** A list that may be left out. Not null: the API server refuses it in a custom resource. */
export const list = <Item extends z.ZodType>(item: Item, of: string): z.ZodOptional<z.ZodArray<Item>> =>
  z.array(item, `a list of ${of}; leave the field out where there is none`).optional();

/** Every issue of a refused value, in our words. */
export function complaints(error: z.ZodError, root: unknown): Complaint[] {
  return error.issues.flatMap((issue): Complaint[] => {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: [...path, key],
        message:
          'no such field here, expected a known one: Kubernetes would drop it without a word; correct its name or its place',
      }));
    }
    return [{ path, message: `got ${given(valueAt(root, path))}, expected ${issue.message}` }];
  });
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string | number, unknown>)[part]
        : undefined,
    root,
  );
}

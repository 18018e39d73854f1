/** What is wrong with a policy's text, and where: the path in the object, what was given, what was expected. */

/** Lines up with what configuration says of its own mistakes, so that both are printed alike. */
export interface PolicyProblem {
  /** `policy.yaml:12:5` */
  readonly where: string;
  readonly line: number;
  readonly column: number;
  /** Place in the object such as `spec.ingress[0].toPorts[1].ports[0].port`; '' for the object as a whole. */
  readonly path: string;
  /** What was given, what was expected, what to do. */
  readonly message: string;
}

export type Path = readonly (string | number)[];

/** A mistake inside one object; its line is added by whoever knows the text. */
export interface Complaint {
  readonly path: Path;
  readonly message: string;
}

/** Beyond this a value is not shown whole: an error is read by a person. */
const LONGEST_SHOWN = 80;

/** `spec.ingress[0].fromEndpoints` */
export function pathText(path: Path): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${shown(part)}`,
    )
    .join('');
}

/** A given value, fit to be shown: capped, on one line, without control characters. */
export function given(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  return shown(JSON.stringify(value));
}

function shown(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]/gu, '·');
  return plain.length > LONGEST_SHOWN ? `${plain.slice(0, LONGEST_SHOWN)}…` : plain;
}

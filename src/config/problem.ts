import { plain } from '../outside.js';

/** One thing that is wrong (or doubtful) with what the operator said, and where it was said. */
export interface Problem {
  /** `crosstalk.yaml:12:5`, `--flows.since`, `CROSSTALK_FLOWS_SINCE`. */
  readonly where: string;
  /** Position in the file, for sorting; 0 elsewhere. */
  readonly line: number;
  readonly column: number;
  /** Place in the file such as `tenants.namespaces[0].vcluster`; '' elsewhere and for the file as a whole. */
  readonly path: string;
  /** What was given, what was expected, what to do. */
  readonly message: string;
}

/** More than this is one mistake repeated: nobody reads the 200th line, and a log line has an end. */
const MOST_SHOWN = 100;

/** `crosstalk.yaml:12:5: tenants.namespaces[0].vcluster: got 3, expected …` */
export function problemText({ where, path, message }: Problem): string {
  return [where, path, message].filter((part) => part !== '').join(': ');
}

/** All problems as lines, in the order in which they stand in the file; flags and environment first. */
export function problemLines(problems: readonly Problem[]): string[] {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
  const lines = sorted.slice(0, MOST_SHOWN).map(problemText);
  const more = sorted.length - lines.length;
  return more > 0 ? [...lines, `… and ${more} more problems`] : lines;
}

/** `tenants.namespaces[0].vcluster` */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${plain(String(part), 80)}`,
    )
    .join('');
}

/** A text that was given, fit to be shown: capped, without control characters, and without the password of a URL. */
export function quoted(text: string): string {
  return JSON.stringify(plain(text.replace(/\/\/[^/@]*@/g, '//…@'), 80));
}

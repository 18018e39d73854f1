/**
 * A YAML text as a plain value in which every part remembers where it was
 * written. Total: what cannot be read is a list of problems, never an exception.
 *
 * The text is the operator's, but a file can be truncated, templated wrongly or
 * replaced by another one while the daemon runs; none of that may take it down.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  Parser,
  type Document,
  type Node,
  type YAMLError,
  type YAMLMap,
  visit,
  type Alias,
} from 'yaml';
import { plain } from '../outside.js';
import { pathText, type Problem } from './problem.js';

/** A thousand tenants take about 100 KB. Beyond this it is some other file. */
export const LARGEST_FILE = 1024 * 1024;

/** Our schema is four levels deep; a level of YAML is up to three of the parser's. */
const DEEPEST = 64;

/** Anchors are for repeating a block or two. More than this, one inside another, is a bomb. */
const MOST_ALIASES = 100;

export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

export interface SourceDocument {
  /** Plain objects, arrays and scalars; undefined for an empty file. */
  readonly value: unknown;
  /** Where the value at the path stands; where it is missing, the nearest thing around it that does. */
  position(path: readonly PropertyKey[]): SourcePosition;
  /** Where the key itself stands: for keys that should not be there. */
  keyPosition(path: readonly PropertyKey[]): SourcePosition;
  /** How a scalar was written, which is not always what YAML made of it: `0123`, `1.10`, `~`. */
  written(path: readonly PropertyKey[]): string | undefined;
}

/** @param name what problems call the file */
export function readDocument(
  name: string,
  text: string,
):
  | { readonly ok: true; readonly document: SourceDocument }
  | { readonly ok: false; readonly problems: Problem[] } {
  const whole = (message: string): { readonly ok: false; readonly problems: Problem[] } => ({
    ok: false,
    problems: [{ where: name, line: 0, column: 0, path: '', message }],
  });
  if (text.length > LARGEST_FILE) {
    return whole(
      `the file has ${text.length} characters, expected at most ${LARGEST_FILE}: is it the right file?`,
    );
  }
  if (isTooDeep(text))
    return whole(`nested more than ${DEEPEST} levels deep, expected at most 4: is it the right file?`);
  try {
    return parse(name, text);
  } catch (error) {
    if (error instanceof ReferenceError) {
      return whole('aliases (*name) inside anchored values multiply beyond reason: write the values out');
    }
    // The parser throws on nothing else known; what it does throw must still not end the daemon at a reload.
    return whole(`not readable as YAML: ${plain(error instanceof Error ? error.message : String(error))}`);
  }
}

function parse(name: string, text: string): ReturnType<typeof readDocument> {
  const lines = new LineCounter();
  // uniqueKeys compares every key with every other: 60,000 keys took 42 s. duplicateKeys below is linear.
  const yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const at = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problem = (offset: number, path: readonly PropertyKey[], message: string): Problem => {
    const { line, column } = at(offset);
    return { where: `${name}:${line}:${column}`, line, column, path: pathText(path), message };
  };
  const broken = [...yaml.errors, ...yaml.warnings].map((error) =>
    problem(error.pos[0], [], syntaxMessage(error)),
  );
  if (broken.length > 0) return { ok: false, problems: broken };
  // YAML 1.1 reads no as false and 2027-03-01 as a point in time; one file must not mean two things.
  if (yaml.directives.yaml.version !== '1.2') {
    return {
      ok: false,
      problems: [
        problem(0, [], 'a %YAML directive asks for another version, expected none: YAML 1.2 is read'),
      ],
    };
  }
  const aliases = aliasProblems(yaml, problem);
  if (aliases.length > 0) return { ok: false, problems: aliases };
  const keys = keyProblems(yaml.contents, [], problem);
  if (keys.length > 0) return { ok: false, problems: keys };
  const value: unknown = yaml.toJS({ maxAliasCount: MOST_ALIASES });
  return { ok: true, document: createDocument(yaml, value ?? undefined, at) };
}

function createDocument(
  yaml: Document.Parsed,
  value: unknown,
  at: (offset: number) => SourcePosition,
): SourceDocument {
  const start = (node: unknown): number | undefined => (isNodeWithRange(node) ? node.range[0] : undefined);
  return {
    value,
    position(path) {
      for (let length = path.length; length >= 0; length--) {
        const offset = start(walk(yaml, path.slice(0, length)).value);
        if (offset !== undefined) return at(offset);
      }
      return { line: 1, column: 1 };
    },
    keyPosition(path) {
      const offset = start(walk(yaml, path).key);
      return offset === undefined ? this.position(path) : at(offset);
    },
    written(path) {
      const { value: node } = walk(yaml, path);
      return isScalar(node) && typeof node.source === 'string' ? node.source : undefined;
    },
  };
}

/** The node at a path, and the key it stands under. Aliases are followed: the place is where the anchor's content is. */
function walk(yaml: Document.Parsed, path: readonly PropertyKey[]): { value: unknown; key: unknown } {
  let value: unknown = yaml.contents;
  let key: unknown;
  for (const part of path) {
    const node = isAlias(value) ? value.resolve(yaml) : value;
    key = undefined;
    if (isMap(node)) {
      const pair = pairsOf(node).get(String(part));
      key = pair?.key;
      value = pair?.value;
    } else value = isSeq(node) && typeof part === 'number' ? node.items[part] : undefined;
  }
  return { value, key };
}

/** A mapping's pairs by key: a file with very many wrong keys must not be searched from its start for each. */
const pairs = new WeakMap<YAMLMap, Map<string, { key: unknown; value: unknown }>>();

function pairsOf(map: YAMLMap): Map<string, { key: unknown; value: unknown }> {
  let found = pairs.get(map);
  if (found === undefined) {
    found = new Map(map.items.map((item) => [keyText(item.key) ?? '', item]));
    pairs.set(map, found);
  }
  return found;
}

function isNodeWithRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}

type ProblemAt = (offset: number, path: readonly PropertyKey[], message: string) => Problem;

/** A value that is listed twice is a decision nobody took: which of the two was meant? */
function keyProblems(node: unknown, path: readonly PropertyKey[], problem: ProblemAt): Problem[] {
  if (isSeq(node)) return node.items.flatMap((item, index) => keyProblems(item, [...path, index], problem));
  if (!isMap(node)) return [];
  const found: Problem[] = [];
  const seen = new Set<string>();
  for (const { key, value } of node.items) {
    const name = keyText(key);
    const offset = isNodeWithRange(key) ? key.range[0] : 0;
    const here = [...path, name ?? '?'];
    if (name === undefined) found.push(problem(offset, path, 'a key must be a plain name'));
    else if (name === '<<')
      found.push(problem(offset, path, 'merge keys (<<) are not read: write the keys out'));
    else if (seen.has(name))
      found.push(problem(offset, here, 'given twice, expected once: remove one of them'));
    else found.push(...keyProblems(value, here, problem));
    seen.add(name ?? '');
  }
  return found;
}

function keyText(key: unknown): string | undefined {
  if (typeof key === 'string') return key;
  return isScalar(key) && (typeof key.value === 'string' || typeof key.value === 'number')
    ? String(key.value)
    : undefined;
}

/** Unresolved aliases, and a number of them that can only mean a bomb, before anything is expanded. */
function aliasProblems(yaml: Document.Parsed, problem: ProblemAt): Problem[] {
  const aliases: Alias[] = [];
  visit(yaml.contents, { Alias: (_, node) => (aliases.push(node) > MOST_ALIASES ? visit.BREAK : undefined) });
  const beyond = aliases[MOST_ALIASES];
  if (beyond !== undefined) {
    // Not resolved one by one: each resolution searches the whole document.
    return [
      problem(
        offsetOf(beyond),
        [],
        `more than ${MOST_ALIASES} aliases (*name), expected a few: write the values out`,
      ),
    ];
  }
  return aliases
    .filter((alias) => alias.resolve(yaml) === undefined)
    .map((alias) =>
      problem(offsetOf(alias), [], `*${plain(alias.source)} refers to an anchor that was not set before it`),
    );
}

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/**
 * Measured with yaml 2.9.1: composing 200,000 brackets aborts the whole process
 * (V8 runs out of stack inside a regular expression), which no catch can stop.
 * The package's own lexer and parser keep their depth in a list, so it is read
 * there before anything recursive sees the text.
 */
function isTooDeep(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // Draining the generator is what makes the parser take the lexeme.
    Array.from(parser.next(lexeme));
    if (parser.stack.length > DEEPEST) return true;
  }
  return false;
}

/** Our words for the mistakes people make; the parser's own for the rest. */
function syntaxMessage({ code, message }: YAMLError): string {
  if (code === 'TAB_AS_INDENT') return 'a tab is used for indentation, expected spaces';
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here (---), expected one document';
  if (code === 'TAG_RESOLVE_FAILED') return `${plain(message)}; tags (!name) are not read: remove it`;
  return `not readable as YAML: ${plain(message)}`;
}

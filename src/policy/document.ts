/**
 * A text of policies as plain objects that remember where they were written: YAML
 * or JSON, several documents, and lists. Total: what cannot be read is a problem,
 * never an exception.
 */
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseAllDocuments,
  Parser,
  visit,
  type Document,
} from 'yaml';
import type { Path, PolicyProblem } from './problem.js';
import { given, pathText } from './problem.js';

/** A cluster's policies with status and managed fields are some megabytes; this is some other file. */
const LARGEST_TEXT = 16 * 1024 * 1024;

/** A policy is twelve levels deep; a level of YAML is up to three of the parser's. */
const DEEPEST = 96;

/** Anchors are for repeating a selector or two. More, one inside another, is a bomb. */
const MOST_ALIASES = 100;

export interface WrittenObject {
  readonly value: unknown;
  problem(path: Path, message: string): PolicyProblem;
}

export interface WrittenObjects {
  readonly objects: readonly WrittenObject[];
  readonly problems: readonly PolicyProblem[];
}

/** @param name what problems call the text */
export function readObjects(name: string, text: string): WrittenObjects {
  const whole = (message: string): WrittenObjects => ({
    objects: [],
    problems: [{ where: name, line: 0, column: 0, path: '', message }],
  });
  if (text.length > LARGEST_TEXT)
    return whole(`got ${text.length} characters, expected at most ${LARGEST_TEXT}: is it the right file?`);
  if (isTooDeep(text))
    return whole(`nested more than ${DEEPEST} levels deep, expected a policy: is it the right file?`);
  try {
    return parse(name, text);
  } catch (error) {
    // Aliases that multiply beyond reason are told of by an exception only.
    return whole(`not readable as YAML: ${given(error instanceof Error ? error.message : String(error))}`);
  }
}

function parse(name: string, text: string): WrittenObjects {
  const lines = new LineCounter();
  // Cluster dumps have no key twice; comparing each with each would cost a large one dear.
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const objects: WrittenObject[] = [];
  const problems: PolicyProblem[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    const at = (offset: number, path: Path, message: string): PolicyProblem => {
      const { line, col } = lines.linePos(offset);
      return { where: `${name}:${line}:${col}`, line, column: col, path: pathText(path), message };
    };
    const broken = [...document.errors, ...document.warnings].map((error) =>
      at(error.pos[0], [], `not readable as YAML: ${given(error.message)}`),
    );
    const doubtful = broken.length > 0 ? broken : doubtfulKeys(document, at);
    problems.push(...doubtful);
    if (doubtful.length > 0) continue;
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    if (value === null || value === undefined) continue;
    objects.push(
      ...unpacked(value, []).map(([object, base]) => ({
        value: object,
        problem: (path: Path, message: string): PolicyProblem =>
          at(offsetOf(document, [...base, ...path]), path, message),
      })),
    );
  }
  return { objects, problems };
}

/** `kind: List`, and lists of one kind such as `kubectl get -o yaml` of a custom resource prints. */
function unpacked(value: unknown, base: Path): [object: unknown, base: Path][] {
  if (typeof value !== 'object' || value === null) return [[value, base]];
  const { kind, items } = value as { readonly kind?: unknown; readonly items?: unknown };
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [[value, base]];
  return items.flatMap((item: unknown, index) => unpacked(item, [...base, 'items', index]));
}

/** A key given twice is a decision nobody took; `__proto__` would change the object it is in. */
function doubtfulKeys(
  document: Document,
  at: (offset: number, path: Path, message: string) => PolicyProblem,
): PolicyProblem[] {
  const found: PolicyProblem[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : String(key);
        const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
        if (seen.has(name)) found.push(at(offset, [name], 'given twice, expected once: remove one of them'));
        if (name === '__proto__' || name === '<<')
          found.push(at(offset, [name], 'expected a plain key: write out what is meant'));
        seen.add(name);
      }
    },
  });
  return found;
}

/** Where the value stands, or the nearest thing around it that does. */
function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const part of [...path, undefined]) {
    const real = isAlias(node) ? node.resolve(document) : node;
    if (isNode(real)) offset = real.range?.[0] ?? offset;
    if (part === undefined) break;
    if (isMap(real)) {
      const pair = real.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (isNode(pair?.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair?.value;
    } else node = isSeq(real) && typeof part === 'number' ? real.items[part] : undefined;
  }
  return offset;
}

/** Composing very deep texts ends the process inside the parser; its own lexer keeps depth in a list. */
function isTooDeep(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    Array.from(parser.next(lexeme));
    if (parser.stack.length > DEEPEST) return true;
  }
  return false;
}

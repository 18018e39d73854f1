/**
 * The configuration file: its text checked against the schema, every problem with
 * its line. Nothing here knows flags or environment.
 */
import type { z } from 'zod';
import type { ExpectedTraffic, NamespaceRule } from '../model.js';
import { plain } from '../outside.js';
import { readDocument, type SourceDocument } from './document.js';
import { meaningProblems } from './meaning.js';
import { didYouMean } from './nearest.js';
import { pathText, quoted, type Problem } from './problem.js';
import { expectedTraffic, FILE_PLACES, FILE_SCHEMA, namespaceRule } from './schema.js';

/** A file's name as messages show it, and its text. */
export interface ConfigText {
  readonly path: string;
  readonly text: string;
}

export interface FileContent {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** The raw value at a dotted place, undefined where the file is silent. */
  at(place: string): unknown;
  /** A problem at a dotted place. */
  problem(place: string, message: string): Problem;
  readonly namespaces: readonly NamespaceRule[];
  readonly platformNamespaces: readonly string[];
  readonly expected: readonly ExpectedTraffic[];
}

/** An entry of a list that fits the schema, and its number in the list: entries beside it may not fit. */
export interface Entry<T> {
  readonly value: T;
  readonly path: readonly PropertyKey[];
}

/** @param now milliseconds since the epoch, for agreements that have ended */
export function readFileText(file: ConfigText, now: number): FileContent {
  const read = readDocument(file.path, file.text);
  if (!read.ok) return nothing(file.path, read.problems);
  const { document } = read;
  const problem = problemIn(file.path, document);
  const value = withoutEmptyParts(document.value ?? {});
  const result = FILE_SCHEMA.safeParse(value);
  const issues = result.success ? [] : result.error.issues;
  const say = createSentences(value, document, problem);
  const namespaces = entries(value, ['tenants', 'namespaces'], namespaceRule);
  const expected = entries(value, ['expected'], expectedTraffic);
  const platformNamespaces = texts(value, ['tenants', 'platformNamespaces']);
  const meaning = meaningProblems({ namespaces, platformNamespaces, expected }, now, problem);
  return {
    problems: [...firstOf(issues, say), ...meaning.problems],
    warnings: meaning.warnings,
    at: (place) => valueAt(value, place.split('.')),
    problem: (place, message) => problem(place.split('.'), message),
    namespaces: namespaces.map((entry) => entry.value),
    platformNamespaces: platformNamespaces.map((entry) => entry.value),
    expected: expected.map((entry) => entry.value),
  };
}

function nothing(path: string, problems: readonly Problem[]): FileContent {
  return {
    problems,
    warnings: [],
    at: () => undefined,
    problem: (place, message) => ({ where: path, line: 0, column: 0, path: place, message }),
    namespaces: [],
    platformNamespaces: [],
    expected: [],
  };
}

export type ProblemIn = (path: readonly PropertyKey[], message: string, at?: 'key') => Problem;

function problemIn(name: string, document: SourceDocument): ProblemIn {
  return (path, message, at) => {
    const { line, column } = at === 'key' ? document.keyPosition(path) : document.position(path);
    return { where: `${name}:${line}:${column}`, line, column, path: pathText(path), message };
  };
}

/** A file that is wrong in more places is some other file; its first thousand problems say so too. */
const MOST_PROBLEMS = 1000;

function firstOf(
  issues: readonly z.core.$ZodIssue[],
  say: (issue: z.core.$ZodIssue) => Problem[],
): Problem[] {
  const problems: Problem[] = [];
  for (const issue of issues) {
    if (problems.length >= MOST_PROBLEMS) break;
    problems.push(...say(issue));
  }
  return problems;
}

/** Guesses compare names and check values again: enough of them for a person, not for a file of a megabyte. */
const MOST_GUESSES = 100;

/** Zod's findings in our words: unknown keys one by one, what is missing, what was given instead. */
function createSentences(
  value: unknown,
  document: SourceDocument,
  problem: ProblemIn,
): (issue: z.core.$ZodIssue) => Problem[] {
  let guesses = 0;
  return (issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys
        .slice(0, MOST_PROBLEMS)
        .map((key) =>
          problem([...issue.path, key], unknownKey(issue.path, key, ++guesses <= MOST_GUESSES), 'key'),
        );
    }
    const given = valueAt(value, issue.path);
    if (given === undefined) return [problem(issue.path, `missing, expected ${issue.message}`)];
    const written = document.written(issue.path);
    const tip = ++guesses <= MOST_GUESSES ? hint(issue.path, given, written) : '';
    return [problem(issue.path, `got ${givenText(given, written)}, expected ${issue.message}${tip}`)];
  };
}

function unknownKey(parent: readonly PropertyKey[], key: string, guess: boolean): string {
  const place = pathText(parent.filter((part) => typeof part !== 'number'));
  const known = KEYS.get(place) ?? [];
  // A key in the wrong section is found by its place in the whole file.
  const meant = guess ? didYouMean(key, [...known, ...(place === '' ? FILE_PLACES : [])]) : '';
  return `unknown key.${meant} Known here: ${known.join(', ')}`;
}

/** The keys that each section knows, and the entries of the lists. */
const KEYS = new Map<string, string[]>([
  ['tenants.namespaces', ['namespace', 'vcluster', 'name']],
  ['expected', ['source', 'destination', 'ports', 'reason', 'until']],
]);
for (const place of FILE_PLACES) {
  const parts = place.split('.');
  for (const [depth, key] of parts.entries()) add(parts.slice(0, depth).join('.'), key);
}

function add(section: string, key: string): void {
  const known = KEYS.get(section) ?? [];
  if (!known.includes(key)) known.push(key);
  KEYS.set(section, known);
}

function givenText(given: unknown, written: string | undefined): string {
  if (given === null) return 'nothing';
  if (typeof given === 'string') return quoted(given);
  if (typeof given === 'number') return `${plain(written ?? String(given), 80)} (a number)`;
  if (typeof given === 'boolean') return `${plain(written ?? String(given), 80)} (a boolean)`;
  if (!Array.isArray(given)) return 'a mapping';
  return given.length === 0 ? 'an empty list' : 'a list';
}

/** What YAML made of an unquoted word is seldom what was meant. */
function hint(path: readonly PropertyKey[], given: unknown, written: string | undefined): string {
  if (typeof given === 'string' && /^(?:yes|no|on|off|true|false)$/i.test(given) && fits(path, true)) {
    return '; YAML reads only true and false as that, without quotes';
  }
  if (typeof given === 'string' && /^\d+$/.test(given) && fits(path, Number(given))) {
    return '; remove the quotes';
  }
  const isScalar = typeof given === 'number' || typeof given === 'boolean';
  if (isScalar && written !== undefined && fits(path, written)) {
    return `; in quotes it is text: ${JSON.stringify(written)}`;
  }
  return '';
}

/** Whether another value at this place would be accepted. Only the way to the place is built: files can be long. */
function fits(path: readonly PropertyKey[], instead: unknown): boolean {
  const inFirst = path.map((key) => (typeof key === 'number' ? 0 : key));
  const file = inFirst.reduceRight<unknown>(
    (value, key) => (key === 0 ? [value] : { [key]: value }),
    instead,
  );
  const result = FILE_SCHEMA.safeParse(file);
  return result.success || !result.error.issues.some((issue) => pathText(issue.path) === pathText(inFirst));
}

/**
 * `tenants:` with nothing behind it is what is left when its entries are commented
 * out: the same as no section. Only sections and lists: an empty setting is a mistake.
 */
function withoutEmptyParts(value: unknown): unknown {
  if (!isObject(value)) return value;
  const filled = (section: string, part: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(part).filter(([key, inner]) => inner !== null || !MAY_BE_EMPTY.has(section + key)),
    );
  const whole = filled('', value);
  for (const section of ['tenants', 'alertmanager']) {
    const part = whole[section];
    if (isObject(part)) whole[section] = filled(`${section}.`, part);
  }
  return whole;
}

const MAY_BE_EMPTY = new Set([
  ...FILE_PLACES.flatMap((place) => {
    const parts = place.split('.');
    return parts.slice(0, -1).map((_, depth) => parts.slice(0, depth + 1).join('.'));
  }),
  'tenants.namespaces',
  'tenants.platformNamespaces',
  'expected',
]);

function entries<T>(value: unknown, path: readonly string[], schema: z.ZodType<T>): Entry<T>[] {
  const list = valueAt(value, path);
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, index) => {
    const result = schema.safeParse(item);
    return result.success ? [{ value: result.data, path: [...path, index] }] : [];
  });
}

function texts(value: unknown, path: readonly string[]): Entry<string>[] {
  const list = valueAt(value, path);
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, index) =>
    typeof item === 'string' ? [{ value: item, path: [...path, index] }] : [],
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[key];
  }
  return found;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

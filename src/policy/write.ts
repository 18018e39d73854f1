/** Objects as YAML to commit: their lists of rules with the reason for each above it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Document, isScalar, Scalar, visit } from 'yaml';

/** A list of which each item says why it is there. Empty, it is not written at all. */
export class Reasoned {
  readonly items: readonly Item[];

  constructor(items: readonly Item[]) {
    this.items = items;
  }
}

interface Item {
  readonly value: object;
  readonly comment: readonly string[];
}

/** An object as it will be written; lists with reasons may stand at any depth. */
export type Sheet = Readonly<Record<string, unknown>>;

/** The object as a cluster or a program takes it. */
export function plainOf(sheet: Sheet): object {
  return Object.fromEntries(
    Object.entries(sheet).flatMap(([key, value]) => {
      if (value instanceof Reasoned)
        return value.items.length === 0 ? [] : [[key, value.items.map((item) => item.value)]];
      return [[key, isSheet(value) ? plainOf(value) : value]];
    }),
  );
}

/** Beside the stream: what one slice writes takes some milliseconds. */
const ITEMS_IN_A_SLICE = 32;

export async function writeSheets(sheets: readonly Sheet[], header: readonly string[]): Promise<string> {
  const parts = header.map((line) => (line === '' ? '#\n' : `# ${oneLine(line)}\n`));
  for (const sheet of sheets) {
    parts.push('---\n');
    await write(sheet, 0, parts);
    await nextTurn();
  }
  return parts.join('');
}

async function write(sheet: Sheet, depth: number, parts: string[]): Promise<void> {
  const margin = '  '.repeat(depth);
  for (const [key, value] of Object.entries(sheet)) {
    if (value instanceof Reasoned) {
      if (value.items.length > 0) parts.push(`${margin}${key}:\n`);
      for (const [index, item] of value.items.entries()) {
        if (index % ITEMS_IN_A_SLICE === ITEMS_IN_A_SLICE - 1) await nextTurn();
        // Comments are of lines: nothing that a tenant named may end one.
        parts.push(...item.comment.map((line) => `${margin}  # ${oneLine(line)}\n`));
        parts.push(indented(yaml([item.value]), `${margin}  `));
      }
    } else if (isSheet(value)) {
      parts.push(`${margin}${key}:\n`);
      await write(value, depth + 1, parts);
    } else parts.push(indented(yaml({ [key]: value }), margin));
  }
}

/** With a list that has reasons somewhere in it. */
function isSheet(value: unknown): value is Sheet {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).some((held) => held instanceof Reasoned || isSheet(held));
}

/**
 * Kubernetes' tools read YAML 1.1 and take underscores out of numbers, also where
 * YAML 1.1 has none (sigs.k8s.io/yaml, goyaml.v2 resolve.go): a label's value such
 * as `no`, `0b11` or `1e1_0` must stay a text.
 */
function yaml(value: object): string {
  const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(document, {
    Scalar(_, node) {
      if (isScalar(node) && typeof node.value === 'string' && /^[-+.]?\d[-+.:\w]*$/.test(node.value))
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}

function indented(text: string, margin: string): string {
  return text.replace(/^(?=.)/gm, margin);
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '·').slice(0, 300);
}

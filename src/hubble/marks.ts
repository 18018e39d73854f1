import { coveredUntil } from './coverage.js';
import type { Inherited, Nodes } from './nodes.js';

/** Where the subscription keeps what it must know after a restart; the state file, or nothing. */
export interface CursorStore {
  /** What was last written under this name; undefined when nothing was. */
  get(section: string): unknown;
  set(section: string, value: unknown): void;
  /** Writes to disk what was set. */
  flush(): Promise<void>;
}

/** What an earlier process had delivered. */
export interface Marks {
  readonly savedAt: number;
  readonly nodes: ReadonlyMap<string, Inherited>;
}

const SECTION = 'cursor';
/** A mark further ahead than this was made by a clock that has been set right since; it must not hide what comes now. */
const AHEAD_MS = 30_000;

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

/**
 * Reads the cursor. `undefined`: there is none, `'unusable'`: there is one, but
 * not of a form we know, and the daemon starts as if for the first time.
 */
export function readMarks(store: CursorStore): Marks | 'unusable' | undefined {
  const saved = store.get(SECTION);
  if (saved === undefined) return undefined;
  const savedAt = record(saved)?.['savedAt'];
  const listed = record(record(saved)?.['nodes']);
  if (!isNumber(savedAt) || listed === undefined) return 'unusable';
  const nodes = new Map<string, Inherited>();
  for (const [name, value] of Object.entries(listed)) {
    const { mark, coveredUntil: until } = record(value) ?? {};
    if (!isNumber(until) || (mark !== null && !isNumber(mark))) return 'unusable';
    const latest = savedAt + AHEAD_MS;
    nodes.set(name, { mark: Math.min(mark ?? -Infinity, latest), coveredUntil: Math.min(until, latest) });
  }
  return { savedAt, nodes };
}

/** Keeps the marks of all nodes for the next write. */
export function writeMarks(store: CursorStore, nodes: Nodes, now: number): void {
  const marks = [...nodes]
    .filter(({ name }) => name !== '')
    .map((node) => {
      const until = node.gap?.from ?? coveredUntil(node);
      // JSON has no -Infinity: null is a node that has not delivered anything.
      return [
        node.name,
        { mark: Number.isFinite(node.seen.mark) ? node.seen.mark : null, coveredUntil: until },
      ];
    });
  store.set(SECTION, { savedAt: now, nodes: Object.fromEntries(marks) as object });
}

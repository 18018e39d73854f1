import { constants } from 'node:fs';
import { access, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/**
 * What is kept between restarts, in one small JSON file: sections by name. One
 * for the cursor; there is room for others.
 */
export interface StateFile {
  /** What was last set or read under this name; undefined when nothing was. */
  get(section: string): unknown;
  /** Keeps a plain JSON value for the next write; it must not change any more. */
  set(section: string, value: unknown): void;
  /** Writes everything that was set; rejects when the disk refuses. Writes never overlap. */
  flush(): Promise<void>;
}

const VERSION = 1;
/** Entries of a long list that are written in one turn of the event loop: fifty thousand connections would hold up flows for 40 ms. */
const ENTRIES_PER_TURN = 1_000;

interface Content {
  readonly version: number;
  readonly sections: Record<string, unknown>;
}

/** The state file when none is configured: nothing outlives the process. */
export function memoryState(): StateFile {
  const sections = new Map<string, unknown>();
  return {
    get: (section) => sections.get(section),
    set: (section, value) => void sections.set(section, value),
    flush: () => Promise.resolve(),
  };
}

/**
 * Opens `--state.file`. A file that cannot be read or understood is set aside
 * under another name and told to `warn`, never fatal: without it the daemon
 * starts as if for the first time. A directory that cannot be written to is an
 * error, thrown with flag and path: found at the first write, it would be found
 * by nobody.
 */
export async function openStateFile(options: {
  path: string;
  clock: () => number;
  warn: (message: string) => void;
}): Promise<StateFile> {
  const path = resolve(options.path);
  await checkDirectory(path);
  const sections = new Map(Object.entries(await readSections(path, options)));
  let dirty = false;
  let writing: Promise<void> = Promise.resolve();
  async function write(): Promise<void> {
    if (!dirty) return;
    dirty = false;
    try {
      await replace(path, inPieces([...sections]));
    } catch (error) {
      dirty = true;
      throw new Error(`--state.file: cannot write ${path}: ${message(error)}`, { cause: error });
    }
  }
  return {
    get: (section) => sections.get(section),
    set(section, value) {
      sections.set(section, value);
      dirty = true;
    },
    flush() {
      writing = writing.catch(() => undefined).then(write);
      return writing;
    },
  };
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function checkDirectory(path: string): Promise<void> {
  const directory = dirname(path);
  try {
    await access(directory, constants.W_OK | constants.X_OK);
    await rm(await attempt(directory));
  } catch (error) {
    throw new Error(
      `--state.file: cannot write to the directory of ${path} (${message(error)}); ` +
        'it must exist and be writable for this process, for example a mounted volume',
      { cause: error },
    );
  }
}

/** Permission bits do not tell of a read-only file system, and root passes them all; a file does. */
async function attempt(directory: string): Promise<string> {
  const path = join(directory, `.crosstalk-write-test-${Math.random().toString(36).slice(2)}`);
  await (await open(path, 'wx')).close();
  return path;
}

async function readSections(
  path: string,
  { clock, warn }: { clock: () => number; warn: (message: string) => void },
): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    return setAside(path, message(error), { clock, warn });
  }
  try {
    const content = JSON.parse(text) as Partial<Content> | null;
    const sections: unknown = content?.sections;
    if (content?.version !== VERSION)
      throw new Error(`version ${String(content?.version)}, expected ${VERSION}`);
    if (typeof sections !== 'object' || sections === null || Array.isArray(sections))
      throw new Error('no sections');
    return sections as Record<string, unknown>;
  } catch (error) {
    return setAside(path, message(error), { clock, warn });
  }
}

async function setAside(
  path: string,
  why: string,
  { clock, warn }: { clock: () => number; warn: (message: string) => void },
): Promise<Record<string, unknown>> {
  const aside = `${path}.corrupt-${clock()}`;
  try {
    await rename(path, aside);
    warn(`--state.file: ${path} cannot be used (${why}); set aside as ${aside}, starting without it`);
  } catch (error) {
    warn(
      `--state.file: ${path} cannot be used (${why}) nor set aside (${message(error)}); starting without it`,
    );
  }
  return {};
}

/** The content as JSON, long lists in pieces. */
function* inPieces(sections: readonly (readonly [string, unknown])[]): Iterable<string> {
  let before = `{"version":${VERSION},"sections":{`;
  for (const [name, value] of sections) {
    if (value === undefined) continue;
    before += `${JSON.stringify(name)}:`;
    if (!Array.isArray(value) || value.length <= ENTRIES_PER_TURN) yield before + JSON.stringify(value);
    else {
      yield `${before}[`;
      for (let at = 0; at < value.length; at += ENTRIES_PER_TURN) {
        const piece = JSON.stringify(value.slice(at, at + ENTRIES_PER_TURN)).slice(1, -1);
        yield at === 0 ? piece : `,${piece}`;
      }
      yield ']';
    }
    before = ',';
  }
  yield before === ',' ? '}}' : `${before}}}`;
}

/** Readers see the old file or the new one, whole, even when the machine loses power in between. */
async function replace(path: string, pieces: Iterable<string>): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    // A turn of the event loop for each.
    await writeFile(file, pieces);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

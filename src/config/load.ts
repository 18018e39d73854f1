/** The file system's part: finds and reads the file, then hands over to the pure rest. */
import { readFile, stat } from 'node:fs/promises';
import { readConfig, type Config, type ConfigResult, type ConfigSources, type Inputs } from './config.js';
import { LARGEST_FILE } from './document.js';
import type { ConfigText } from './file.js';
import { environmentNames, OPTIONS } from './options.js';
import type { Problem } from './problem.js';
import { readReload } from './reload.js';

/** Reads the file that flags or environment name, and the configuration out of all three. */
export async function loadConfig(sources: Omit<ConfigSources, 'file'>): Promise<ConfigResult> {
  const inScope = sources.scope?.includes(OPTIONS.configFile) ?? true;
  const path = inScope ? configFileOf(sources.inputs) : undefined;
  if (path === undefined) return readConfig({ ...sources, file: undefined });
  const file = await readText(path);
  if (file.ok) return readConfig({ ...sources, file: file.value });
  const rest = readConfig({ ...sources, file: undefined });
  return { ok: false, problems: [file.problem, ...(rest.ok ? [] : rest.problems)] };
}

/**
 * Reads the file again. Without a file there is nothing to read, and the
 * configuration stays as it is.
 *
 * @param now milliseconds since the epoch
 */
export async function reloadConfig(current: Config, now: number): Promise<ConfigResult> {
  if (current.configFile === undefined) return { ok: true, config: current, warnings: [] };
  const file = await readText(current.configFile);
  return file.ok ? readReload(current, file.value, now) : { ok: false, problems: [file.problem] };
}

/** @returns the path that names the file, before anything else is known */
function configFileOf({ flags, env }: Inputs): string | undefined {
  const [variable = ''] = environmentNames(OPTIONS.configFile);
  return flags['config.file']?.at(-1) ?? env[variable];
}

type TextRead =
  { readonly ok: true; readonly value: ConfigText } | { readonly ok: false; readonly problem: Problem };

async function readText(path: string): Promise<TextRead> {
  const fail = (message: string): TextRead => ({
    ok: false,
    problem: { where: path, line: 0, column: 0, path: '', message },
  });
  try {
    const { size } = await stat(path);
    if (size > LARGEST_FILE) {
      return fail(`the file has ${size} bytes, expected at most ${LARGEST_FILE}: is it the right file?`);
    }
    const bytes = await readFile(path);
    return { ok: true, value: { path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) } };
  } catch (error) {
    return fail(readFailure(error));
  }
}

function readFailure(error: unknown): string {
  if (error instanceof TypeError) return 'not UTF-8 text, expected YAML in UTF-8';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file; check the path, and in a pod the volume mount';
  if (code === 'EACCES') return 'the file may not be read by this user; check its permissions';
  if (code === 'EISDIR') return 'is a directory, expected a file';
  return error instanceof Error ? error.message : String(error);
}

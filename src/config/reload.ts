/** Reading the file again while the daemon runs: all or nothing. */
import { isDeepStrictEqual } from 'node:util';
import { readConfig, type Config, type ConfigResult } from './config.js';
import type { ConfigText } from './file.js';
import { ALL_OPTIONS } from './options.js';
import type { Problem } from './problem.js';

/**
 * The configuration as it would be with the file's new text, under the same flags
 * and environment. A change that takes a restart refuses the whole reload, so that
 * what runs and what is written never differ in part.
 *
 * @param now milliseconds since the epoch
 */
export function readReload(current: Config, file: ConfigText, now: number): ConfigResult {
  const read = readConfig({ inputs: current.inputs, file, now });
  if (!read.ok) return read;
  const problems = restartProblems(current, read.config, file.path);
  return problems.length > 0 ? { ok: false, problems } : read;
}

function restartProblems(current: Config, next: Config, path: string): Problem[] {
  return ALL_OPTIONS.filter((option) => !option.reload).flatMap((option) => {
    const name = option.file ?? option.flag ?? '';
    const before = current.settings.find((setting) => setting.name === name);
    const after = next.settings.find((setting) => setting.name === name);
    if (before === undefined || after === undefined || isDeepStrictEqual(before.value, after.value))
      return [];
    const was = before.value === '' ? 'none' : before.value;
    const now = after.value === '' ? 'none' : after.value;
    const [line = 0, column = 0] = (/:(\d+):(\d+)$/.exec(after.via) ?? []).slice(1).map(Number);
    return [
      {
        where: after.from === 'file' ? after.via : path,
        line,
        column,
        path: name,
        message: `changed from ${was} to ${now}, which takes a restart; nothing of the file was applied`,
      },
    ];
  });
}

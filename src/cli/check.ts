/** `crosstalk check`: everything that serve would find wrong before it starts, and nothing else. */
import { pickEnvironment } from '../config/environment.js';
import { loadConfig } from '../config/load.js';
import { environmentNames, OPTIONS } from '../config/options.js';
import type { Config } from '../config/config.js';
import type { FlagTexts } from './flags.js';
import { writeProblems, writeWarnings } from './refusal.js';
import { Exit, type ExitCode, type Shell } from './shell.js';

export async function check(shell: Shell, flags: FlagTexts): Promise<ExitCode> {
  const env = pickEnvironment(shell.env);
  const isNamed =
    flags['config.file'] !== undefined || environmentNames(OPTIONS.configFile).some((name) => name in env);
  if (!isNamed) {
    shell.stderr.write('crosstalk: --config.file: missing, expected the path of the file to check\n');
    return Exit.USAGE;
  }
  const loaded = await loadConfig({ inputs: { flags, env }, now: shell.clock() });
  if (!loaded.ok) {
    writeProblems(shell.stderr, loaded.problems);
    return Exit.FAILED;
  }
  writeWarnings(shell.stderr, loaded.warnings);
  const { web } = loaded.config;
  if (web.configFile !== undefined) {
    try {
      await shell.engine.checkWebConfig(web.configFile);
    } catch (error) {
      shell.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      return Exit.FAILED;
    }
  }
  shell.stdout.write(`${loaded.config.configFile ?? ''}: fine (${contents(loaded.config)})\n`);
  return Exit.FINE;
}

/** What was understood, so that a section in the wrong place is noticed. */
function contents({ tenancy, expected, settings }: Config): string {
  const set = settings.filter(({ from }) => from === 'file').length;
  return [
    counted(tenancy.namespaces.length, 'tenant namespace'),
    counted(tenancy.platformNamespaces.length, 'platform namespace'),
    counted(expected.length, 'agreement'),
    counted(set, 'other setting'),
  ].join(', ');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

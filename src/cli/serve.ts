/** `crosstalk serve`: the daemon, until it is told to stop. */
import { pickEnvironment } from '../config/environment.js';
import { loadConfig } from '../config/load.js';
import { createLog } from '../log.js';
import type { FlagTexts } from './flags.js';
import { keepRunning } from './lifetime.js';
import { writeProblems } from './refusal.js';
import { Exit, type ExitCode, type Shell } from './shell.js';
import { logWarnings } from './warnings.js';

export async function serve(shell: Shell, flags: FlagTexts): Promise<ExitCode> {
  const loaded = await loadConfig({
    inputs: { flags, env: pickEnvironment(shell.env) },
    now: shell.clock(),
  });
  if (!loaded.ok) {
    writeProblems(shell.stderr, loaded.problems);
    return Exit.USAGE;
  }
  const { config, warnings } = loaded;
  const log = await createLog(config.log, shell.stdout);
  logWarnings(log, warnings);
  return keepRunning(shell, log, () => shell.engine.startDaemon(config, { build: shell.build, log }));
}

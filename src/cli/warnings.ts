/** Doubtful settings, in the log of a command that goes on running. */
import { problemText, type Problem } from '../config/problem.js';
import type { Log } from '../log.js';

export function logWarnings(log: Log, warnings: readonly Problem[]): void {
  for (const warning of warnings)
    log.warn({ event: 'config_warning', where: warning.where }, problemText(warning));
}

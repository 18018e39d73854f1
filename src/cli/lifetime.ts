/** From a start to the signal that ends it: what serve and demo have in common. */
import type { Daemon } from '../daemon.js';
import type { Log } from '../log.js';
import { Exit, type ExitCode, type Shell } from './shell.js';

type Running = Pick<Daemon, 'close' | 'reload'>;

/** Kubernetes kills 30 s after SIGTERM; who waits for a terminal waits less. A close takes well under a second. */
const LONGEST_CLOSE_MS = 4_500;

/**
 * Starts, then waits for SIGTERM or SIGINT and closes. A second one ends the
 * process at once; SIGHUP reloads. Signals that come during the start count.
 *
 * @returns when everything is closed
 */
export async function keepRunning(shell: Shell, log: Log, start: () => Promise<Running>): Promise<ExitCode> {
  let running: Running | undefined;
  const stopped = new Promise<void>((resolve) => {
    let asked = false;
    const stop = (): void => {
      if (asked) shell.exit(Exit.FAILED);
      asked = true;
      resolve();
    };
    shell.onSignal('SIGTERM', stop);
    shell.onSignal('SIGINT', stop);
  });
  shell.onSignal('SIGHUP', () => {
    // Said by the daemon, whatever comes of it; a rejection would be a fault of ours.
    running?.reload().catch((error: unknown) => log.error({ event: 'config_reload_failed' }, text(error)));
  });
  try {
    running = await start();
  } catch (error) {
    shell.stderr.write(`crosstalk: cannot start: ${text(error)}\n`);
    return Exit.FAILED;
  }
  await stopped;
  return close(shell, running);
}

async function close(shell: Shell, running: Running): Promise<ExitCode> {
  const deadline = setTimeout(() => {
    shell.stderr.write('crosstalk: closing took too long; ended without waiting for the rest\n');
    shell.exit(Exit.FAILED);
  }, LONGEST_CLOSE_MS);
  try {
    await running.close();
    return Exit.FINE;
  } catch (error) {
    shell.stderr.write(`crosstalk: closing failed: ${text(error)}\n`);
    return Exit.FAILED;
  } finally {
    clearTimeout(deadline);
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

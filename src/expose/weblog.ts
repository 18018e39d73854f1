/** What the web server has to say in the log; limited where a client could make it say more. */
import { createAllowance } from '../allowance.js';
import type { Log } from '../log.js';
import { plain } from '../outside.js';

/** Failures come in floods when they come: enough lines to see what fails. */
const FAILURE_LINES = { burst: 20, perSecond: 0.1 };

export interface WebLog {
  readonly requestFailed: (details: { method: string; url: string; message: string }) => void;
  readonly webConfigReread: () => void;
  readonly webConfigTrouble: (message: string) => void;
}

/** @param clock milliseconds since the epoch */
export function createWebLog(log: Log, clock: () => number): WebLog {
  const allowance = createAllowance(FAILURE_LINES.burst, FAILURE_LINES.perSecond);
  return {
    requestFailed({ method, url, message }) {
      if (!allowance.take(clock())) return;
      log.error(
        { event: 'request_failed', method, url: plain(url) },
        `${method} ${plain(url)}: ${plain(message, 500)}`,
      );
    },
    webConfigReread() {
      log.info({ event: 'web_config_reloaded' }, 'the web configuration was read again and is in force');
    },
    webConfigTrouble(message) {
      const said = plain(message, 1_000);
      log.error({ event: 'web_config_reload_failed' }, `the web configuration stays as it was: ${said}`);
    },
  };
}

// The whole daemon as a benchmark runs it: in this process, its web server on a free port.
import { readConfig } from '../../dist/config/config.js';
import { startDaemon, SYSTEM } from '../../dist/daemon.js';
import { createLog } from '../../dist/log.js';

export async function startTestDaemon(server) {
  const flags = { server: [server], 'web.listen-address': ['127.0.0.1:0'] };
  const read = readConfig({ inputs: { flags, env: {} }, file: undefined, now: Date.now() });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const log = await createLog({ level: 'error', format: 'json' });
  return startDaemon(read.config, {
    ...SYSTEM,
    log,
    build: { version: '0', revision: '', nodeVersion: process.version },
  });
}

export function flowsOf({ numbers }) {
  let flows = 0;
  for (const count of numbers.ledger.events.values()) flows += count;
  return flows;
}

#!/usr/bin/env node
/** The process: the only user of `process`. Everything else is handed what it needs. */
import { readFileSync, writeSync } from 'node:fs';
import { ENGINE } from './cli/engine.js';
import { runProgram } from './cli/program.js';
import type { Output, Shell } from './cli/shell.js';

/** Handles that something forgot to close must not keep the process. */
const LINGER_MS = 500;

const shell: Shell = {
  argv: process.argv.slice(2),
  env: process.env,
  stdin: process.stdin,
  stdout: output(process.stdout),
  stderr: output(process.stderr),
  build: {
    version: version(),
    // Set by the image's build; nobody else knows the commit.
    revision: process.env['SOURCE_REVISION'] ?? 'unknown',
    nodeVersion: process.version,
  },
  engine: ENGINE,
  clock: () => Date.now(),
  onSignal: (signal, handler) => process.on(signal, handler),
  exit: (code) => process.exit(code),
};

// A daemon in an unknown state must not go on saying that all is well.
process.on('uncaughtException', (error) => crash('uncaught_exception', error));
process.on('unhandledRejection', (error) => crash('unhandled_rejection', error));

process.exitCode = await runProgram(shell);
setTimeout(() => process.exit(), LINGER_MS).unref();

function output(stream: NodeJS.WriteStream): Output {
  // `crosstalk replay … | head` closes our output: there is nobody left to tell. Not a
  // success, or a gate with --fail-on would open when its output is cut off.
  stream.on('error', () => process.exit(1));
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY,
    columns: stream.columns,
  };
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest ? String(manifest.version) : 'unknown';
}

/** One JSON line like every other line of the log, written at once: there is no later. */
function crash(event: string, error: unknown): never {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  const line = { level: 'fatal', time: new Date().toISOString(), event, msg: message, stack };
  writeSync(2, `${JSON.stringify(line)}\n`);
  process.exit(1);
}

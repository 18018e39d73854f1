/** What a command may use of the process it runs in. Only main.ts has the process itself; tests pass their own. */
import type { Readable } from 'node:stream';
import type { Build } from '../daemon.js';
import type { Engine } from './engine.js';

/** Standard output or standard error. */
export interface Output {
  write(text: string): void;
  /** Whether a person watches. */
  readonly isTTY: boolean;
  /** Characters in a line of the terminal; undefined elsewhere. */
  readonly columns: number | undefined;
}

export type Signal = 'SIGTERM' | 'SIGINT' | 'SIGHUP';

export interface Shell {
  /** Without the interpreter and the script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly build: Build;
  readonly engine: Engine;
  /** Milliseconds since the epoch. */
  clock(): number;
  onSignal(signal: Signal, handler: () => void): void;
  /** Ends the process at once, without the rest of what a command does. */
  exit(code: number): void;
}

/** Exit codes: the contract of every command. */
export const Exit = {
  FINE: 0,
  /** The work failed. */
  FAILED: 1,
  /** The command line or the configuration is wrong. */
  USAGE: 2,
  /** `replay --fail-on`: what was looked for was found. */
  FOUND: 3,
} as const;

export type ExitCode = (typeof Exit)[keyof typeof Exit];

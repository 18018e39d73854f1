/** A process that is not there: what a command writes is kept, signals are sent by hand. */
import { Readable } from 'node:stream';
import { ENGINE, type Engine } from '../../src/cli/engine.js';
import { runProgram } from '../../src/cli/program.js';
import type { Output, Shell, Signal } from '../../src/cli/shell.js';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FakeShell {
  readonly shell: Shell;
  stdout(): string;
  stderr(): string;
  /** Delivers a signal to whoever waits for it. */
  signal(name: Signal): void;
  /** Exit codes that were asked for at once. */
  readonly exits: number[];
}

export interface FakeOptions {
  readonly env?: Record<string, string>;
  readonly stdin?: string | Buffer | Readable;
  readonly engine?: Partial<Engine>;
  readonly isTTY?: boolean;
  readonly clock?: () => number;
}

export function fakeShell(argv: readonly string[], options: FakeOptions = {}): FakeShell {
  const {
    env = {},
    stdin = '',
    engine = {},
    isTTY = false,
    clock = () => Date.parse('2026-11-22T08:00:00Z'),
  } = options;
  const stdout: string[] = [];
  const stderr: string[] = [];
  const exits: number[] = [];
  const handlers = new Map<Signal, () => void>();
  const output = (written: string[]): Output => ({
    write: (text) => void written.push(text),
    isTTY,
    columns: isTTY ? 80 : undefined,
  });
  const shell: Shell = {
    argv,
    env,
    stdin: stdin instanceof Readable ? stdin : Readable.from([Buffer.from(stdin)]),
    stdout: output(stdout),
    stderr: output(stderr),
    build: { version: '0.0.0-test', revision: 'abc', nodeVersion: 'v0' },
    engine: { ...ENGINE, ...engine },
    clock,
    onSignal: (name, handler) => void handlers.set(name, handler),
    exit: (code) => void exits.push(code),
  };
  return {
    shell,
    exits,
    stdout: () => stdout.join(''),
    stderr: () => stderr.join(''),
    signal: (name) => handlers.get(name)?.(),
  };
}

/** Runs a command that ends by itself. */
export async function run(argv: readonly string[], options: FakeOptions = {}): Promise<Ran> {
  const fake = fakeShell(argv, options);
  const code = await runProgram(fake.shell);
  return { code, stdout: fake.stdout(), stderr: fake.stderr() };
}

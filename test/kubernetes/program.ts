/** A program that runs for as long as the tests do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';

export interface Program {
  /** @throws Error with what the program said, when it has ended */
  readonly mustRun: () => void;
  readonly end: () => Promise<void>;
}

/** It holds the program's standard input open: the programs end with it (go/etcd/main.go). */
export function startProgram(path: string, cwd: string, flags: Readonly<Record<string, string>>): Program {
  const child = spawn(
    path,
    Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    { cwd, stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-20_000)));
  child.on('error', (error) => (log += `${error.message}\n`));
  const hasEnded = (): boolean =>
    child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  return {
    mustRun: () => {
      if (hasEnded()) throw new Error(`${basename(path)} ended: ${log}`);
    },
    end: async () => {
      if (hasEnded()) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

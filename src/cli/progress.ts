/** How far a long reading has come, for a person at a terminal; silent elsewhere. */
import type { Output } from './shell.js';

/** Often enough to look alive, seldom enough to cost nothing. */
const EVERY_MS = 200;

export interface Progress {
  /** @param bytes read of this file; @param size its bytes, undefined when nobody knows */
  at(file: string, bytes: number, size: number | undefined, lines: number): void;
  /** Removes the line, before anything else is written. */
  end(): void;
}

/** @param now milliseconds since the epoch */
export function createProgress(output: Output, now: () => number): Progress {
  // Short work shows nothing: the first line comes after one interval.
  let shownAt = now();
  let isShown = false;
  return {
    at(file, bytes, size, lines) {
      if (!output.isTTY || now() - shownAt < EVERY_MS) return;
      shownAt = now();
      isShown = true;
      const part = size === undefined || size === 0 ? '' : ` (${Math.floor((bytes / size) * 100)} %)`;
      const text = `${file}: ${megabytes(bytes)}${part}, ${lines.toLocaleString('en')} lines`;
      output.write(`\r\u001b[K${text.slice(0, (output.columns ?? 80) - 1)}`);
    },
    end() {
      if (isShown) output.write('\r\u001b[K');
      isShown = false;
    },
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

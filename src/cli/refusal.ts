/** How every command says that what it was told is wrong. */
import { problemLines, type Problem } from '../config/problem.js';
import type { Output } from './shell.js';

/** One line a problem, so that editors and people find the place; then how many there are. */
export function writeProblems(output: Output, problems: readonly Problem[]): void {
  for (const line of problemLines(problems)) output.write(`${line}\n`);
  const count = problems.length;
  output.write(`crosstalk: ${count === 1 ? 'one problem' : `${count} problems`} in the configuration\n`);
}

export function writeWarnings(output: Output, warnings: readonly Problem[]): void {
  for (const line of problemLines(warnings)) output.write(`warning: ${line}\n`);
}

/** `crosstalk replay`: recorded flows judged by the daemon's own stages. */
import { oneOf } from '../config/kinds.js';
import { plain } from '../outside.js';
import type { Replay } from '../replay.js';
import { readLocal, type FlagTexts, type LocalFlag } from './flags.js';
import { filesProblem, openRecording, readAll } from './reading.js';
import { allowedUnexpected, reportTable, type Report, type Skipped } from './report.js';
import { Exit, type ExitCode, type Shell } from './shell.js';

export const OUTPUT = {
  flag: 'output',
  kind: oneOf(['table', 'json']),
  default: 'table',
  help: 'table: for people; json: for programs.',
} satisfies LocalFlag<string>;

export const FAIL_ON = {
  flag: 'fail-on',
  kind: oneOf(['cross-tenant']),
  default: undefined,
  help: 'Exit with 3 when unexpected traffic between tenants was allowed.',
} satisfies LocalFlag<string>;

export async function replay(shell: Shell, flags: FlagTexts, files: readonly string[]): Promise<ExitCode> {
  const output = readLocal(flags, OUTPUT);
  const failOn = readLocal(flags, FAIL_ON);
  const usage = [
    filesProblem(files),
    output.ok ? undefined : output.problem,
    failOn.ok ? undefined : failOn.problem,
  ];
  const wrong = usage.filter((problem) => problem !== undefined);
  for (const problem of wrong) shell.stderr.write(`crosstalk: ${problem}\n`);
  if (wrong.length > 0 || !output.ok || !failOn.ok) return Exit.USAGE;

  const recording = await openRecording(shell, flags, files);
  if (typeof recording === 'number') return recording;
  const report = await read(shell, recording, files);
  shell.stdout.write(output.value === 'json' ? `${JSON.stringify(report, null, 2)}\n` : reportTable(report));
  return exitCode(shell, report, failOn.value !== undefined);
}

async function read(shell: Shell, recording: Replay, files: readonly string[]): Promise<Report> {
  const { failures, tooLong } = await readAll(shell, recording, files);
  const report = recording.report();
  const skipped: Skipped[] = [...report.skipped];
  if (tooLong.count > 0) skipped.push({ reason: 'line_too_long', ...tooLong });
  return { files, failures, ...report, lines: report.lines + tooLong.count, skipped };
}

/**
 * A gate must not open because nothing came in: a recording without a single flow
 * is a failure, like one that could not be read to its end.
 */
function exitCode({ stderr }: Shell, report: Report, gate: boolean): ExitCode {
  for (const { file, message } of report.failures) stderr.write(`crosstalk: ${plain(file)}: ${message}\n`);
  if (gate && allowedUnexpected(report) > 0) return Exit.FOUND;
  if (report.failures.length > 0) return Exit.FAILED;
  if (report.flows > 0) return Exit.FINE;
  stderr.write(
    report.lines === 0
      ? 'crosstalk: the input is empty, expected lines of `hubble observe -o json`\n'
      : "crosstalk: no line is a flow, expected lines of `hubble observe -o json` or of Hubble's exporter\n",
  );
  return Exit.FAILED;
}

/** `crosstalk replay`: recorded flows judged by the daemon's own stages. */
import { pickEnvironment } from '../config/environment.js';
import { oneOf } from '../config/kinds.js';
import { loadConfig } from '../config/load.js';
import { OPTIONS } from '../config/options.js';
import { plain } from '../outside.js';
import type { Replay } from '../replay.js';
import { readLocal, type FlagTexts, type LocalFlag } from './flags.js';
import { createProgress, type Progress } from './progress.js';
import { fileProblem, fileSize, readLines } from './recording.js';
import { writeProblems, writeWarnings } from './refusal.js';
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

  const loaded = await loadConfig({
    inputs: { flags, env: pickEnvironment(shell.env) },
    now: shell.clock(),
    scope: [OPTIONS.configFile],
  });
  if (!loaded.ok) {
    writeProblems(shell.stderr, loaded.problems);
    return Exit.USAGE;
  }
  writeWarnings(shell.stderr, loaded.warnings);
  if (!(await canAllBeRead(shell, files))) return Exit.FAILED;

  const report = await read(shell, await shell.engine.createReplay(loaded.config), files);
  shell.stdout.write(output.value === 'json' ? `${JSON.stringify(report, null, 2)}\n` : reportTable(report));
  return exitCode(shell, report, failOn.value !== undefined);
}

function filesProblem(files: readonly string[]): string | undefined {
  if (files.length === 0) return 'no file given, expected recorded flows: FILE..., or - for standard input';
  const repeated = files.find((file, index) => files.indexOf(file) < index);
  return repeated === undefined ? undefined : `${plain(repeated)} is given twice, expected once`;
}

/** All are looked at first: a typing mistake in the last name should not show after minutes. */
async function canAllBeRead({ stderr }: Shell, files: readonly string[]): Promise<boolean> {
  const problems = await Promise.all(files.map(async (file) => [file, await fileProblem(file)] as const));
  let fine = true;
  for (const [file, problem] of problems) {
    if (problem === undefined) continue;
    fine = false;
    stderr.write(`crosstalk: ${plain(file)}: ${problem}\n`);
  }
  return fine;
}

async function read(shell: Shell, recording: Replay, files: readonly string[]): Promise<Report> {
  const progress = createProgress(shell.stderr, () => shell.clock());
  const failures: { file: string; message: string }[] = [];
  const tooLong = { count: 0, first: '' };
  for (const file of files) {
    const message = await readOne(shell, recording, file, progress, tooLong);
    if (message !== undefined) failures.push({ file, message });
  }
  progress.end();
  const report = recording.report();
  const skipped: Skipped[] = [...report.skipped];
  if (tooLong.count > 0) skipped.push({ reason: 'line_too_long', ...tooLong });
  return { files, failures, ...report, lines: report.lines + tooLong.count, skipped };
}

async function readOne(
  shell: Shell,
  recording: Replay,
  file: string,
  progress: Progress,
  tooLong: { count: number; first: string },
): Promise<string | undefined> {
  const size = await fileSize(file);
  let lines = 0;
  return readLines(file, shell.stdin, {
    line(text, where) {
      lines += 1;
      recording.line(text, where);
    },
    tooLong(where) {
      tooLong.first ||= where;
      tooLong.count += 1;
    },
    progress: (bytes) => progress.at(plain(file), bytes, size, lines),
  });
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

/** Recorded files into a replay: looked at first, then read with progress, and what went wrong told of each. */
import { pickEnvironment } from '../config/environment.js';
import { loadConfig } from '../config/load.js';
import { OPTIONS } from '../config/options.js';
import { plain } from '../outside.js';
import type { Watched } from '../policy/watched.js';
import type { Replay } from '../replay.js';
import { URL_FLAG } from './analyzer.js';
import type { FlagTexts } from './flags.js';
import { createProgress, type Progress } from './progress.js';
import { fileProblem, fileSize, readLines } from './recording.js';
import { writeProblems, writeWarnings } from './refusal.js';
import { Exit, type ExitCode, type Shell } from './shell.js';

export interface Reading {
  /** Files that could not be read to their end, and why. */
  readonly failures: readonly { readonly file: string; readonly message: string }[];
  /** Lines that were too long to be looked at, and the first of them. */
  readonly tooLong: { readonly count: number; readonly first: string };
}

export function filesProblem(files: readonly string[]): string | undefined {
  if (files.length === 0) return 'no file given, expected recorded flows: FILE..., or - for standard input';
  const repeated = files.find((file, index) => files.indexOf(file) < index);
  return repeated === undefined ? undefined : `${plain(repeated)} is given twice, expected once`;
}

/** What is wrong with flows from files, or from a running analyzer where there are none. */
export function sourceProblems(flags: FlagTexts, files: readonly string[]): (string | undefined)[] {
  if (files.length === 0) return [];
  const both =
    flags[URL_FLAG.flag] === undefined ? undefined : '--url and files are given, expected one of them';
  return [filesProblem(files), both];
}

/** A recording for files that can be read, by the configuration that the flags name; else why the command ends. */
export async function openRecording(
  shell: Shell,
  flags: FlagTexts,
  files: readonly string[],
): Promise<Replay | ExitCode> {
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
  return shell.engine.createReplay(loaded.config);
}

/** What files tell, all of them to their end; else why the command ends. */
export async function watchedIn(
  shell: Shell,
  flags: FlagTexts,
  files: readonly string[],
): Promise<Watched | ExitCode> {
  const recording = await openRecording(shell, flags, files);
  if (typeof recording === 'number') return recording;
  const { failures } = await readAll(shell, recording, files);
  for (const { file, message } of failures) shell.stderr.write(`crosstalk: ${plain(file)}: ${message}\n`);
  return failures.length > 0 ? Exit.FAILED : recording.watched();
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

export async function readAll(shell: Shell, recording: Replay, files: readonly string[]): Promise<Reading> {
  const progress = createProgress(shell.stderr, () => shell.clock());
  const failures: { file: string; message: string }[] = [];
  const tooLong = { count: 0, first: '' };
  for (const file of files) {
    const message = await readOne(shell, recording, file, progress, tooLong);
    if (message !== undefined) failures.push({ file, message });
  }
  progress.end();
  return { failures, tooLong };
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

/** `crosstalk policy check`: what policies would do to recorded flows, or to what a running analyzer has seen. */
import type { PolicyCheckReport } from '../expose/api.js';
import { plain } from '../outside.js';
import { askAnalyzer, URL_FLAG } from './analyzer.js';
import { checkTable } from './checktable.js';
import { readLocal, type FlagTexts } from './flags.js';
import { POLICY, readPolicyFiles, type PolicyText } from './policyfiles.js';
import { sourceProblems, watchedIn } from './reading.js';
import { OUTPUT } from './replay.js';
import { Exit, type ExitCode, type Shell } from './shell.js';

export async function policyCheck(
  shell: Shell,
  flags: FlagTexts,
  files: readonly string[],
): Promise<ExitCode> {
  const output = readLocal(flags, OUTPUT);
  const url = readLocal(flags, URL_FLAG);
  const names = flags[POLICY.flag] ?? [];
  const wrong = [
    output.ok ? undefined : output.problem,
    url.ok ? undefined : url.problem,
    namesProblem(names, files),
    ...sourceProblems(flags, files),
  ].filter((problem) => problem !== undefined);
  for (const problem of wrong) shell.stderr.write(`crosstalk: ${problem}\n`);
  if (wrong.length > 0 || !output.ok || !url.ok) return Exit.USAGE;

  const texts = await readPolicyFiles(shell, names);
  if (typeof texts === 'number') return texts;
  const report =
    files.length > 0
      ? await fromFiles(shell, flags, files, texts)
      : await fromAnalyzer(shell, url.value ?? URL_FLAG.default, texts);
  if (typeof report === 'number') return report;
  shell.stdout.write(output.value === 'json' ? `${JSON.stringify(report, null, 2)}\n` : checkTable(report));
  return exitCode(shell, report);
}

function namesProblem(names: readonly string[], files: readonly string[]): string | undefined {
  if (names.length === 0) return '--policy: missing, expected a file of policies; it may be repeated';
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated !== undefined) return `--policy: ${plain(repeated)} is given twice, expected once`;
  return names.includes('-') && files.includes('-')
    ? '--policy: - and flows from -: standard input can be one of them'
    : undefined;
}

async function fromFiles(
  shell: Shell,
  flags: FlagTexts,
  files: readonly string[],
  texts: readonly PolicyText[],
): Promise<PolicyCheckReport | ExitCode> {
  const watched = await watchedIn(shell, flags, files);
  return typeof watched === 'number' ? watched : shell.engine.checkPolicies(texts, watched);
}

async function fromAnalyzer(
  shell: Shell,
  url: string,
  texts: readonly PolicyText[],
): Promise<PolicyCheckReport | ExitCode> {
  // Each text is whole: a document ends where the next begins.
  const body = texts.map(({ text }) => text).join('\n---\n');
  try {
    const answer = await askAnalyzer(url, { path: '/api/v1/policy/check', method: 'POST', body });
    return JSON.parse(answer) as PolicyCheckReport;
  } catch (error) {
    shell.stderr.write(`crosstalk: ${error instanceof Error ? error.message : String(error)}\n`);
    return Exit.FAILED;
  }
}

/** A gate must not open because nothing was seen. */
function exitCode({ stderr }: Shell, { outcomes }: PolicyCheckReport): ExitCode {
  if (outcomes.newly_denied.kinds > 0) return Exit.FOUND;
  if (Object.values(outcomes).some(({ kinds }) => kinds > 0)) return Exit.FINE;
  stderr.write('crosstalk: no connection was seen, so nothing was judged\n');
  return Exit.FAILED;
}

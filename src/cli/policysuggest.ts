/** `crosstalk policy suggest`: the policy that isolates a tenant, from recorded flows or from a running analyzer. */
import { oneOf } from '../config/kinds.js';
import { pickEnvironment } from '../config/environment.js';
import { loadConfig } from '../config/load.js';
import { didYouMean } from '../config/nearest.js';
import { OPTIONS } from '../config/options.js';
import { quoted } from '../config/problem.js';
import { plain } from '../outside.js';
import { askAnalyzer, URL_FLAG } from './analyzer.js';
import { readLocal, type FlagTexts, type LocalFlag } from './flags.js';
import { canAllBeRead, filesProblem, readAll } from './reading.js';
import { writeProblems, writeWarnings } from './refusal.js';
import { Exit, type ExitCode, type Shell } from './shell.js';

export const FORMAT = {
  flag: 'format',
  kind: oneOf(['cilium']),
  default: 'cilium',
  help: 'cilium: a CiliumNetworkPolicy for the workloads and one for the control plane.',
} satisfies LocalFlag<string>;

export async function policySuggest(
  shell: Shell,
  flags: FlagTexts,
  [tenant, ...files]: readonly string[],
): Promise<ExitCode> {
  const url = readLocal(flags, URL_FLAG);
  const format = readLocal(flags, FORMAT);
  const wrong = [
    tenant === undefined ? 'no tenant given, expected its name as crosstalk replay shows it' : undefined,
    url.ok ? undefined : url.problem,
    format.ok ? undefined : format.problem,
    files.length === 0 ? undefined : filesProblem(files),
    files.length > 0 && flags[URL_FLAG.flag] !== undefined
      ? '--url and files are given, expected one of them'
      : undefined,
  ].filter((problem) => problem !== undefined);
  for (const problem of wrong) shell.stderr.write(`crosstalk: ${problem}\n`);
  if (wrong.length > 0 || tenant === undefined || !url.ok) return Exit.USAGE;
  return files.length > 0
    ? fromFiles(shell, flags, tenant, files)
    : fromAnalyzer(shell, url.value ?? URL_FLAG.default, tenant);
}

async function fromFiles(
  shell: Shell,
  flags: FlagTexts,
  tenant: string,
  files: readonly string[],
): Promise<ExitCode> {
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
  const recording = await shell.engine.createReplay(loaded.config);
  const { failures } = await readAll(shell, recording, files);
  for (const { file, message } of failures) shell.stderr.write(`crosstalk: ${plain(file)}: ${message}\n`);
  if (failures.length > 0) return Exit.FAILED;
  const suggestion = await shell.engine.suggest(tenant, recording.watched());
  if (suggestion.ok) {
    shell.stdout.write(suggestion.text);
    return Exit.FINE;
  }
  const { known } = suggestion;
  const those =
    known.length === 0
      ? 'no tenant was'
      : `seen were ${known
          .slice(0, 20)
          .map((name) => plain(name))
          .join(', ')}`;
  shell.stderr.write(
    `crosstalk: tenant ${quoted(tenant)} was not seen: ${those}.${didYouMean(tenant, known)}\n`,
  );
  return Exit.FAILED;
}

async function fromAnalyzer(shell: Shell, url: string, tenant: string): Promise<ExitCode> {
  try {
    const path = `/api/v1/tenants/${encodeURIComponent(tenant)}/policy`;
    shell.stdout.write(await askAnalyzer(url, { path, method: 'GET' }));
    return Exit.FINE;
  } catch (error) {
    shell.stderr.write(`crosstalk: ${error instanceof Error ? error.message : String(error)}\n`);
    return Exit.FAILED;
  }
}

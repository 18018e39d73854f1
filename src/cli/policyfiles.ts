/** The files of --policy, read and looked at before anything is judged with them. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { plainText } from '../config/kinds.js';
import { problemLines } from '../config/problem.js';
import { plain } from '../outside.js';
import type { LocalFlag } from './flags.js';
import { failureText } from './recording.js';
import { Exit, type ExitCode, type Shell } from './shell.js';

export const POLICY = {
  flag: 'policy',
  kind: plainText('<file>', 'a file of policies, or - for standard input'),
  default: undefined,
  help: 'Policies to try: CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy, NetworkPolicy, YAML or JSON; repeatable. Give those in force, too: only what is given is judged.',
} satisfies LocalFlag<string>;

export interface PolicyText {
  readonly name: string;
  readonly text: string;
}

/** @returns the texts, every one of them free of problems; or the code to end with, after all of them were told */
export async function readPolicyFiles(
  shell: Shell,
  names: readonly string[],
): Promise<readonly PolicyText[] | ExitCode> {
  const texts: PolicyText[] = [];
  for (const name of names) {
    try {
      const content = name === '-' ? await text(shell.stdin) : await readFile(name, 'utf8');
      texts.push({ name: name === '-' ? 'stdin' : name, text: content });
    } catch (error) {
      shell.stderr.write(`crosstalk: --policy: ${plain(name)}: ${failureText(error)}\n`);
    }
  }
  if (texts.length < names.length) return Exit.FAILED;
  const { readPolicies } = await import('../policy/read.js');
  const read = texts.map(({ name, text: content }) => readPolicies(content, { name }));
  const problems = read.flatMap((one) => one.problems);
  for (const line of read.flatMap((one) => problemLines(one.problems)))
    shell.stderr.write(`${plain(line, 1_000)}\n`);
  if (problems.length > 0) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    shell.stderr.write(`crosstalk: ${count} in the policies: a cluster would refuse them\n`);
    return Exit.USAGE;
  }
  const empty = texts.find((_, index) => read[index]?.policies.length === 0);
  if (empty === undefined) return texts;
  shell.stderr.write(`crosstalk: --policy: ${plain(empty.name)} holds no policy, expected at least one\n`);
  return Exit.USAGE;
}

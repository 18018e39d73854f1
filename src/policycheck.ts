/** Policies as texts, tried on what was watched: what the command and the API have in common. */
import { problemLines } from './config/problem.js';
import type { PolicyCheckReport } from './expose/api.js';
import { policyCheckReport } from './expose/policyreports.js';
import { dryRun } from './policy/dryrun.js';
import { readPolicies } from './policy/read.js';
import type { Watched } from './policy/watched.js';

/** @returns what is wrong with the text, a line each, where a cluster would refuse it */
export async function checkText(
  text: string,
  watched: Watched,
): Promise<PolicyCheckReport | readonly string[]> {
  const { policies, problems } = readPolicies(text, { name: 'body' });
  if (problems.length > 0) return problemLines(problems);
  if (policies.length === 0) return ['body: no policy in it, expected at least one'];
  return checkPolicies([{ name: 'body', text }], watched);
}

export async function checkPolicies(
  texts: readonly { readonly name: string; readonly text: string }[],
  watched: Watched,
): Promise<PolicyCheckReport> {
  const run = await dryRun(
    (cluster) => texts.flatMap(({ name, text }) => readPolicies(text, { name, cluster }).policies),
    watched,
  );
  return policyCheckReport(run);
}

/** What every workflow has to keep to; the rules apart from the files, so that each can be seen to refuse. */
import { z } from 'zod';
import { parse } from 'yaml';

const Step = z.looseObject({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});
const Job = z.looseObject({
  permissions: z.record(z.string(), z.string()).optional(),
  uses: z.string().optional(),
  steps: z.array(Step).optional(),
});
const Workflow = z.looseObject({
  on: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]),
  permissions: z.unknown(),
  jobs: z.record(z.string(), Job),
});

/** Every rule that a workflow breaks, in words. */
export function broken(text: string, scripts: readonly string[]): string[] {
  const workflow = Workflow.parse(parse(text));
  const steps = Object.values(workflow.jobs).flatMap(({ steps = [] }) => steps);
  return [
    ...permissions(workflow),
    ...triggers(workflow),
    ...unpinned(text),
    ...steps.flatMap(checkout),
    ...steps.flatMap(({ run = '' }) => [...unknownScripts(run, scripts), ...interpolated(run)]),
  ];
}

function permissions({ permissions, jobs }: z.infer<typeof Workflow>): string[] {
  const wrong = Object.entries(jobs)
    .filter(([, job]) => job.permissions === undefined)
    .map(([name]) => `job ${name} does not say what it may do`);
  const none =
    typeof permissions === 'object' && permissions !== null && Object.keys(permissions).length === 0;
  return none ? wrong : ['the workflow gives permissions to every job', ...wrong];
}

/** A workflow of a pull request from anywhere must not hold what the repository may do. */
function triggers({ on }: z.infer<typeof Workflow>): string[] {
  const names = typeof on === 'string' ? [on] : Array.isArray(on) ? on : Object.keys(on);
  return names
    .filter((name) => ['pull_request_target', 'workflow_run', 'issue_comment'].includes(name))
    .map((name) => `${name} runs with more rights than who set it off`);
}

/** A tag of an action can be moved by whoever takes over its repository; a commit cannot. */
function unpinned(text: string): string[] {
  return [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)]
    .map(([, use = '']) => use)
    .filter((use) => !use.startsWith('./') && !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(use))
    .map((use) => `${use} is not pinned to a commit with its version beside it`);
}

function checkout({ uses = '', with: options = {} }: z.infer<typeof Step>): string[] {
  if (!uses.startsWith('actions/checkout@') || options['persist-credentials'] === false) return [];
  return ['checkout leaves its token in .git/config'];
}

function unknownScripts(run: string, scripts: readonly string[]): string[] {
  return [...run.matchAll(/\bnpm run (?:--\S+ )*([\w:]+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !scripts.includes(name))
    .map((name) => `npm run ${name}: package.json has no such script`);
}

/** What an outsider may name (a branch, a title) must reach a shell as a variable, never as its text. */
function interpolated(run: string): string[] {
  return [...run.matchAll(/\$\{\{.*?\}\}/g)].map(([text]) => `${text} is put into a shell's text`);
}

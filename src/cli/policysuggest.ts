/** `crosstalk policy suggest`: the policy that isolates a tenant, from recorded flows or from a running analyzer. */
import { oneOf } from '../config/kinds.js';
import { didYouMean } from '../config/nearest.js';
import { quoted } from '../config/problem.js';
import { plain } from '../outside.js';
import { DEFAULT_WISH, FORMATS, PERS, type Wish, wishProblem, WORLD_EGRESS } from '../policy/plan.js';
import { askAnalyzer, URL_FLAG } from './analyzer.js';
import { readLocal, type FlagTexts, type LocalFlag } from './flags.js';
import { sourceProblems, watchedIn } from './reading.js';
import { Exit, type ExitCode, type Shell } from './shell.js';

export const FORMAT = {
  flag: 'format',
  kind: oneOf(FORMATS),
  default: DEFAULT_WISH.format,
  help: "cilium: CiliumNetworkPolicies, which can say all of it; networkpolicy: Kubernetes' own; vcluster-values: the block policies.networkPolicy of vCluster's Helm values.",
} satisfies LocalFlag<Wish['format']>;

export const PER = {
  flag: 'per',
  kind: oneOf(PERS),
  default: DEFAULT_WISH.per,
  help: "vcluster: one policy for all workloads; namespace: one for each of the tenant's own namespaces, which reach each other only as they were seen to.",
} satisfies LocalFlag<Wish['per']>;

export const WORLD = {
  flag: 'world-egress',
  kind: oneOf(WORLD_EGRESS),
  default: DEFAULT_WISH.worldEgress,
  help: 'report: what was seen to leave the cluster is told in comments; allow: it is allowed, by port.',
} satisfies LocalFlag<Wish['worldEgress']>;

export async function policySuggest(
  shell: Shell,
  flags: FlagTexts,
  [tenant, ...files]: readonly string[],
): Promise<ExitCode> {
  const url = readLocal(flags, URL_FLAG);
  const format = readLocal(flags, FORMAT);
  const per = readLocal(flags, PER);
  const world = readLocal(flags, WORLD);
  const wish: Wish = {
    format: (format.ok ? format.value : undefined) ?? DEFAULT_WISH.format,
    per: (per.ok ? per.value : undefined) ?? DEFAULT_WISH.per,
    worldEgress: (world.ok ? world.value : undefined) ?? DEFAULT_WISH.worldEgress,
  };
  const together = wishProblem(wish);
  const wrong = [
    tenant === undefined ? 'no tenant given, expected its name as crosstalk replay shows it' : undefined,
    ...[url, format, per, world].map((flag) => (flag.ok ? undefined : flag.problem)),
    together === undefined ? undefined : `--${PER.flag}: ${together}`,
    ...sourceProblems(flags, files),
  ].filter((problem) => problem !== undefined);
  for (const problem of wrong) shell.stderr.write(`crosstalk: ${problem}\n`);
  if (wrong.length > 0 || tenant === undefined || !url.ok) return Exit.USAGE;
  return files.length > 0
    ? fromFiles(shell, flags, { tenant, wish }, files)
    : fromAnalyzer(shell, url.value ?? URL_FLAG.default, { tenant, wish });
}

interface Wanted {
  readonly tenant: string;
  readonly wish: Wish;
}

async function fromFiles(
  shell: Shell,
  flags: FlagTexts,
  { tenant, wish }: Wanted,
  files: readonly string[],
): Promise<ExitCode> {
  const watched = await watchedIn(shell, flags, files);
  if (typeof watched === 'number') return watched;
  const suggestion = await shell.engine.suggest(tenant, watched, wish);
  if (suggestion.ok) {
    shell.stdout.write(suggestion.text);
    return Exit.FINE;
  }
  const { known } = suggestion;
  const names = known.slice(0, 20).map((name) => plain(name));
  const those = known.length === 0 ? 'no tenant was' : `seen were ${names.join(', ')}`;
  shell.stderr.write(
    `crosstalk: tenant ${quoted(tenant)} was not seen: ${those}.${didYouMean(tenant, known)}\n`,
  );
  return Exit.FAILED;
}

async function fromAnalyzer(shell: Shell, url: string, { tenant, wish }: Wanted): Promise<ExitCode> {
  try {
    const query = new URLSearchParams({ ...wish });
    const path = `/api/v1/tenants/${encodeURIComponent(tenant)}/policy?${query.toString()}`;
    shell.stdout.write(await askAnalyzer(url, { path, method: 'GET' }));
    return Exit.FINE;
  } catch (error) {
    shell.stderr.write(`crosstalk: ${error instanceof Error ? error.message : String(error)}\n`);
    return Exit.FAILED;
  }
}

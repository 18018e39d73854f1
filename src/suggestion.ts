/** A suggested policy as a text to commit: what it rests on at the top, then the rules with their reasons. */
import { readPolicies } from './policy/read.js';
import { basisOf, counted } from './policy/coverage.js';
import { dryRun, type DryRun } from './policy/dryrun.js';
import type { Plan } from './policy/suggest.js';
import { planFor } from './policy/suggest.js';
import { tell, type Told, type Watched } from './policy/watched.js';
import { writeCilium } from './policy/write.js';
import type { Tenant } from './model.js';

export type Suggestion =
  | { readonly ok: true; readonly text: string }
  /** Names of the tenants that were seen. */
  | { readonly ok: false; readonly known: readonly string[] };

export async function suggest(name: string, watched: Watched): Promise<Suggestion> {
  const told = await tell(watched);
  const tenants = tenantsIn(told);
  const tenant = tenants.get(name);
  if (tenant === undefined) return { ok: false, known: [...tenants.keys()].sort() };
  const plan = await planFor(tenant, told);
  const bare = writeCilium(plan.policies, []);
  // Told of nothing but what was tried.
  const own = told.filter(({ source, destination }) =>
    [source, destination].some((party) => party.kind === 'tenant' && party.tenant.id === tenant.id),
  );
  const run = await dryRun((cluster) => readPolicies(bare, { name, cluster }).policies, {
    ...withMethods(watched),
    observations: own.map(({ observation }) => observation),
  });
  return {
    ok: true,
    text: writeCilium(plan.policies, header(tenant, plan, run, basisOf(watched.coverage, own))),
  };
}

function withMethods(watched: Watched): Watched {
  return {
    ...watched,
    who: (endpoint) => watched.who(endpoint),
    relate: (...parties) => watched.relate(...parties),
    agreed: (...traffic) => watched.agreed(...traffic),
  };
}

function tenantsIn(told: readonly Told[]): Map<string, Tenant> {
  const tenants = new Map<string, Tenant>();
  for (const { source, destination } of told)
    for (const party of [source, destination])
      if (party.kind === 'tenant') tenants.set(party.tenant.name, party.tenant);
  return tenants;
}

const MOST_LISTED = 10;

function header(
  { name, vcluster, hostNamespace }: Tenant,
  { leftOut, unselected }: Plan,
  { totals }: DryRun,
  { watched, doubts }: DryRun['basis'],
): string[] {
  const out = new Map<string, number>();
  for (const { text, observation } of leftOut) out.set(text, (out.get(text) ?? 0) + observation.count);
  const listed = [...out]
    .slice(0, MOST_LISTED)
    .map(([text, count]) => `  ${text}: ${counted(count, 'time')}`);
  const more = out.size - listed.length;
  const { still_allowed: kept, newly_denied: broken, stopped_crossing: stopped } = totals;
  return [
    `Isolates the tenant ${name} (vCluster ${vcluster}, host namespace ${hostNamespace}) and keeps what it was seen to use.`,
    'Made by crosstalk policy suggest. Read it, then try it: crosstalk policy check --policy THIS_FILE',
    '',
    `Watched: ${watched}`,
    ...doubts.map((doubt) => `MAY BE INCOMPLETE: ${doubt}`),
    ...(unselected.length > 0
      ? [
          `NOT COVERED, no label tells them from others in their namespace: ${unselected.slice(0, MOST_LISTED).join(', ')}`,
        ]
      : []),
    `Tried on it: ${counted(kept.kinds, 'kind')} still allowed, ${counted(stopped.kinds, 'crossing')} stopped, ${counted(broken.kinds, 'kind')} newly denied.`,
    ...(listed.length > 0 ? ['Left out, allow it only if it is meant to be:', ...listed] : []),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

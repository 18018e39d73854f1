/** A suggested policy as a text to commit: planned, written in a form, tried on what was watched. */
import type { Tenant } from './model.js';
import { tried } from './policy/dryrun.js';
import { formOf } from './policy/form.js';
import { headingOf } from './policy/heading.js';
import type { Wish } from './policy/plan.js';
import { readWritten } from './policy/read.js';
import { inSlices } from './policy/slices.js';
import { planFor } from './policy/suggest.js';
import { clusterOf, tell, type Told, type Watched } from './policy/watched.js';
import { writeSheets } from './policy/write.js';

export type Suggestion =
  | {
      readonly ok: true;
      readonly text: string;
      /** The policies that a cluster has once it is applied. */
      readonly policies: readonly object[];
    }
  /** Names of the tenants that were seen. */
  | { readonly ok: false; readonly known: readonly string[] };

/** @param wish one without a problem */
export async function suggest(name: string, watched: Watched, wish: Wish): Promise<Suggestion> {
  const told = await tell(watched);
  const tenants = await tenantsIn(told);
  const tenant = tenants.get(name);
  if (tenant === undefined) return { ok: false, known: [...tenants.keys()].sort() };
  // Told of nothing but what was tried.
  const own = told.filter(({ source, destination }) =>
    [source, destination].some((party) => party.kind === 'tenant' && party.tenant.id === tenant.id),
  );
  const plan = await planFor(tenant, own, wish);
  const form = formOf(plan, wish.format);
  const cluster = await clusterOf(watched);
  const readings = await inSlices(form.objects, (one) => readWritten([one], { name, cluster }), 1);
  const [policies, problems] = [
    readings.flatMap((one) => one.policies),
    readings.flatMap((one) => one.problems),
  ];
  const { coverage } = watched;
  const run = await tried(policies, { cluster, coverage }, own);
  const heading = headingOf({ plan, wish, form, run, problems, told: own, coverage });
  return { ok: true, text: await writeSheets(form.sheets, heading), policies: form.objects };
}

async function tenantsIn(told: readonly Told[]): Promise<Map<string, Tenant>> {
  const tenants = new Map<string, Tenant>();
  await inSlices(told, ({ source, destination }) => {
    for (const party of [source, destination])
      if (party.kind === 'tenant') tenants.set(party.tenant.name, party.tenant);
  });
  return tenants;
}

/**
 * Which vCluster a host ServiceAccount names: synced pods run as
 * `vc-workload-<vcluster>` (vcluster pkg/config/validation.go), control planes as
 * `vc-<vcluster>` (chart/templates/statefulset.yaml). So `vc-workload-a` is either
 * a workload of `a` or the control plane of a vCluster called `workload-a`.
 */
import { looksHashed, SEPARATOR } from './naming.js';
import { isVcluster } from './validity.js';

const PREFIX = 'vc-';
const WORKLOAD = 'workload-';

/** Anything that knows vClusters by name. */
interface Names {
  has(vcluster: string): boolean;
}

/** @returns what follows `vc-`; undefined where the account is not vCluster's */
export function accountStem(account: string): string | undefined {
  return account.startsWith(PREFIX) && readings(account.slice(PREFIX.length)).length > 0
    ? account.slice(PREFIX.length)
    : undefined;
}

/**
 * With service-account sync a tenant chooses the front of the name
 * (`<account>-x-<namespace>-x-<vcluster>`, hashed when long): such an account
 * may repeat what is known, but teaches nothing.
 */
export function isTenantChosen(account: string): boolean {
  return account.includes(SEPARATOR) || looksHashed(account);
}

/** @returns the vClusters a stem may mean, the likelier first */
export function readings(stem: string): string[] {
  const workload = stem.startsWith(WORKLOAD) ? [stem.slice(WORKLOAD.length)] : [];
  return [...workload, stem].filter(isVcluster);
}

/**
 * @param stems all that were seen in the namespace, this one among them or not
 * @param confirmed vClusters of the namespace known by other evidence
 * @returns the one reading that what is known speaks for, else the workload's
 */
export function resolveStem(stem: string, stems: ReadonlySet<string>, confirmed: Names): string | undefined {
  const [likely, other] = readings(stem);
  if (likely === undefined || other === undefined) return likely;
  const hasControlPlane = stems.has(likely) && readings(likely).length === 1;
  if (confirmed.has(likely) || hasControlPlane) return likely;
  if (confirmed.has(other)) return other;
  // Workloads of `workload-a` run as `vc-workload-workload-a`: seeing that one settles what `vc-workload-a` is.
  const workloadsOfOther = WORKLOAD + other;
  return stems.has(workloadsOfOther) && resolveStem(workloadsOfOther, stems, confirmed) === other
    ? other
    : likely;
}

/** @returns the vClusters that the accounts of a namespace tell of */
export function resolveStems(stems: ReadonlySet<string>, confirmed: Names): Set<string> {
  const found = new Set<string>();
  for (const stem of stems) {
    const vcluster = resolveStem(stem, stems, confirmed);
    if (vcluster !== undefined) found.add(vcluster);
  }
  return found;
}

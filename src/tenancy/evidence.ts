/**
 * What can tell whose a pod is: one small function a rule, in the order they are
 * believed. The first that answers decides; the others may only disagree.
 */
import type { Evidence } from '../model.js';
import { accountStem, isTenantChosen, readings, resolveStem } from './account.js';
import type { Lore } from './knowledge.js';
import { Key } from './labels.js';
import { lastPart, looksHashed, safeConcatName } from './naming.js';
import type { Pod } from './pod.js';
import type { Rules } from './rules.js';
import { isNamespace, isVcluster } from './validity.js';
import { explains } from './virtual.js';

/** Everything a rule may look at. */
export interface Question {
  readonly pod: Pod;
  readonly rules: Rules;
  /** What is known of the pod's host namespace. */
  readonly lore: Lore;
}

/** One rule's answer. */
export interface Claim {
  readonly vcluster: string;
  /** Namespace of the vCluster's control plane. */
  readonly hostNamespace: string;
  /** The labels it rests on, as Hubble sent them. */
  readonly labels: readonly string[];
  /** Other vClusters the same evidence could mean: naming one of them is no disagreement. */
  readonly alternatives: readonly string[];
}

export interface Rule {
  readonly evidence: Exclude<Evidence, 'none'>;
  readonly claim: (question: Question) => Claim | undefined;
}

/**
 * Strongest first, by who can write it:
 * the operator; host RBAC (labels of a Namespace object); vCluster's syncer,
 * over the tenant's own labels; the chart or, with service-account sync, partly
 * the tenant; the chart, on pods that no syncer has marked (a tenant's pod may
 * carry `app=vcluster`, and with namespace sync also `release`); the tenant, who
 * names pods; and last the company it keeps.
 */
export const RULES: readonly Rule[] = [
  { evidence: 'config', claim: byConfiguration },
  { evidence: 'namespace_labels', claim: byNamespaceLabels },
  { evidence: 'managed_by', claim: byManagedBy },
  { evidence: 'service_account', claim: byServiceAccount },
  { evidence: 'control_plane', claim: byControlPlane },
  { evidence: 'pod_name', claim: byPodName },
  { evidence: 'namespace', claim: byNamespace },
];

function byConfiguration({ pod, rules }: Question): Claim | undefined {
  const tenant = rules.tenantOf(pod.cluster, pod.namespace);
  return tenant && { ...tenant, labels: [], alternatives: [] };
}

function byNamespaceLabels({ pod }: Question): Claim | undefined {
  const vcluster = pod.labels.get(Key.NAMESPACE_VCLUSTER);
  const host = pod.labels.get(Key.NAMESPACE_HOST);
  if (vcluster === undefined || host === undefined || foreignMarker(pod) !== undefined) return undefined;
  if (!isVcluster(vcluster.value) || !isNamespace(host.value)) return undefined;
  return claim(vcluster.value, host.value, vcluster.text, host.text);
}

/**
 * Namespace sync marks the Namespace with `<host namespace>-x-<vcluster>` as
 * well. Up to v0.20 multi-namespace mode let a tenant's own labels through, so a
 * pair of labels that the marker contradicts is somebody's invention.
 *
 * @returns the marker, where it names another than the pair of labels beside it
 */
export function foreignMarker(pod: Pod): string | undefined {
  const marker = pod.labels.get(Key.NAMESPACE_MARKER)?.value;
  const vcluster = pod.labels.get(Key.NAMESPACE_VCLUSTER)?.value;
  const host = pod.labels.get(Key.NAMESPACE_HOST)?.value;
  if (marker === undefined || vcluster === undefined || host === undefined) return undefined;
  return marker === safeConcatName(host, 'x', vcluster) ? undefined : marker;
}

function byManagedBy({ pod }: Question): Claim | undefined {
  const label = pod.labels.get(Key.MANAGED_BY);
  return label && isVcluster(label.value) ? claim(label.value, pod.namespace, label.text) : undefined;
}

function byServiceAccount({ pod, lore }: Question): Claim | undefined {
  const label = pod.labels.get(Key.SERVICE_ACCOUNT);
  const stem = accountStem(label?.value ?? '');
  if (label === undefined || stem === undefined) return undefined;
  const meanings = readings(stem);
  const vcluster = meanings.find((each) => each === chartRelease(pod)) ?? byKnown(label.value, stem, lore);
  if (vcluster === undefined) return undefined;
  return { ...claim(vcluster, pod.namespace, label.text), alternatives: meanings };
}

/** What is known decides between the meanings of an account; one that a tenant may have chosen has to be known. */
function byKnown(account: string, stem: string, lore: Lore): string | undefined {
  return isTenantChosen(account)
    ? readings(stem).find((each) => lore.confirmed.has(each))
    : resolveStem(stem, lore.stems, lore.confirmed);
}

function byControlPlane({ pod }: Question): Claim | undefined {
  const release = chartRelease(pod);
  if (release === undefined) return undefined;
  const labels = [Key.RELEASE, Key.APP].flatMap((key) => pod.labels.get(key)?.text ?? []);
  return claim(release, pod.namespace, ...labels);
}

/** @returns the release of the chart whose control plane this pod is; undefined for pods a syncer has marked */
export function chartRelease({ labels }: Pod): string | undefined {
  const app = labels.get(Key.APP)?.value;
  const release = labels.get(Key.RELEASE)?.value;
  if (app === undefined || release === undefined || labels.has(Key.MANAGED_BY)) return undefined;
  // vcluster, vcluster-etcd, vcluster-api, vcluster-controller, …: the charts of all releases
  const isChart = app === 'vcluster' || app.startsWith('vcluster-');
  return isChart && isVcluster(release) ? release : undefined;
}

/**
 * With vClusters known here the name must be one of theirs; with none, the last
 * part is taken at its word, which a later label may correct.
 */
function byPodName({ pod, lore }: Question): Claim | undefined {
  if (lore.known.size > 0) {
    const vcluster = longest([...lore.known.keys()].filter((each) => explains(pod.name, each)));
    const home = vcluster && lore.known.get(vcluster);
    return vcluster && home ? claim(vcluster, home) : undefined;
  }
  const vcluster = looksHashed(pod.name) ? undefined : lastPart(pod.name);
  return vcluster !== undefined && isVcluster(vcluster) ? claim(vcluster, pod.namespace) : undefined;
}

function byNamespace({ lore }: Question): Claim | undefined {
  const [only, ...others] = lore.known;
  if (only === undefined || others.length > 0) return undefined;
  const [vcluster, home] = only;
  return home === undefined ? undefined : claim(vcluster, home);
}

function claim(vcluster: string, hostNamespace: string, ...labels: readonly string[]): Claim {
  return { vcluster, hostNamespace, labels, alternatives: [] };
}

function longest(texts: readonly string[]): string | undefined {
  return texts.reduce<string | undefined>(
    (best, each) => (best === undefined || each.length > best.length ? each : best),
    undefined,
  );
}

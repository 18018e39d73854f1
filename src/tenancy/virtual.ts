/** From the host's pod name back to the pod as its tenant knows it: only where there is exactly one answer. */
import type { Endpoint, Party, VirtualPod } from '../model.js';
import { Key } from './labels.js';
import { beforeVcluster, hostName, keptOfHashed, looksHashed, SEPARATOR } from './naming.js';
import { podOf as factsOf } from './pod.js';
import { isNamespace, isPodName } from './validity.js';

/** `<pod>-x-<namespace>` read in one of the ways it can be read. */
interface Split {
  readonly pod: string;
  readonly namespace: string;
}

/**
 * An endpoint as its tenant knows it, worked out when somebody wants to show it. With
 * namespace sync a pod keeps whatever name its tenant gave it: there is nothing to take apart.
 *
 * @param party what the endpoint is attributed to
 */
export function virtualOf(
  endpoint: Endpoint,
  { evidence, tenant }: Extract<Party, { kind: 'tenant' }>,
): VirtualPod {
  const { name, namespace, labels } = factsOf(endpoint, tenant.cluster);
  const isNamespaceSync =
    evidence === 'namespace_labels' && labels.get(Key.NAMESPACE_HOST)?.value !== namespace;
  return virtualPod(isNamespaceSync ? '' : name, labels.get(Key.VIRTUAL_NAMESPACE)?.value, tenant.vcluster);
}

/**
 * @param virtualNamespace value of `vcluster.loft.sh/namespace`, or undefined without that label
 * @param vcluster the vCluster the pod is known to belong to
 * @returns what is certain; parts that are not are undefined
 */
export function virtualPod(
  hostPodName: string,
  virtualNamespace: string | undefined,
  vcluster: string,
): VirtualPod {
  if (virtualNamespace !== undefined && isNamespace(virtualNamespace)) {
    return { namespace: virtualNamespace, pod: podOf(hostPodName, virtualNamespace, vcluster) };
  }
  const [only, ...others] = readings(hostPodName, vcluster);
  return only !== undefined && others.length === 0 ? only : { namespace: undefined, pod: undefined };
}

/**
 * Whether a vCluster accounts for a host name for certain: the name ends in it,
 * or is hashed and the hash is that of a name ending in it.
 */
export function explains(hostPodName: string, vcluster: string): boolean {
  return readings(hostPodName, vcluster).length > 0;
}

function readings(hostPodName: string, vcluster: string): Split[] {
  const rest = beforeVcluster(hostPodName, vcluster);
  if (rest !== undefined) return splits(rest);
  return looksHashed(hostPodName) ? hashedReadings(hostPodName, vcluster) : [];
}

function podOf(hostPodName: string, virtualNamespace: string, vcluster: string): string | undefined {
  const end = SEPARATOR + virtualNamespace + SEPARATOR + vcluster;
  if (hostPodName.endsWith(end) && hostPodName.length > end.length) return hostPodName.slice(0, -end.length);
  if (!looksHashed(hostPodName)) return undefined;
  const kept = keptOfHashed(hostPodName);
  // Any place may be where the pod's name ends, also the cut itself; the hash tells which one it is.
  for (let length = 1; length <= kept.length; length++) {
    const pod = kept.slice(0, length);
    if (end.startsWith(kept.slice(length)) && hostName(pod, virtualNamespace, vcluster) === hostPodName)
      return pod;
  }
  return undefined;
}

/** Readings of a hashed name whose virtual namespace survived the cut, each proven by the hash. */
function hashedReadings(hostPodName: string, vcluster: string): Split[] {
  const kept = keptOfHashed(hostPodName);
  const end = SEPARATOR + vcluster;
  const found: Split[] = [];
  for (let cut = kept.length; cut > 0; cut--) {
    if (!end.startsWith(kept.slice(cut))) continue;
    found.push(
      ...splits(kept.slice(0, cut)).filter(
        (each) => hostName(each.pod, each.namespace, vcluster) === hostPodName,
      ),
    );
  }
  return found;
}

/** All ways to read `<pod>-x-<namespace>`. A namespace holds no dots, which rules some of them out. */
function splits(text: string): Split[] {
  const found: Split[] = [];
  for (let at = text.indexOf(SEPARATOR); at !== -1; at = text.indexOf(SEPARATOR, at + 1)) {
    const pod = text.slice(0, at);
    const namespace = text.slice(at + SEPARATOR.length);
    if (isPodName(pod) && isNamespace(namespace)) found.push({ pod, namespace });
  }
  return found;
}

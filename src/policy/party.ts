/** Sides of connections in words for a person. */
import type { Endpoint, Party } from '../model.js';
import { virtualOf } from '../tenancy/virtual.js';
import type { Observation, ObservedSide } from './observed.js';

/** Whose it is; what is no tenant, as the metrics call it. */
export function ownerOf(party: Party): string {
  return party.kind === 'tenant' ? party.tenant.name : `__${party.kind}__`;
}

/**
 * What it runs: the pod's name without what its controller added, as its tenant
 * knows it; elsewhere what Cilium calls it. Addresses outside say nothing to a
 * person in a list, and are many.
 */
export function workloadOf(party: Party, endpoint: Endpoint): string {
  const virtual = party.kind === 'tenant' ? virtualOf(endpoint, party) : undefined;
  if (virtual?.pod !== undefined) return `${virtual.namespace ?? '?'}/${withoutSuffix(virtual.pod)}`;
  const { namespace, podName, labels } = endpoint;
  if (podName !== '') return `${namespace}/${withoutSuffix(podName)}`;
  const reserved = labels.filter((label) => label.startsWith('reserved:')).map((label) => label.slice(9));
  if (reserved.length > 0) return reserved.join('+');
  return namespace === '' ? 'unknown' : `${namespace}/?`;
}

/** Of a Deployment's pod the ReplicaSet's hash and the pod's; of a DaemonSet's the pod's; of a StatefulSet's its number. */
function withoutSuffix(name: string): string {
  const byHash = /^(.+)-(?=[a-z]*\d)[a-z0-9]{6,10}-[a-z0-9]{4,5}-?$/.exec(name);
  if (byHash?.[1] !== undefined) return byHash[1];
  // Kubernetes makes names without vowels and without 0, 1 and 3 (k8s.io/apimachinery pkg/util/rand).
  const ofDaemon = /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{5}$/.exec(name);
  if (ofDaemon?.[1] !== undefined) return ofDaemon[1];
  return name.replace(/-\d{1,4}$/, '');
}

/** `8443/tcp`, `icmp type 8` */
export function portOf({ protocol, port, icmpVersion }: Observation): string {
  if (protocol === 'icmp') return `icmp${icmpVersion === 6 ? 'v6' : ''} type ${port}`;
  return protocol === 'other' ? 'other' : `${port}/${protocol}`;
}

/** An endpoint with a datapath of its own, as opposed to nodes, the API server and the world. */
export function isPodSide({ endpoint: { namespace, podName, labels } }: ObservedSide): boolean {
  return namespace !== '' || podName !== '' || labels.some((label) => label.startsWith('k8s:'));
}

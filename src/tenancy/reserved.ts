/**
 * What Cilium says an endpoint is, before anyone asks whose it is: reserved
 * identities (cilium pkg/identity/reserved.go, numericidentity.go) by their
 * labels, or by their number where a flow carries no labels.
 */
import type { Endpoint } from '../model.js';
import { splitLabel } from '../label.js';

/** `pod`: to be judged by its namespace, labels and name. */
export type EndpointKind = 'platform' | 'world' | 'pod' | 'unidentified';

/** One kind beats those below it: an API server outside the cluster carries `reserved:world` as well. */
const PLATFORM = new Set(['host', 'remote-node', 'kube-apiserver', 'health', 'ingress']);
const WORLD = new Set(['world', 'world-ipv4', 'world-ipv6']);

const PLATFORM_NUMBERS = new Set([
  1 /* host */, 4 /* health */, 6 /* remote-node */, 7 /* kube-apiserver */, 8 /* ingress */,
]);
const WORLD_NUMBERS = new Set([2 /* world */, 9 /* world-ipv4 */, 10 /* world-ipv6 */]);

/** The top byte of an identity says where it is valid: 1 is a node's own CIDRs, 2 a node's own remote nodes. */
const SCOPE_SHIFT = 24;
const SCOPE_CIDR = 1;
const SCOPE_REMOTE_NODE = 2;

/**
 * `unmanaged`, `init` and `unknown` say nothing of whose a pod is: Cilium has not
 * labelled it yet, while its namespace and name may already be right.
 */
export function kindOf(endpoint: Endpoint): EndpointKind {
  const said = byLabels(endpoint.labels);
  if (said !== undefined) return said;
  if (endpoint.labels.length === 0) {
    const numbered = byNumber(endpoint.identity);
    if (numbered !== undefined) return numbered;
  }
  return endpoint.namespace !== '' || endpoint.podName !== '' ? 'pod' : 'unidentified';
}

/** @returns undefined where no label says what it is: nothing but sources we do not know, or "not known yet" */
function byLabels(labels: readonly string[]): EndpointKind | undefined {
  let kind: EndpointKind | undefined;
  for (const text of labels) {
    const { source, key } = splitLabel(text);
    if (source === 'reserved' && PLATFORM.has(key)) return 'platform';
    if (source === 'cidr' || source === 'fqdn' || (source === 'reserved' && WORLD.has(key))) kind = 'world';
    else if (source === 'k8s') kind ??= 'pod';
  }
  return kind;
}

function byNumber(identity: number): EndpointKind | undefined {
  if (PLATFORM_NUMBERS.has(identity)) return 'platform';
  if (WORLD_NUMBERS.has(identity)) return 'world';
  const scope = identity >>> SCOPE_SHIFT;
  if (scope === SCOPE_CIDR) return 'world';
  return scope === SCOPE_REMOTE_NODE ? 'platform' : undefined;
}

import type { WireEndpoint, WireInterface } from './wire.js';

/** A node of the host cluster, as far as its events carry it. */
export interface NodeSite {
  /** The Kubernetes node's name. */
  readonly name: string;
  /** As in flows: `<cluster>/<node>`, the bare name in a cluster called `default` (cilium pkg/node/types). */
  readonly nodeName: string;
  readonly labels: readonly string[];
  readonly ip: string;
  readonly datapath: Datapath;
}

/** What Cilium's configuration changes about the events of a connection. */
export interface Datapath {
  /** How packets travel between nodes, hence at which point they are traced when they leave. */
  readonly routing: 'tunnel' | 'native' | 'legacy';
  /** Cloud chaining modes: packets to a pod on the same node pass the host's stack. */
  readonly endpointRoutes: boolean;
  /** Where a Service's address becomes a pod's: at connect(), or on each packet. */
  readonly serviceTranslation: 'socket' | 'packet';
}

/** The other side of a connection that is nobody's tenant: label values of the metrics contract. */
export const PLATFORM = '__platform__';
export const WORLD = '__world__';

/**
 * Anything a connection can start or end at. Two descriptions, because Hubble
 * gives two: the node that hosts an endpoint knows its number and its workload,
 * every other node knows only what the identity and the ipcache tell
 * (cilium pkg/hubble/parser/common/endpoint.go).
 */
export interface Peer {
  /** `endpoint`: a pod with a datapath of its own. `host`: a node. `outside`: no node of the cluster sees its side. */
  readonly kind: 'endpoint' | 'host' | 'outside';
  readonly ip: string;
  /** undefined outside the cluster. */
  readonly node: NodeSite | undefined;
  /** The truth: the tenant's display name, {@link PLATFORM} or {@link WORLD}. */
  readonly owner: string;
  readonly local: WireEndpoint;
  readonly remote: WireEndpoint;
  /** The pod's end of its veth pair. */
  readonly interface?: WireInterface;
}

/** How the agent on `node` describes `peer`. */
export function describedBy(node: NodeSite, peer: Peer): WireEndpoint {
  return peer.node === node ? peer.local : peer.remote;
}

/**
 * The same pod before other nodes' ipcache has caught up: its identity and
 * labels are known there already, its namespace and name are not.
 */
export function beforeIpcache(peer: Peer): Peer {
  return { ...peer, remote: withoutName(peer.remote) };
}

/** An endpoint by its identity alone: also what a proxied connection's source looks like. */
export function withoutName(endpoint: WireEndpoint): WireEndpoint {
  const { identity, labels, cluster_name } = endpoint;
  return { identity, labels, ...(cluster_name === undefined ? {} : { cluster_name }) };
}

/** An address outside the cluster. `cidr`: one that a policy names, which gives it an identity local to each node. */
export function world(ip: string, cidr?: { readonly prefix: string; readonly identity: number }): Peer {
  const seen: WireEndpoint =
    cidr === undefined
      ? { identity: 2, labels: ['reserved:world'] }
      : { identity: cidr.identity, labels: [`cidr:${cidr.prefix}`, 'reserved:world'] };
  return { kind: 'outside', ip, node: undefined, owner: WORLD, local: seen, remote: seen };
}

/** A node's own network: the kubelet, host-network pods, and whatever is masqueraded behind the node. */
export function host(node: NodeSite): Peer {
  return {
    kind: 'host',
    ip: node.ip,
    node,
    owner: PLATFORM,
    local: { identity: 1, labels: ['reserved:host'] },
    remote: { identity: 6, labels: ['reserved:remote-node'] },
  };
}

/** Cilium's own endpoint on each node, which the agents probe. */
export function healthEndpoint(node: NodeSite): Peer {
  const remote: WireEndpoint = { identity: 4, labels: ['reserved:health'] };
  return {
    kind: 'endpoint',
    ip: node.ip.replace(/^\d+\.\d+/, '10.9'),
    node,
    owner: PLATFORM,
    local: { ID: 7, ...remote },
    remote,
    interface: { index: 17, name: 'lxc_health' },
  };
}

/** The host cluster's API server, on a machine without Cilium. */
export function kubeApiserver(ip: string): Peer {
  const seen: WireEndpoint = { identity: 7, labels: ['reserved:kube-apiserver', 'reserved:remote-node'] };
  return { kind: 'outside', ip, node: undefined, owner: PLATFORM, local: seen, remote: seen };
}

/** Cilium's own ingress: Envoy on a node, with an address of its own. */
export function ciliumIngress(node: NodeSite, ip: string): Peer {
  const remote: WireEndpoint = { identity: 8, labels: ['reserved:ingress'] };
  return { kind: 'host', ip, node, owner: PLATFORM, local: { ID: 459, ...remote }, remote };
}

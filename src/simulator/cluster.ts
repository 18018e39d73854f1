import { identityLabels, whitelisted, type Labels } from './labels.js';
import { PLATFORM, type Datapath, type NodeSite, type Peer } from './peers.js';
import type { WireEndpoint } from './wire.js';

export interface ClusterOptions {
  /** `default` by default: then node names in flows are bare. */
  readonly name?: string;
  /** Names of the nodes; three workers by default. */
  readonly nodes?: readonly string[];
  /** `whitelisted`: the operator has listed the labels that count, and vCluster's are not among them. */
  readonly labels?: 'all' | 'whitelisted';
  readonly datapath?: Partial<Datapath>;
  /** The cluster's number in a mesh: keeps addresses and identities of two clusters apart. */
  readonly network?: number;
}

export interface PodSpec {
  readonly name: string;
  /** The host cluster's namespace. */
  readonly namespace: string;
  readonly labels?: Labels;
  /** Beside `kubernetes.io/metadata.name`, which every namespace has. */
  readonly namespaceLabels?: Labels;
  readonly serviceAccount?: string;
  /** Set where the pod has a generated name and a controller: never on a pod that vCluster synced. */
  readonly workload?: { readonly name: string; readonly kind: string };
  /** Name of the node; the next in turn by default. */
  readonly node?: string;
  /** The truth about whose pod it is; the platform's by default. */
  readonly owner?: string;
}

/**
 * The host cluster as the datapath numbers it: addresses, endpoint numbers,
 * identities. No randomness: the order in which pods are made decides.
 */
export class Cluster {
  readonly name: string;
  readonly nodes: readonly NodeSite[];
  readonly #labels: 'all' | 'whitelisted';
  readonly #network: number;
  readonly #identities = new Map<string, number>();
  readonly #placed = new Map<NodeSite, number>();

  constructor(options: ClusterOptions = {}) {
    this.name = options.name ?? 'default';
    this.#labels = options.labels ?? 'all';
    this.#network = options.network ?? 0;
    const datapath: Datapath = {
      routing: 'tunnel',
      endpointRoutes: false,
      serviceTranslation: 'socket',
      ...options.datapath,
    };
    const names = options.nodes ?? ['worker-1', 'worker-2', 'worker-3'];
    this.nodes = names.map((name, at) => this.#site(name, at, datapath));
  }

  /** @throws when the cluster has no node of that name */
  node(name: string): NodeSite {
    const node = this.nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw new Error(`simulator: cluster "${this.name}" has no node "${name}"`);
    return node;
  }

  /** Starts a pod. Its identity is its labels': pods that carry the same ones share it. */
  pod(spec: PodSpec): Peer {
    const node = this.#nodeFor(spec);
    const at = this.#placed.get(node) ?? 0;
    this.#placed.set(node, at + 1);
    const labels = this.#identityLabels(spec);
    const remote: WireEndpoint = {
      identity: this.#identity(labels),
      namespace: spec.namespace,
      labels,
      pod_name: spec.name,
      cluster_name: this.name,
    };
    const workloads = spec.workload === undefined ? {} : { workloads: [spec.workload] };
    return {
      kind: 'endpoint',
      ip: this.#address(node, at),
      node,
      owner: spec.owner ?? PLATFORM,
      // Numbers of endpoints have 16 bits and are the node's own affair.
      local: { ID: 100 + (at % 65_000), ...remote, ...workloads },
      remote,
      interface: { index: 20 + at * 2, name: `lxc${(at + 1).toString(16).padStart(12, '0')}` },
    };
  }

  #nodeFor(spec: PodSpec): NodeSite {
    if (spec.node !== undefined) return this.node(spec.node);
    const pods = [...this.#placed.values()].reduce((sum, count) => sum + count, 0);
    const node = this.nodes[pods % this.nodes.length];
    if (node === undefined) throw new Error('simulator: a cluster needs at least one node');
    return node;
  }

  #identityLabels(spec: PodSpec): readonly string[] {
    const labels = identityLabels({
      cluster: this.name,
      namespace: spec.namespace,
      namespaceLabels: { 'kubernetes.io/metadata.name': spec.namespace, ...spec.namespaceLabels },
      serviceAccount: spec.serviceAccount ?? 'default',
      labels: spec.labels ?? {},
    });
    return this.#labels === 'all' ? labels : whitelisted(labels);
  }

  #identity(labels: readonly string[]): number {
    const key = labels.join('\n');
    const known = this.#identities.get(key);
    if (known !== undefined) return known;
    // Cilium allocates from 256 up; the cluster's number sits in the bits above.
    const identity = (this.#network << 16) + 10_000 + this.#identities.size * 13;
    this.#identities.set(key, identity);
    return identity;
  }

  /** Each node has a /24, and another one when that is full. */
  #address(node: NodeSite, at: number): string {
    const block = this.nodes.indexOf(node) + this.nodes.length * Math.floor(at / 254);
    return `10.${10 + 16 * this.#network + (block >> 8)}.${block & 255}.${1 + (at % 254)}`;
  }

  #site(name: string, at: number, datapath: Datapath): NodeSite {
    return {
      name,
      nodeName: this.name === 'default' ? name : `${this.name}/${name}`,
      labels: [
        'beta.kubernetes.io/arch=amd64',
        'beta.kubernetes.io/os=linux',
        'kubernetes.io/arch=amd64',
        `kubernetes.io/hostname=${name}`,
        'kubernetes.io/os=linux',
      ],
      ip: `172.${18 + this.#network}.${at >> 8}.${(at & 255) + 2}`,
      datapath,
    };
  }
}

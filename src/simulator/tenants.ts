import { hostName } from '../tenancy/naming.js';
import type { Cluster } from './cluster.js';
import { syncedLabels, type Labels } from './labels.js';
import type { Peer } from './peers.js';

export interface TenantSpec {
  readonly vcluster: string;
  /** Where the control plane runs and, unless namespaces are synced, all of the tenant's pods. */
  readonly hostNamespace: string;
  /**
   * `sync.toHost.namespaces`: the host namespace of each virtual one. The pods
   * then keep their virtual names, and vCluster labels the namespaces.
   */
  readonly syncedNamespaces?: (virtualNamespace: string) => string;
}

export interface SyncedPodSpec {
  /** The name inside the virtual cluster. */
  readonly name: string;
  /** The virtual namespace; `default` by default. */
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly node?: string;
}

/** One vCluster and its pods as the host cluster, and so Hubble, gets to see them. */
export class Tenant {
  readonly vcluster: string;
  readonly hostNamespace: string;
  /** What the analyzer is to call it: `<vcluster>`, or `<host namespace>/<vcluster>` where those differ. */
  readonly name: string;
  readonly #cluster: Cluster;
  readonly #spec: TenantSpec;

  /** @param home the analyzer's own cluster; tenants of another one carry its name in front */
  constructor(cluster: Cluster, spec: TenantSpec, home: string = cluster.name) {
    this.#cluster = cluster;
    this.#spec = spec;
    this.vcluster = spec.vcluster;
    this.hostNamespace = spec.hostNamespace;
    const local =
      spec.vcluster === spec.hostNamespace ? spec.vcluster : `${spec.hostNamespace}/${spec.vcluster}`;
    this.name = cluster.name === home ? local : `${cluster.name}/${spec.hostNamespace}/${spec.vcluster}`;
  }

  /** A pod that the syncer has copied to the host: its workload is lost on the way, its name and labels are vCluster's. */
  pod(spec: SyncedPodSpec): Peer {
    const namespace = spec.namespace ?? 'default';
    const labels = syncedLabels(spec.labels ?? {}, { vcluster: this.vcluster, namespace });
    const placed = this.#placed(spec.name, namespace);
    return this.#cluster.pod({
      ...placed,
      labels,
      serviceAccount: `vc-workload-${this.vcluster}`,
      owner: this.name,
      ...(spec.node === undefined ? {} : { node: spec.node }),
    });
  }

  /** `<vcluster>-0`: an ordinary StatefulSet of the host cluster, known by the chart's labels alone. */
  controlPlane(node?: string): Peer {
    return this.#cluster.pod({
      name: `${this.vcluster}-0`,
      namespace: this.hostNamespace,
      labels: { app: 'vcluster', release: this.vcluster },
      serviceAccount: `vc-${this.vcluster}`,
      workload: { name: this.vcluster, kind: 'StatefulSet' },
      owner: this.name,
      ...(node === undefined ? {} : { node }),
    });
  }

  /** The tenant's own DNS: a Deployment inside the virtual cluster, so synced like any pod. */
  coreDns(node?: string): Peer {
    return this.pod({
      name: 'coredns-7bbf4bc4d6-qwk5p',
      namespace: 'kube-system',
      labels: { 'k8s-app': 'vcluster-kube-dns' },
      ...(node === undefined ? {} : { node }),
    });
  }

  #placed(name: string, namespace: string): { name: string; namespace: string; namespaceLabels?: Labels } {
    const host = this.#spec.syncedNamespaces?.(namespace);
    if (host === undefined) {
      return { name: hostName(name, namespace, this.vcluster), namespace: this.hostNamespace };
    }
    return {
      name,
      namespace: host,
      namespaceLabels: {
        'vcluster.loft.sh/managed-by': `${this.hostNamespace}-x-${this.vcluster}`,
        'vcluster.loft.sh/vcluster-name': this.vcluster,
        'vcluster.loft.sh/vcluster-namespace': this.hostNamespace,
      },
    };
  }
}

import type { Cluster } from './cluster.js';
import { host, kubeApiserver, world, type Peer } from './peers.js';
import { Tenant, type TenantSpec } from './tenants.js';

/** One vCluster with the pods that make its ordinary life. */
export interface Inhabitant {
  readonly tenant: Tenant;
  readonly controlPlane: Peer;
  readonly dns: Peer;
  /** Pods that serve HTTP on 8080. */
  readonly servers: readonly Peer[];
  readonly clients: readonly Peer[];
}

/** Everybody in a host cluster. */
export interface Population {
  readonly cluster: Cluster;
  readonly inhabitants: readonly Inhabitant[];
  /** The host cluster's own DNS, in kube-system. */
  readonly dns: Peer;
  readonly ingress: Peer;
  readonly prometheus: Peer;
  readonly apiserver: Peer;
  readonly internet: Peer;
}

export interface PopulationOptions {
  readonly tenants: readonly TenantSpec[];
  /** Servers and clients of each tenant, half and half. */
  readonly podsPerTenant?: number;
  /** Labels of a tenant's pods; 8 is what a synced pod with one label of its own has. */
  readonly labels?: number;
}

/** A synced pod's labels beside its own: four of Cilium's and three of vCluster's. */
const LABELS_OF_OTHERS = 7;

export function populate(cluster: Cluster, options: PopulationOptions): Population {
  const { podsPerTenant = 4, labels = LABELS_OF_OTHERS + 1 } = options;
  const platform = (name: string, namespace: string, app: string): Peer =>
    cluster.pod({
      name: `${name}-5d9c7b6f8-${app.slice(0, 5).padEnd(5, 'x')}`,
      namespace,
      labels: { 'k8s-app': app },
      serviceAccount: name,
      workload: { name, kind: 'Deployment' },
    });
  return {
    cluster,
    dns: platform('coredns', 'kube-system', 'kube-dns'),
    ingress: platform('ingress-nginx-controller', 'ingress-nginx', 'ingress-nginx'),
    prometheus: platform('prometheus', 'monitoring', 'prometheus'),
    apiserver: kubeApiserver('172.18.255.1'),
    internet: world('203.0.113.80'),
    inhabitants: options.tenants.map((spec) =>
      inhabitant(new Tenant(cluster, spec), podsPerTenant, Math.max(1, labels - LABELS_OF_OTHERS)),
    ),
  };
}

function inhabitant(tenant: Tenant, pods: number, ownLabels: number): Inhabitant {
  const some = (what: string, count: number): Peer[] =>
    Array.from({ length: count }, (_, at) =>
      tenant.pod({
        name: `${what}-7d6b4c9f8-${at.toString(36).padStart(5, 'k')}`,
        labels: ownLabelsOf(what, ownLabels),
      }),
    );
  return {
    tenant,
    controlPlane: tenant.controlPlane(),
    dns: tenant.coreDns(),
    servers: some('web', Math.ceil(pods / 2)),
    clients: some('worker', Math.max(1, Math.floor(pods / 2))),
  };
}

function ownLabelsOf(app: string, count: number): Record<string, string> {
  const more = Array.from({ length: count - 1 }, (_, at) => [`example.com/label-${at}`, 'value'] as const);
  return { app, ...Object.fromEntries(more) };
}

/** The node itself, where a connection begins at the kubelet or the agent. */
export function nodeOf(pod: Peer): Peer {
  if (pod.node === undefined) throw new Error('simulator: the peer is outside the cluster');
  return host(pod.node);
}

/** What a controller would do with a workload, had the cluster one: make pods from its template. */
import type { KubernetesObject } from './objects.js';

interface Workload {
  readonly template: {
    readonly metadata: Omit<KubernetesObject['metadata'], 'name'>;
    readonly spec: PodSpec;
  };
}

export interface PodSpec {
  readonly containers: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

/** The pod that a Deployment's or a DaemonSet's template asks for. */
export function podOf(workload: KubernetesObject): KubernetesObject & { readonly spec: PodSpec } {
  const { template } = workload['spec'] as Workload;
  const { name } = workload.metadata;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name }, spec: template.spec };
}

export const isWorkload = ({ kind }: KubernetesObject): boolean =>
  kind === 'Deployment' || kind === 'DaemonSet';

/** Labels of a namespace that admits only what a level of the Pod Security Standards allows. */
export function enforcing(level: 'restricted' | 'baseline'): Record<string, string> {
  return {
    'pod-security.kubernetes.io/enforce': level,
    'pod-security.kubernetes.io/warn': level,
  };
}

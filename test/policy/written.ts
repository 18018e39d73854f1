/** Policies as people write them, and the connections of a small cluster. */
import type { Connection, Side } from '../../src/policy/connection.js';
import type { Decision } from '../../src/policy/decision.js';
import { createEvaluator, type EvaluationOptions } from '../../src/policy/evaluate.js';
import { readPolicies, type ReadingOptions } from '../../src/policy/read.js';
import type { Policy } from '../../src/policy/rule.js';
import type { Written } from './cases.js';

export const cnp = (spec: Written, namespace = 'team-a', name = 'tested'): Written => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name, namespace },
  spec,
});
export const ccnp = (spec: Written, name = 'tested'): Written => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumClusterwideNetworkPolicy',
  metadata: { name },
  spec,
});
export const netpol = (spec: Written, namespace = 'team-a', name = 'tested'): Written => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec,
});

export function read(policies: readonly Written[], options: Partial<ReadingOptions> = {}): readonly Policy[] {
  const reading = readPolicies(JSON.stringify({ kind: 'List', items: policies }), {
    name: 'policy.yaml',
    ...options,
  });
  if (reading.problems.length > 0) throw new Error(JSON.stringify(reading.problems, undefined, 2));
  return reading.policies;
}

export const pod = (namespace: string, ...labels: string[]): Side => ({
  labels: [
    ...labels.map((label) => `k8s:${label}`),
    'k8s:io.cilium.k8s.policy.cluster=default',
    `k8s:io.kubernetes.pod.namespace=${namespace}`,
  ],
  ip: '10.1.0.1',
});
export const reserved = (ip: string, ...names: string[]): Side => ({
  labels: names.map((name) => `reserved:${name}`),
  ip,
});

export const web = pod('team-a', 'app=web');
export const db = pod('team-a', 'app=db');
export const foreign = pod('team-b', 'app=web');
export const host = reserved('10.0.0.1', 'host');
export const otherNode = reserved('10.0.0.2', 'remote-node');
export const apiServer = reserved('10.0.0.3', 'kube-apiserver', 'remote-node');
export const world = reserved('192.0.2.7', 'world');
export const nameless: Side = { labels: [], ip: '10.1.0.9' };

export const tcp = (source: Side, destination: Side, port = 80): Connection => ({
  source,
  destination,
  protocol: 'tcp',
  port,
  icmpVersion: 0,
});
export const udp = (source: Side, destination: Side, port = 53): Connection => ({
  ...tcp(source, destination, port),
  protocol: 'udp',
});
export const ping = (source: Side, destination: Side, version: 4 | 6 = 4): Connection => ({
  ...tcp(source, destination, version === 4 ? 8 : 128),
  protocol: 'icmp',
  icmpVersion: version,
});

export function decide(
  policies: readonly Written[],
  connection: Connection,
  options: EvaluationOptions = {},
): Decision {
  return createEvaluator(read(policies, { cluster: options.cluster }), options)(connection);
}

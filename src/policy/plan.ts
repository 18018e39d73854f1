/** What a policy for a tenant shall say, before it is written in one of the forms. */
import type { Observation } from './observed.js';

export type Labels = Readonly<Record<string, string>>;

/** Who a rule is about. Never a block of pods' addresses: those change with each restart. */
export type PlannedPeer =
  /** Pods by what identifies them; `namespace` is the host's. */
  | { readonly kind: 'pods'; readonly selectors: readonly PodSelector[] }
  /** Cilium's own words: `host`, `kube-apiserver`, `world` … */
  | { readonly kind: 'entities'; readonly names: readonly string[] }
  /** Outside the cluster. */
  | { readonly kind: 'addresses'; readonly blocks: readonly string[] };

export interface PodSelector {
  readonly namespace: string;
  readonly labels: Labels;
}

export interface PlannedPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'icmp' | 'icmpv6';
  /** ICMP: the type. */
  readonly port: number;
}

export interface PlannedRule {
  readonly direction: 'ingress' | 'egress';
  readonly peer: PlannedPeer;
  /** undefined: every port. */
  readonly ports: readonly PlannedPort[] | undefined;
  /** Why it is there, a line each. */
  readonly comment: readonly string[];
}

/** One policy: pods of one host namespace, and all that they need. */
export interface PlannedPolicy {
  readonly name: string;
  readonly role: Role;
  readonly namespace: string;
  readonly labels: Labels;
  readonly rules: readonly PlannedRule[];
}

export type Role = 'workloads' | 'control-plane';

/** A kind of connection of the tenant's that no rule is about, and why. */
export interface LeftOut {
  readonly why: 'crossing' | 'unidentified' | 'protocol' | 'world';
  readonly text: string;
  readonly observation: Observation;
}

/** What policies for a tenant shall say, before they are written in one of the forms. */
import type { Tenant } from '../model.js';
import type { Observation } from './observed.js';

export const FORMATS = ['cilium', 'networkpolicy', 'vcluster-values'] as const;
export const PERS = ['vcluster', 'namespace'] as const;
export const WORLD_EGRESS = ['report', 'allow'] as const;

/** What somebody wants suggested. */
export interface Wish {
  readonly format: (typeof FORMATS)[number];
  /** One policy for all workloads, or one for each of the tenant's own namespaces. */
  readonly per: (typeof PERS)[number];
  /** What was seen to leave the cluster: told, or allowed. */
  readonly worldEgress: (typeof WORLD_EGRESS)[number];
}

export const DEFAULT_WISH: Wish = { format: 'cilium', per: 'vcluster', worldEgress: 'report' };

/** @returns what is wrong with a wish whose parts are right */
export function wishProblem({ format, per }: Wish): string | undefined {
  return format === 'vcluster-values' && per === 'namespace'
    ? "got namespace with format vcluster-values, expected vcluster: the chart's values have one block for all workloads. Formats with a policy for each namespace are cilium and networkpolicy"
    : undefined;
}

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
  readonly direction: Direction;
  readonly peer: PlannedPeer;
  /** undefined: every port. */
  readonly ports: readonly PlannedPort[] | undefined;
  /** Why it is there, a line each. */
  readonly comment: readonly string[];
  /** The kinds of connections that asked for it, as {@link LeftOut.text} has them. */
  readonly about: readonly string[];
}

export type Direction = 'ingress' | 'egress';

/** One policy: pods of one host namespace, and all that they need. */
export interface PlannedPolicy {
  readonly name: string;
  readonly role: Role;
  readonly namespace: string;
  readonly labels: Labels;
  readonly rules: readonly PlannedRule[];
}

/** `namespace`: the workloads of one of the tenant's own namespaces. */
export type Role = 'workloads' | 'control-plane' | 'dns' | 'namespace';

/** A kind of connection of the tenant's that no rule is about, and why. */
export interface LeftOut {
  readonly why: 'crossing' | 'unidentified' | 'protocol' | 'world' | 'ports';
  readonly text: string;
  readonly observation: Observation;
}

export interface Plan {
  readonly tenant: Tenant;
  readonly policies: readonly PlannedPolicy[];
  readonly leftOut: readonly LeftOut[];
  /** Own pods that no label tells apart from others in their namespace. */
  readonly unselected: readonly string[];
}

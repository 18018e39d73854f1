/** What people get wrong in policies that are valid: each finding says where, why, and what to write instead. */
import type { PolicyRef } from '../model.js';
import type { Rule } from './rule.js';

export type Lint =
  | 'host-without-ports'
  | 'remote-node-missing'
  | 'tenants-not-separated'
  | 'block-ignored'
  | 'service-port'
  | 'selects-everything'
  | 'matches-nothing'
  | 'note';

export interface Finding {
  readonly lint: Lint;
  readonly policy: PolicyRef;
  /** `spec.egress[0]` */
  readonly path: string;
  readonly why: string;
  readonly instead: string;
}

/** Pods of one tenant, as far as they were seen. */
export interface TenantPods {
  /** The tenant's shown name. */
  readonly tenant: string;
  /** Labels of the identities of its pods. */
  readonly labels: readonly (readonly string[])[];
}

/** A Service whose port is not the one that its pods listen on. */
export interface ServicePort {
  /** `namespace/name` */
  readonly name: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  readonly targetPort: number;
  /** Labels of the pods behind it. */
  readonly backends: readonly (readonly string[])[];
}

/** What was observed. What is missing makes a finding impossible, never wrong. */
export interface Observed {
  readonly tenants?: readonly TenantPods[] | undefined;
  readonly services?: readonly ServicePort[] | undefined;
  /** Pods and nodes with their addresses. */
  readonly addresses?: readonly { readonly labels: readonly string[]; readonly ip: string }[] | undefined;
}

export function finding(lint: Lint, { policy, path }: Rule, why: string, instead: string): Finding {
  return { lint, policy, path, why, instead };
}

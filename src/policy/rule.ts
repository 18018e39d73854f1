/**
 * What a set of policies amounts to: a flat list of rules, each of one direction.
 * The counterpart of Cilium's PolicyEntry (pkg/policy/types/policyentry.go), into
 * which it, too, turns every kind of policy.
 */
import type { PolicyRef } from '../model.js';
import type { AddressBlock } from './block.js';
import type { Selector } from './selector.js';

export type Direction = 'ingress' | 'egress';

export interface Rule {
  readonly policy: PolicyRef;
  /** Where in the policy: `spec.ingress[0]`. */
  readonly path: string;
  readonly direction: Direction;
  readonly effect: 'allow' | 'deny';
  readonly subject: Subject;
  /** Whether what no rule allows is denied in this direction, at what the rule selects. */
  readonly defaultDeny: boolean;
  /** Empty: not said. That is anyone where ports are said, and nobody where they are not. */
  readonly peers: readonly Peer[] | 'nobody';
  /** undefined: not said, every protocol. Empty: said, but none named, so nothing. */
  readonly ports: readonly PortRange[] | undefined;
}

/** Pods and what else Cilium manages as an endpoint, or the nodes themselves. */
export interface Subject {
  readonly kind: 'endpoint' | 'node';
  readonly selector: Selector;
}

export type Peer =
  | { readonly kind: 'labels'; readonly selector: Selector }
  | { readonly kind: 'block'; readonly block: AddressBlock; readonly except: readonly AddressBlock[] }
  | {
      readonly kind: 'unknown';
      /** Field that cannot be told from what was observed: `toFQDNs`, `cidrGroupRef` … */
      readonly field: string;
      /** What it can be about: addresses outside the cluster, other nodes, or anything. */
      readonly about: 'world' | 'node' | 'anything';
    };

export type PortProtocol = 'any' | 'tcp' | 'udp' | 'sctp' | 'icmp' | 'icmpv6' | 'vrrp' | 'igmp';

export interface PortRange {
  readonly protocol: PortProtocol;
  /** For ICMP the type. A named port has a name instead, and both numbers 0. */
  readonly from: number;
  readonly to: number;
  readonly name: string | undefined;
  readonly layer7: Layer7 | undefined;
}

/** Why a proxy has the last word: rules on requests, or TLS, server names and listeners. */
export type Layer7 = 'rules' | 'proxy';

/** One object of the file. */
export interface Policy {
  readonly ref: PolicyRef;
  /** `policy.yaml:12:1` */
  readonly where: string;
  readonly rules: readonly Rule[];
  readonly notes: readonly PolicyNote[];
}

/** Something that is not wrong but is not what a reader may think. */
export interface PolicyNote {
  readonly path: string;
  readonly text: string;
}

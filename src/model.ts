/**
 * Our words as types. Every stage imports these and no other stage.
 *
 * Plain data only: no methods, no clock, no I/O. Times are milliseconds since
 * the Unix epoch as a (possibly fractional) number; ports and identities are
 * unsigned integers as Hubble sends them.
 */

// ─── What Hubble says ──────────────────────────────────────────────────────

/** `flow.Verdict` (api/v1/flow/flow.proto). Newer servers may send other numbers. */
export const HubbleVerdict = {
  UNKNOWN: 0,
  FORWARDED: 1,
  DROPPED: 2,
  ERROR: 3,
  AUDIT: 4,
  REDIRECTED: 5,
  TRACED: 6,
  TRANSLATED: 7,
} as const;

/** `CiliumEventType.type`: Cilium's monitor message types (pkg/monitor/api/types.go). */
export const EventType = {
  DROP: 1,
  DEBUG_CAPTURE: 3,
  TRACE: 4,
  POLICY_VERDICT: 5,
  SOCK: 7,
  L7: 129,
} as const;

/** `CiliumEventType.sub_type` of a trace at the destination's own endpoint. It is proto3's default: absent in JSON. */
export const TO_ENDPOINT = 0;

/** `flow.TraceReason`. Filled since Cilium 1.16; 0 before. */
export const TraceReason = { UNKNOWN: 0, NEW: 1, ESTABLISHED: 2, REPLY: 3, RELATED: 4, REOPENED: 5 } as const;

/** `flow.TrafficDirection`. Reliable on policy verdicts and L7 records only, never on traces. */
export const TrafficDirection = { UNKNOWN: 0, INGRESS: 1, EGRESS: 2 } as const;

export type Protocol = 'tcp' | 'udp' | 'icmp' | 'sctp' | 'other';

/** One layer-4 header. For ICMP the type and code stand where the ports stand elsewhere; `flags` is TCP's. */
export interface Layer4 {
  readonly protocol: Protocol;
  /** TCP/UDP/SCTP source port, or the ICMP type. */
  readonly sourcePort: number;
  /** TCP/UDP/SCTP destination port, or the ICMP code. */
  readonly destinationPort: number;
  /** Bits of {@link TcpFlag}; 0 for everything but TCP. */
  readonly flags: number;
  /** 4 or 6 for ICMPv4 / ICMPv6, 0 otherwise. */
  readonly icmpVersion: 0 | 4 | 6;
}

export const TcpFlag = {
  FIN: 1,
  SYN: 2,
  RST: 4,
  PSH: 8,
  ACK: 16,
  URG: 32,
  ECE: 64,
  CWR: 128,
  NS: 256,
} as const;

/** One end of a flow, as Hubble describes it. Interned: the same bytes give the same object. */
export interface Endpoint {
  /** Cilium's endpoint number; 0 when the endpoint is not local to the node that saw the flow. */
  readonly id: number;
  /** Numeric security identity; 1–10 are reserved, 2^24 and above are local to a node (CIDRs). */
  readonly identity: number;
  /** Host cluster's namespace; '' when unknown. */
  readonly namespace: string;
  /** Host cluster's pod name; '' when unknown. */
  readonly podName: string;
  /** `source:key=value` (or `source:key`), as Hubble sends them. */
  readonly labels: readonly string[];
  /** '' before Cilium 1.16. */
  readonly clusterName: string;
  /**
   * What attribution concluded of this object, and where it remembers it: noted
   * here, because twice a flow it is asked. They mean nothing to others.
   */
  standing?: object | undefined;
  slot?: number | undefined;
  /** What the record of observed kinds knows it as: its own affair, likewise. */
  side?: object | undefined;
}

/** A policy that Hubble names on a policy verdict (`flow.Policy`). */
export interface PolicyRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A text, or something that makes it when it is asked for: once a flow would be too often. */
export type Text = string | { toString(): string };

/** The fields of `flow.Flow` that are judged or shown. Absent numbers are 0, absent strings ''. */
export interface Flow {
  /** Milliseconds since the epoch; undefined when the server sent none. */
  readonly time: number | undefined;
  /** A UUID, which `String()` makes readable; '' before Cilium 1.14. */
  readonly uuid: Text;
  readonly nodeName: string;
  readonly verdict: number;
  /** `drop_reason_desc`, or the deprecated `drop_reason` where that is absent. */
  readonly dropReason: number;
  /** Source address as text, '' when absent. */
  readonly sourceIp: Text;
  readonly destinationIp: Text;
  readonly l4: Layer4;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly eventType: number;
  readonly subType: number;
  /** undefined: Hubble does not know the direction (null wrapper). */
  readonly isReply: boolean | undefined;
  readonly traceReason: number;
  readonly trafficDirection: number;
  /** Name of the Service the client asked for, '' when Hubble does not say. */
  readonly destinationService: string;
  /** `egress_allowed_by` then `ingress_allowed_by`; only on policy verdicts. */
  readonly allowedBy: readonly PolicyRef[];
  /** `egress_denied_by` then `ingress_denied_by`; only on policy verdicts. */
  readonly deniedBy: readonly PolicyRef[];
}

/** `flow.LostEventSource`, as the label values of `crosstalk_lost_events_total`. */
export type LostEventSource =
  'perf_event_ring_buffer' | 'observer_events_queue' | 'hubble_ring_buffer' | 'unknown';

/** `relay.NodeState`. */
export type NodeState = 'connected' | 'unavailable' | 'gone' | 'error' | 'unknown';

/** Why bytes or a line could not be read: a closed set. */
export type UnreadableReason =
  | 'truncated' // ends inside a field
  | 'malformed' // a tag, length or wire type that protobuf does not allow
  | 'not_json' // replay: the line is not JSON
  | 'not_a_flow' // replay: JSON, but neither a GetFlowsResponse nor a Flow
  | 'bad_field'; // replay: a field of the wrong type

/** One message of the stream, told apart. Decoding is total: what cannot be read is a value too. */
export type HubbleEvent =
  | { readonly kind: 'flow'; readonly flow: Flow }
  | {
      readonly kind: 'node_status';
      readonly state: NodeState;
      readonly nodeNames: readonly string[];
      readonly message: string;
      /** When it happened, by the relay's clock. */
      readonly time: number | undefined;
    }
  | {
      readonly kind: 'lost_events';
      readonly source: LostEventSource;
      /** uint64 on the wire; saturates at Number.MAX_SAFE_INTEGER. */
      readonly count: number;
      /** undefined when the wrapper is absent. */
      readonly cpu: number | undefined;
      readonly nodeName: string;
      readonly time: number | undefined;
    }
  | { readonly kind: 'unreadable'; readonly reason: UnreadableReason }
  /** A response without any of the members we know: a newer server's. */
  | { readonly kind: 'unknown' };

// ─── What one event tells ──────────────────────────────────────────────────

/** Label values of `crosstalk_flows_total{event}`: every flow is exactly one of them. */
export const EVENT_WORDS = [
  'arrival',
  'denial',
  'drop',
  'policy_verdict',
  'reply',
  'related',
  'transit',
  'socket',
  'l7',
  'undirected',
  'unreadable',
  'other',
] as const;
export type EventWord = (typeof EVENT_WORDS)[number];

// ─── Who is who ────────────────────────────────────────────────────────────

/** Strongest first: the order decides. Label values of `crosstalk_endpoints_attributed_total{evidence}`. */
export const EVIDENCE = [
  'config',
  'namespace_labels',
  'managed_by',
  'service_account',
  'control_plane',
  'pod_name',
  'namespace',
  'none',
] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** A tenant's whole key as one string: equality of tenants is equality of ids. Never shown to a person. */
export type TenantId = string & { readonly __brand: 'TenantId' };

/** (cluster, host namespace, vCluster). The name alone is no key: two host namespaces may hold a vCluster of one name. */
export interface Tenant {
  readonly id: TenantId;
  readonly cluster: string;
  /** Host namespace of the vCluster's control plane. */
  readonly hostNamespace: string;
  readonly vcluster: string;
  /** What labels, the API and logs call it (contract: `<vcluster>`, `<namespace>/<vcluster>` …, or the operator's name). */
  readonly name: string;
  /** What counts pairs of tenants knows it as: its own affair. */
  account?: object | undefined;
}

/** The pod as the tenant knows it; undefined where the host name does not tell it for certain. */
export interface VirtualPod {
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
}

/** One end of a flow, told apart. `evidence` is what decided; `labels` those that were used for it. */
export type Party =
  | {
      readonly kind: 'tenant';
      readonly tenant: Tenant;
      readonly evidence: Evidence;
      readonly evidenceLabels: readonly string[];
    }
  | { readonly kind: 'platform' }
  | { readonly kind: 'world' }
  | { readonly kind: 'unidentified' };

// ─── What happened ─────────────────────────────────────────────────────────

export const RELATIONS = [
  'intra_tenant',
  'cross_tenant',
  'tenant_to_platform',
  'platform_to_tenant',
  'tenant_to_world',
  'world_to_tenant',
  'no_tenant',
  'unidentified',
] as const;
export type Relation = (typeof RELATIONS)[number];

export const VERDICTS = ['allowed', 'audited', 'denied'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What the connection table says of one cross-tenant event. */
export interface Occurrence {
  /** Unique within this process: events of one connection share it. */
  readonly connection: number;
  /** True once a connection: its first event. */
  readonly isNew: boolean;
  readonly verdict: Verdict;
}

type TenantParty = Extract<Party, { kind: 'tenant' }>;

/** One cross-tenant event, ready to be counted and shown. */
export interface Crossing {
  readonly flow: Flow;
  readonly source: TenantParty;
  readonly destination: TenantParty;
  readonly occurrence: Occurrence;
  /** The agreement that covers it, or undefined: unexpected. */
  readonly agreement: ExpectedTraffic | undefined;
  /** Policies that allowed (or denied) it, where a policy verdict named them. */
  readonly policies: readonly PolicyRef[];
  /** When it was observed, milliseconds since the epoch. */
  readonly seenAt: number;
}

// ─── What the operator says ────────────────────────────────────────────────

/** One entry of `tenants.namespaces`: the operator's word on who owns a host namespace of the analyzer's own cluster. */
export interface NamespaceRule {
  /** Exact, or with one trailing `*`. */
  readonly namespace: string;
  readonly vcluster: string;
  /** Display name; undefined: made from namespace and vCluster. Entries that share name and vcluster are one tenant. */
  readonly name: string | undefined;
}

export interface TenancyRules {
  /** The name that flows of the analyzer's own cluster carry. */
  readonly cluster: string;
  readonly namespaces: readonly NamespaceRule[];
  /** Exact, or with one trailing `*`. Never a tenant, whatever a pod claims. */
  readonly platformNamespaces: readonly string[];
}

/** One entry of `expected`: cross-tenant traffic that has been agreed on. */
export interface ExpectedTraffic {
  /** A tenant's display name, or `*`. */
  readonly source: string;
  readonly destination: string;
  /** Empty: any. `port` is undefined for ICMP, which has none. */
  readonly ports: readonly { readonly port: number | undefined; readonly protocol: Protocol }[];
  readonly reason: string;
  /** Milliseconds since the epoch; from then on the entry no longer applies. */
  readonly until: number | undefined;
}

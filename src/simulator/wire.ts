/**
 * Hubble's messages as plain objects, named and numbered as in proto/: what
 * the simulator fills and proto-loader writes. Absent members are protobuf's
 * defaults. Enums are their numbers (src/model.ts names those that matter).
 */

export interface WireTime {
  readonly seconds: number;
  readonly nanos: number;
}

export interface WireTcpFlags {
  readonly FIN?: boolean;
  readonly SYN?: boolean;
  readonly RST?: boolean;
  readonly PSH?: boolean;
  readonly ACK?: boolean;
}

export interface WirePorts {
  readonly source_port: number;
  readonly destination_port: number;
}

/** A oneof: exactly one member. */
export type WireLayer4 =
  | { readonly TCP: WirePorts & { readonly flags?: WireTcpFlags } }
  | { readonly UDP: WirePorts }
  | { readonly SCTP: WirePorts }
  | { readonly ICMPv4: { readonly type: number; readonly code: number } }
  | { readonly ICMPv6: { readonly type: number; readonly code: number } };

export interface WireEndpoint {
  readonly ID?: number;
  readonly identity: number;
  readonly namespace?: string;
  readonly labels: readonly string[];
  readonly pod_name?: string;
  readonly workloads?: readonly { readonly name: string; readonly kind: string }[];
  readonly cluster_name?: string;
}

export interface WirePolicy {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: readonly string[];
  readonly revision?: number;
  readonly kind?: string;
}

export interface WireInterface {
  readonly index: number;
  readonly name: string;
}

export interface WireService {
  readonly name: string;
  readonly namespace: string;
}

/** A flow as the parser on the node makes it, before it gets its uuid and its time. */
export interface WireFlowBody {
  readonly verdict: number;
  readonly drop_reason?: number;
  readonly IP: {
    readonly source: string;
    readonly destination: string;
    readonly ipVersion: number;
    readonly source_xlated?: string;
  };
  readonly l4?: WireLayer4;
  readonly source: WireEndpoint;
  readonly destination: WireEndpoint;
  readonly Type: number;
  readonly node_name: string;
  readonly event_type: { readonly type: number; readonly sub_type?: number };
  readonly destination_service?: WireService;
  readonly traffic_direction?: number;
  readonly policy_match_type?: number;
  readonly trace_observation_point?: number;
  readonly drop_reason_desc?: number;
  /** A wrapper: absent means not known, `{ value: false }` known to be false. */
  readonly is_reply?: { readonly value: boolean };
  readonly interface?: WireInterface;
  readonly proxy_port?: number;
  readonly trace_reason?: number;
  readonly node_labels: readonly string[];
  readonly egress_allowed_by?: readonly WirePolicy[];
  readonly ingress_allowed_by?: readonly WirePolicy[];
  readonly egress_denied_by?: readonly WirePolicy[];
  readonly ingress_denied_by?: readonly WirePolicy[];
  readonly Summary: string;
}

export interface WireFlow extends WireFlowBody {
  readonly uuid: string;
  readonly time: WireTime;
}

export interface WireLostEvent {
  readonly source: number;
  readonly num_events_lost: number;
  readonly cpu?: { readonly value: number };
  readonly first?: WireTime;
  readonly last?: WireTime;
}

/** `flow.LostEventSource`. */
export const LostSource = {
  PERF_EVENT_RING_BUFFER: 1,
  OBSERVER_EVENTS_QUEUE: 2,
  HUBBLE_RING_BUFFER: 3,
} as const;

/** `relay.NodeState`. */
export const NodeStateNumber = { CONNECTED: 1, UNAVAILABLE: 2, GONE: 3, ERROR: 4 } as const;

/** `flow.FlowType`. */
export const FlowType = { L3_L4: 1, L7: 2, SOCK: 3 } as const;

/** Milliseconds since the epoch (fractions kept) as a protobuf Timestamp. */
export function wireTime(ms: number): WireTime {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6)) };
}

/** The reverse of {@link wireTime}; protobuf's absent members are 0. */
export function msOf(time: { readonly seconds?: number; readonly nanos?: number }): number {
  return (time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6;
}

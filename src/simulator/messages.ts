import { codec, type Codec } from './codecs.js';
import type { FlowFilter } from './filters.js';
import type { WireFlow, WireLostEvent, WireTime } from './wire.js';

/** The messages of Hubble's API as plain objects, and their codecs. */

export interface GetFlowsRequest {
  readonly number?: number;
  readonly follow?: boolean;
  readonly first?: boolean;
  readonly whitelist?: readonly FlowFilter[];
  readonly blacklist?: readonly FlowFilter[];
  readonly since?: WireTime;
  readonly until?: WireTime;
  readonly field_mask?: { readonly paths?: readonly string[] };
}

export interface GetFlowsResponse {
  readonly flow?: WireFlow | Record<string, unknown>;
  readonly node_status?: {
    readonly state_change: number;
    readonly node_names: readonly string[];
    readonly message?: string;
  };
  readonly lost_events?: WireLostEvent;
  readonly node_name?: string;
  readonly time?: WireTime;
}

export interface ServerStatusResponse {
  readonly num_flows: number;
  readonly max_flows: number;
  readonly seen_flows: number;
  readonly uptime_ns: number;
  /** A relay's only. */
  readonly num_connected_nodes?: { readonly value: number };
  readonly num_unavailable_nodes?: { readonly value: number };
  readonly unavailable_nodes?: readonly string[];
  readonly version: string;
  readonly flows_rate?: number;
}

export interface NodeInfo {
  readonly name: string;
  readonly version?: string;
  readonly address: string;
  readonly state: number;
  readonly tls: { readonly enabled: boolean; readonly server_name: string };
  readonly uptime_ns?: number;
  readonly num_flows?: number;
  readonly max_flows?: number;
  readonly seen_flows?: number;
}

export interface ChangeNotification {
  readonly name: string;
  readonly address: string;
  readonly type: number;
}

const OBSERVER = ['observer/observer.proto', 'observer.Observer'] as const;
const HEALTH = ['grpc/health/v1/health.proto', 'grpc.health.v1.Health'] as const;

interface HealthRequest {
  readonly service?: string;
}
interface HealthResponse {
  readonly status: number;
}

export interface Codecs {
  readonly getFlows: Codec<GetFlowsRequest, GetFlowsResponse>;
  readonly getNodes: Codec<object, { readonly nodes: readonly NodeInfo[] }>;
  readonly serverStatus: Codec<object, ServerStatusResponse>;
  readonly healthCheck: Codec<HealthRequest, HealthResponse>;
  readonly healthWatch: Codec<HealthRequest, HealthResponse>;
  readonly peerNotify: Codec<object, ChangeNotification>;
}

let loaded: Codecs | undefined;

/** Loaded from proto/ at the first use. */
export function codecs(): Codecs {
  loaded ??= {
    getFlows: codec(...OBSERVER, 'GetFlows'),
    getNodes: codec(...OBSERVER, 'GetNodes'),
    serverStatus: codec(...OBSERVER, 'ServerStatus'),
    healthCheck: codec(...HEALTH, 'Check'),
    healthWatch: codec(...HEALTH, 'Watch'),
    peerNotify: codec('peer/peer.proto', 'peer.Peer', 'Notify'),
  };
  return loaded;
}

/**
 * What the JSON API and the page show, as plain values. Filled by reports.ts from
 * what the stages know; served and described (OpenAPI) by the web server.
 * Times are RFC 3339 in UTC. Texts from outside are made fit by outside.ts.
 */
import type { Evidence, Relation, Verdict } from '../model.js';
import type { Outcome } from '../policy/outcome.js';

/** `GET /api/v1/status` */
export interface StatusReport {
  readonly version: string;
  readonly revision: string;
  readonly nodeVersion: string;
  readonly startedAt: string;
  readonly ready: boolean;
  /** Why not, one sentence each; empty when ready. */
  readonly notReady: readonly string[];
  readonly stream: {
    readonly server: string;
    /** `idle`, `connecting`, `open`, `waiting` (to try again) or `closed`; alive since `provenSince`. */
    readonly state: string;
    readonly provenSince: string | undefined;
    readonly streamsEnded: number;
    readonly lastError:
      { readonly reason: string; readonly message: string; readonly hint: string } | undefined;
    /** How much of the field mask the server knows: `full`, `core`, or `none` (it sends whole flows). */
    readonly fieldMask: string;
    readonly filter: 'judged' | 'all';
  };
  readonly coverage: {
    /** By state: connected, unavailable, error, silent. */
    readonly nodes: Readonly<Record<string, number>>;
    readonly nodesNotSeen: readonly string[];
    readonly lostEvents: Readonly<Record<string, number>>;
    readonly blindSeconds: number;
    readonly lastFlow: string | undefined;
    readonly flows: number;
    readonly duplicates: number;
    /** Arrivals and denials with a side that could not be told apart: neither expected nor cleared. */
    readonly unidentified: number;
  };
  readonly nodes: readonly NodeStatusReport[];
  /** From when a node saw a flow to when it was received, in seconds: since the start, as the histogram's buckets tell it. */
  readonly lag: { readonly median: number | undefined; readonly p99: number | undefined };
  /** Pairs of tenants that have series of their own; updates beyond the limit went to `__overflow__`. */
  readonly series: { readonly pairs: number; readonly limit: number; readonly overflowed: number };
  readonly alerts: {
    readonly active: number;
    readonly dropped: number;
    /** Posts to each Alertmanager by result; empty: none is pushed to. */
    readonly alertmanagers: readonly {
      readonly url: string;
      readonly posts: Readonly<Record<string, number>>;
    }[];
  };
  readonly config: {
    readonly file: string | undefined;
    readonly lastReloadSuccessful: boolean;
    readonly settings: readonly { readonly name: string; readonly value: string; readonly from: string }[];
  };
}

export interface NodeStatusReport {
  readonly name: string;
  readonly state: string;
  readonly version: string;
  readonly lastFlow: string | undefined;
  readonly lostEvents: number;
}

/** An entry of `GET /api/v1/tenants` */
export interface TenantReport {
  readonly name: string;
  readonly cluster: string;
  readonly hostNamespace: string;
  readonly vcluster: string;
  /** Endpoints remembered that speak for this tenant, by evidence. */
  readonly endpoints: Readonly<Partial<Record<Evidence, number>>>;
}

/** `GET /api/v1/matrix`: tenant by tenant; only pairs with traffic are listed. */
export interface MatrixReport {
  /** Names of tenants and `__overflow__` that stand in a pair, sorted. */
  readonly tenants: readonly string[];
  readonly pairs: readonly MatrixPair[];
}

export interface MatrixPair {
  readonly source: string;
  readonly destination: string;
  /** Connections, each counted once. */
  readonly connections: Readonly<Record<Verdict, number>>;
  /** How many of them were agreed on. */
  readonly expected: Readonly<Record<Verdict, number>>;
  readonly lastSeen: string;
  /**
   * When traffic that was not agreed on was last seen, by verdict; absent where there was none. The page's
   * headline rests on it and not on the crossings: a tenant can push those out of their ring by knocking often.
   */
  readonly unexpectedLastSeen: Readonly<Partial<Record<Verdict, string>>>;
}

/** An entry of `GET /api/v1/crossings`: one cross-tenant connection. Also the fields of its log line. */
export interface CrossingReport {
  readonly time: string;
  readonly lastSeen: string;
  readonly source: CrossingParty;
  readonly destination: CrossingParty;
  readonly protocol: string;
  /** Destination port; undefined for ICMP. */
  readonly port: number | undefined;
  readonly icmp: { readonly type: number; readonly code: number } | undefined;
  readonly relation: Relation;
  readonly verdict: Verdict;
  /** `kind/namespace/name` of the policies that Hubble named. */
  readonly policies: readonly string[];
  readonly expected: boolean;
  /** Why it is agreed on. */
  readonly reason: string | undefined;
  /** Events of this connection that Hubble reported. */
  readonly count: number;
  /** Host cluster's node that saw it. */
  readonly node: string;
  readonly uuid: string;
  /** The command that shows it. */
  readonly hubbleObserve: string;
}

export interface CrossingParty {
  readonly tenant: string;
  readonly namespace: string;
  readonly pod: string;
  readonly virtualNamespace: string | undefined;
  readonly virtualPod: string | undefined;
  readonly address: string;
  readonly evidence: Evidence;
  readonly evidenceLabels: readonly string[];
}

/**
 * `GET /api/v1/glance`: what a person needs to know first, and true. `alarm`: something got through that nobody
 * agreed on. `blind`: nothing is being watched. `partial`: quiet as far as could be seen, which was not everything.
 */
export interface GlanceReport {
  readonly time: string;
  readonly tone: Tone;
  readonly sentence: string;
  /** What else is to be known; the more serious first. */
  readonly remarks: readonly string[];
}

export const TONES = ['alarm', 'blind', 'partial', 'quiet'] as const;
export type Tone = (typeof TONES)[number];

/** A message of `GET /api/v1/stream`. Pairs and crossings are told whole, so that one told twice does no harm. */
export interface ChangesReport {
  readonly glance: GlanceReport;
  /** New or changed since the message before. */
  readonly pairs: readonly MatrixPair[];
  /** The same, newest first. */
  readonly crossings: readonly CrossingReport[];
  /** More changed than is told here, or it is not known what this client has: the matrix and the crossings are to be read. */
  readonly incomplete: boolean;
}

/** `GET /api/v1/traffic`: arrivals and denials of a tenant (or of all), minute by minute over the last hour. */
export interface TrafficReport {
  /** Absent: of all tenants. */
  readonly tenant: string | undefined;
  /** The oldest first; the last has just begun. */
  readonly minutes: readonly TrafficMinute[];
}

export interface TrafficMinute {
  /** When it ended; of the last, now. */
  readonly until: string;
  /** Within the tenant. */
  readonly inside: number;
  /** Between tenants, what arrived: agreed on or not. */
  readonly gotThrough: number;
  /** Between tenants, what policies stopped. */
  readonly denied: number;
  /** To and from the platform, the world and what could not be told apart. */
  readonly other: number;
}

/** What `POST /api/v1/policy/check` answers: a set of policies against the connections that were seen. */
export interface PolicyCheckReport {
  /** `kind/namespace/name` */
  readonly policies: readonly string[];
  /** What was watched, in one sentence. */
  readonly watched: string;
  /** Why that may not be all. */
  readonly doubts: readonly string[];
  readonly outcomes: Readonly<Record<Outcome, { readonly kinds: number; readonly connections: number }>>;
  /** What matters first; at most as many as are listed, the rest is counted. */
  readonly groups: readonly PolicyCheckGroup[];
  readonly groupsLeftOff: number;
  readonly findings: readonly {
    readonly lint: string;
    readonly policy: string;
    readonly path: string;
    readonly why: string;
    readonly instead: string;
  }[];
}

export interface PolicyCheckGroup {
  readonly outcome: Outcome;
  /** A tenant's name, `__platform__`, `__world__` or `__unidentified__`. */
  readonly source: string;
  readonly sourceWorkload: string;
  readonly destination: string;
  readonly destinationWorkload: string;
  readonly relation: Relation;
  /** `8443/tcp` */
  readonly port: string;
  readonly expected: boolean;
  /** What decides; empty where nothing changes. */
  readonly because: string;
  readonly connections: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly example: {
    readonly source: string;
    readonly destination: string;
    readonly uuid: string;
    readonly hubbleObserve: string;
  };
}

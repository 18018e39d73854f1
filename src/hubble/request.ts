import { EventType, HubbleVerdict, TO_ENDPOINT } from '../model.js';

/** `--flows.filter`: only what is judged, or everything (to reconcile with what each node says it has seen). */
export type FlowsFilter = 'judged' | 'all';

/** How much of a flow the server is asked for, from most to least particular; each is tried when the one before is refused. */
export const MASK_LEVELS = ['full', 'core', 'none'] as const;
export type MaskLevel = (typeof MASK_LEVELS)[number];

export interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

/** `flow.FlowFilter`: fields are joined by AND, the values of one field by OR. Only the fields that are asked with. */
export interface FlowFilter {
  readonly event_type: readonly { type: number; match_sub_type?: boolean; sub_type?: number }[];
  readonly verdict?: readonly number[];
  readonly reply?: readonly boolean[];
}

/** `observer.GetFlowsRequest`, as proto-loader takes it. */
export interface FlowsRequest {
  readonly follow: boolean;
  readonly number: number;
  readonly first?: boolean;
  readonly since?: Timestamp;
  readonly whitelist?: readonly FlowFilter[];
  readonly field_mask?: { readonly paths: readonly string[] };
}

/**
 * What a count depends on. `time` and `node_name` are read from the masked flow
 * by relay and node alike, `uuid` tells re-reads apart, and `l4` goes whole: a
 * path below its oneof makes servers before 1.19 turn UDP into an empty TCP.
 * All of them exist since 1.16, the first version that reads the mask at all.
 */
const CORE_PATHS = [
  'time',
  'uuid',
  'node_name',
  'verdict',
  'drop_reason_desc',
  'IP',
  'l4',
  'source',
  'destination',
  'event_type',
  'is_reply',
  'trace_reason',
  // An enum that is left out reads as 0, "unknown" (cilium/hubble#1781).
  'traffic_direction',
];

/** The rest of what model.ts `Flow` holds: what explains a crossing but does not count it. */
const EXPLAINING_PATHS = [
  'destination_service',
  'egress_allowed_by',
  'ingress_allowed_by',
  'egress_denied_by',
  'ingress_denied_by',
];

const PATHS: Record<MaskLevel, readonly string[] | undefined> = {
  full: [...CORE_PATHS, ...EXPLAINING_PATHS],
  core: CORE_PATHS,
  none: undefined,
};

/**
 * Flows that the judge counts or needs to explain one that counts: arrivals at
 * their endpoint, policy verdicts, drops. `match_sub_type` is what makes sub
 * type 0 a condition. No label, name or direction is asked for: a cluster that
 * hides labels must not make us blind, and directions of traces are wrong
 * since Cilium 1.16.
 */
const JUDGED: readonly FlowFilter[] = [
  {
    event_type: [{ type: EventType.TRACE, match_sub_type: true, sub_type: TO_ENDPOINT }],
    verdict: [HubbleVerdict.FORWARDED],
    reply: [false],
  },
  { event_type: [{ type: EventType.POLICY_VERDICT }] },
  { event_type: [{ type: EventType.DROP }], verdict: [HubbleVerdict.DROPPED] },
];

/**
 * The relay holds back `number × peers` flows (at most 100) to sort them, and
 * re-arms its 1 s drain on every flow, so that a narrow filter on a quiet
 * cluster waits minutes for company. With 1, a relay of one node holds back one
 * flow. A following node never stops at `number`, and `since` goes before it
 * when it rewinds (pkg/hubble/relay/observer/server.go, observer/local_observer.go,
 * 1.13 to 1.19). We need no sorting: windows use the flow's own time.
 */
const SORT_BUFFER_PER_NODE = 1;

/** Milliseconds since the epoch as a protobuf timestamp; never before the epoch, which servers refuse. */
export function timestamp(ms: number): Timestamp {
  const whole = Math.max(0, Math.floor(ms));
  return { seconds: Math.floor(whole / 1000), nanos: (whole % 1000) * 1_000_000 };
}

function whitelist(filter: FlowsFilter): Pick<FlowsRequest, 'whitelist'> {
  return filter === 'judged' ? { whitelist: JUDGED } : {};
}

function fieldMask(level: MaskLevel): Pick<FlowsRequest, 'field_mask'> {
  const paths = PATHS[level];
  return paths === undefined ? {} : { field_mask: { paths } };
}

/**
 * The long read. `since` (milliseconds) is always sent: the relay opens a node
 * that comes back with this same request, and without `since` everything that
 * node saw in between would be skipped in silence.
 */
export function followRequest(options: {
  filter: FlowsFilter;
  since: number;
  mask: MaskLevel;
}): FlowsRequest {
  return {
    follow: true,
    number: SORT_BUFFER_PER_NODE,
    since: timestamp(options.since),
    ...whitelist(options.filter),
    ...fieldMask(options.mask),
  };
}

/** The oldest flow that each node's ring still holds, whatever its kind: one flow a node. */
export function oldestRequest(mask: MaskLevel): FlowsRequest {
  return {
    follow: false,
    first: true,
    number: 1,
    ...(mask === 'none' ? {} : { field_mask: { paths: ['time', 'node_name'] } }),
  };
}

/** The latest flow in each node's ring that the long read asks for: one flow a node. */
export function latestRequest(options: { filter: FlowsFilter; mask: MaskLevel }): FlowsRequest {
  return {
    follow: false,
    number: 1,
    ...whitelist(options.filter),
    ...(options.mask === 'none' ? {} : { field_mask: { paths: ['time', 'node_name', 'uuid'] } }),
  };
}

/**
 * Whether a server or node says that it does not know a path of the mask. It
 * is the node that checks (parser/fieldmask.New), and a relay passes its words
 * on as a NODE_ERROR; so this is asked of both.
 */
export function refusesMask(message: string): boolean {
  return /field[ _-]?mask/i.test(message);
}

/** What to ask for after a refusal; undefined when nothing simpler is left. */
export function nextMask(level: MaskLevel): MaskLevel | undefined {
  return MASK_LEVELS[MASK_LEVELS.indexOf(level) + 1];
}

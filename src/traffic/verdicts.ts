/**
 * Policy verdicts, remembered until the connection they speak of arrives.
 *
 * A policy verdict never counts by itself: it exists only where policy is
 * enforced, an egress verdict precedes the ingress decision, and a dropped packet
 * has a drop event of its own. It enriches: AUDIT makes an arrival `audited`,
 * and its policies are named in the crossing.
 *
 * Joined without the node: the egress verdict comes from the source's node, the
 * arrival from the destination's.
 */
import { HubbleVerdict, type Flow, type PolicyRef } from '../model.js';
import { isOpening } from './connections.js';

/** A verdict and its first packet are milliseconds apart; the rest is room for clocks and the relay's disorder. */
const JOIN_WINDOW_MS = 60_000;
/** Enough for the connections opened within the disorder of a busy relay; beyond it the oldest are forgotten. */
const CAPACITY = 16_384;
/** One of so many parts of it is forgotten at once. */
const PARTS = 32;

export interface Verdicts {
  /** Remembers a policy verdict. `named`: keep its policies too (asked for cross-tenant traffic only, to spare the room). */
  note(flow: Flow, named: boolean, now: number): void;
  /** Whether an AUDIT verdict came before this arrival. */
  audited(flow: Flow, now: number): boolean;
  /** The policies that verdicts named for this connection, none twice. */
  policies(flow: Flow, now: number): readonly PolicyRef[];
}

export function createVerdicts(capacity = CAPACITY): Verdicts {
  const audits = new Map<string, number>();
  const named = new Map<string, Named>();
  return {
    note(flow, keepPolicies, now) {
      // AUDIT names under denied_by the policies that would have denied it
      // (pkg/hubble/parser/threefour): shown all the same, they are the ones to look at.
      if (flow.verdict === HubbleVerdict.AUDIT) remember(audits, tuple(flow), flow.time ?? now, capacity);
      const policies = [...flow.allowedBy, ...flow.deniedBy];
      if (!keepPolicies || policies.length === 0) return;
      const key = outcomeKey(flow);
      const at = flow.time ?? now;
      const earlier = named.get(key);
      const known = earlier !== undefined && isNear(at, earlier.at) ? earlier.policies : [];
      remember(named, key, { policies: merge(known, policies), at }, capacity);
    },
    audited(flow, now) {
      if (audits.size === 0) return false; // nearly always: nobody audits
      const key = tuple(flow);
      const auditedAt = audits.get(key);
      if (auditedAt === undefined) return false;
      const flowTime = flow.time ?? now;
      if (isOpening(flow) && !isNear(flowTime, auditedAt)) {
        audits.delete(key); // the tuple was used again, long after
        return false;
      }
      if (!isOpening(flow)) remember(audits, key, auditedAt, capacity);
      return true;
    },
    policies(flow, now) {
      const known = named.size === 0 ? undefined : named.get(outcomeKey(flow));
      if (known === undefined || !isNear(flow.time ?? now, known.at)) return [];
      return known.policies;
    },
  };
}

interface Named {
  readonly policies: readonly PolicyRef[];
  readonly at: number;
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= JOIN_WINDOW_MS;
}

/** A tuple that was first denied and then let through must not show the denying policies as the allowing ones. */
function outcomeKey(flow: Flow): string {
  return flow.verdict === HubbleVerdict.DROPPED ? `!${tuple(flow)}` : tuple(flow);
}

function tuple({ l4, sourceIp, destinationIp }: Flow): string {
  return `${l4.protocol} ${sourceIp} ${l4.sourcePort} ${destinationIp} ${l4.destinationPort}`;
}

/**
 * Most recent last. When there is no room the least recent leave, some at once: a
 * map passes by those that have left before each time it is gone through from the front.
 */
function remember<T>(table: Map<string, T>, key: string, value: T, capacity: number): void {
  table.delete(key);
  table.set(key, value);
  if (table.size <= capacity) return;
  const kept = capacity - Math.floor(capacity / PARTS);
  for (const oldest of table.keys()) {
    table.delete(oldest);
    if (table.size <= kept) return;
  }
}

function merge(known: readonly PolicyRef[], more: readonly PolicyRef[]): readonly PolicyRef[] {
  const fresh = more.filter(
    (one) => !known.some((k) => k.kind === one.kind && k.namespace === one.namespace && k.name === one.name),
  );
  return fresh.length === 0 ? known : [...known, ...fresh];
}

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
import { Key } from './key.js';
import { emptyList, NO_ROW, Rows } from './rows.js';

/** A verdict and its first packet are milliseconds apart; the rest is room for clocks and the relay's disorder. */
const JOIN_WINDOW_MS = 60_000;
/** Enough for the connections opened within the disorder of a busy relay; beyond it the oldest are forgotten. */
const CAPACITY = 16_384;

const NONE: readonly PolicyRef[] = [];

export interface Verdicts {
  /** Remembers a policy verdict. `named`: keep its policies too (asked for cross-tenant traffic only, to spare the room). */
  note(flow: Flow, named: boolean, now: number): void;
  /** Whether an AUDIT verdict came before this arrival. */
  audited(flow: Flow, now: number): boolean;
  /** The policies that verdicts named for this connection, none twice. */
  policies(flow: Flow, now: number): readonly PolicyRef[];
}

export function createVerdicts(capacity = CAPACITY): Verdicts {
  const audits = new Recent(capacity);
  const named = new Recent(capacity);
  /** By row of `named`. */
  const policies: (readonly PolicyRef[])[] = [];
  return {
    note(flow, keepPolicies, now) {
      const at = flow.time ?? now;
      // AUDIT names under denied_by the policies that would have denied it
      // (pkg/hubble/parser/threefour): shown all the same, they are the ones to look at.
      if (flow.verdict === HubbleVerdict.AUDIT) audits.enter(flow, false, at);
      const { allowedBy, deniedBy } = flow;
      if (!keepPolicies || allowedBy.length + deniedBy.length === 0) return;
      const denied = isDenied(flow);
      const earlier = named.find(flow, denied);
      const known = earlier !== NO_ROW && isNear(at, named.timeOf(earlier)) ? policies[earlier] : undefined;
      policies[named.enter(flow, denied, at)] = merge(merge(known ?? NONE, allowedBy), deniedBy);
    },
    audited(flow, now) {
      if (audits.size === 0) return false; // nearly always: nobody audits
      const row = audits.find(flow, false);
      if (row === NO_ROW) return false;
      if (!isOpening(flow)) audits.touch(row);
      else if (!isNear(flow.time ?? now, audits.timeOf(row))) {
        audits.forget(row); // the tuple was used again, long after
        return false;
      }
      return true;
    },
    policies(flow, now) {
      const row = named.size === 0 ? NO_ROW : named.find(flow, isDenied(flow));
      const isKnown = row !== NO_ROW && isNear(flow.time ?? now, named.timeOf(row));
      return (isKnown ? policies[row] : undefined) ?? NONE;
    },
  };
}

/** Tuples and when something was said of them; the least recent leaves when there is no room. */
class Recent {
  readonly #capacity: number;
  readonly #rows: Rows;
  readonly #order = emptyList();
  readonly #key = new Key();

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#rows = new Rows(capacity);
  }

  get size(): number {
    return this.#order.size;
  }

  find(flow: Flow, denied: boolean): number {
    this.#key.ofTuple(flow, denied);
    return this.#rows.find(this.#key);
  }

  /** @returns its row, the one that it had if it was there */
  enter(flow: Flow, denied: boolean, at: number): number {
    let row = this.find(flow, denied);
    if (row !== NO_ROW) this.touch(row);
    else {
      if (this.size === this.#capacity) this.forget(this.#order.first);
      row = this.#rows.add(this.#key);
      this.#rows.append(this.#order, row);
    }
    this.#rows.flowTimes[row] = at;
    return row;
  }

  timeOf(row: number): number {
    return this.#rows.flowTimes[row] ?? 0;
  }

  touch(row: number): void {
    this.#rows.unlink(this.#order, row);
    this.#rows.append(this.#order, row);
  }

  forget(row: number): void {
    this.#rows.unlink(this.#order, row);
    this.#rows.remove(row);
  }
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= JOIN_WINDOW_MS;
}

/** A tuple that was first denied and then let through must not show the denying policies as the allowing ones. */
function isDenied({ verdict }: Flow): boolean {
  return verdict === HubbleVerdict.DROPPED;
}

function merge(known: readonly PolicyRef[], more: readonly PolicyRef[]): readonly PolicyRef[] {
  if (known.length === 0) return more;
  const fresh = more.filter(
    (one) => !known.some((k) => k.kind === one.kind && k.namespace === one.namespace && k.name === one.name),
  );
  return fresh.length === 0 ? known : [...known, ...fresh];
}

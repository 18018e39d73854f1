/**
 * The last cross-tenant connections, newest first: the evidence a person looks
 * at. Bounded; the oldest leave, of denials or of the others, whichever take more
 * than half: a tenant that makes itself denied a thousand times must not push out
 * the one connection that got through.
 */
import type { Crossing, Verdict } from '../model.js';

export interface CrossingEntry {
  /** The connection's first event: who, from where to where, which policies. */
  readonly crossing: Crossing;
  /** Milliseconds since the epoch. */
  readonly firstSeen: number;
  lastSeen: number;
  /** Events (packets that Hubble reported) of this connection so far. */
  count: number;
}

export interface CrossingFilter {
  readonly limit: number;
  readonly source?: string | undefined;
  readonly destination?: string | undefined;
  readonly verdict?: Verdict | undefined;
}

export interface Crossings {
  add(crossing: Crossing): void;
  /** Newest connection first. */
  recent(filter: CrossingFilter): CrossingEntry[];
}

/** @param capacity connections kept (`limits.crossings`) */
export function createCrossings(capacity: number): Crossings {
  const denied = new Queue();
  const gotThrough = new Queue();
  return {
    add(crossing) {
      const { connection, isNew, verdict } = crossing.occurrence;
      const { entries } = verdict === 'denied' ? denied : gotThrough;
      if (!isNew) {
        const known = entries.get(connection);
        if (known === undefined) return; // has left the ring
        known.count += 1;
        known.lastSeen = Math.max(known.lastSeen, crossing.seenAt);
        return;
      }
      entries.set(connection, { crossing, firstSeen: crossing.seenAt, lastSeen: crossing.seenAt, count: 1 });
      if (denied.entries.size + gotThrough.entries.size <= capacity) return;
      (denied.entries.size > capacity / 2 ? denied : gotThrough).forgetOldest();
    },
    recent({ limit, source, destination, verdict }) {
      const found: CrossingEntry[] = [];
      // Connections are numbered in the order in which they came.
      const newestFirst = [...denied.entries, ...gotThrough.entries].sort(([a], [b]) => b - a);
      for (const [, entry] of newestFirst) {
        if (found.length >= limit) break;
        const { crossing } = entry;
        if (source !== undefined && crossing.source.tenant.name !== source) continue;
        if (destination !== undefined && crossing.destination.tenant.name !== destination) continue;
        if (verdict !== undefined && crossing.occurrence.verdict !== verdict) continue;
        found.push(entry);
      }
      return found;
    },
  };
}

/** Entries in the order in which they came. */
class Queue {
  readonly entries = new Map<number, CrossingEntry>();
  /** Goes on where it was: from the front it would pass by all that have left before. */
  private readonly inOrder = this.entries.keys();

  forgetOldest(): void {
    const { value, done } = this.inOrder.next();
    if (done !== true) this.entries.delete(value);
  }
}

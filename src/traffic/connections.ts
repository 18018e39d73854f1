/**
 * One connection once: the packets, retransmissions and reports of a connection
 * are one connection (contract: "connections by node, protocol, addresses and
 * ports"). Only cross-tenant traffic is tracked; everything else is only counted
 * by flow.
 *
 * Nothing is forgotten while Cilium's own connection tracking could still report
 * it, because a forgotten connection would be counted a second time. Hence the
 * lifetimes below are Cilium's (pkg/option/config.go, bpf-ct-timeout-*), with
 * slack for clocks and the 5 s report interval. What is forgotten early for lack
 * of room is counted as an eviction.
 */
import { TcpFlag, TraceReason, type Flow, type Occurrence, type Verdict } from '../model.js';
import type { RememberedConnection } from './remembered.js';

/** bpf-ct-timeout-regular-tcp: 2h13m20s. A TCP connection may be silent that long and go on. */
const ESTABLISHED_LIFETIME_MS = 8_100_000;
/** bpf-ct-timeout-regular-any and -tcp-syn: 60 s; -tcp-fin: 10 s. Also what a client needs to give up a denied SYN (gaps up to 64 s). */
const BRIEF_LIFETIME_MS = 120_000;

/**
 * A second "NEW" for a TCP connection that nobody has closed is a retransmitted
 * SYN or two CPUs reporting at once (bpf/lib/conntrack.h), for as long as the SYN
 * entry lives. Datagrams have no SYN: there, a "NEW" a moment later is another
 * connection, which ICMP cannot tell apart otherwise (Hubble does not show the
 * echo id).
 */
const SAME_OPENING_MS = { stream: 60_000, datagram: 1_000 };

/** Reclaiming is spread over the events, a few entries each, so that it never stalls the stream. */
const RECLAIMED_PER_EVENT = 4;

/** Kept over a restart: the established ones first, then the most recent. As much as is written every 10 s without holding up flows. */
const MOST_REMEMBERED = 50_000;

interface Tracked {
  readonly id: number;
  verdict: Verdict;
  /** The node's clock: compared with later events of the same node only. */
  flowTime: number;
  /** Our clock, for reclaiming. */
  touchedAt: number;
  closed: boolean;
}

export interface Connections {
  /**
   * One more packet that arrived.
   * @param audited a policy verdict AUDIT was seen for it: the verdict of a connection not known before
   * @param now milliseconds since the epoch, our clock; must not go back by more than jitter
   */
  arrival(flow: Flow, audited: boolean, now: number): Occurrence;
  /** One more packet that a policy dropped. */
  denial(flow: Flow, now: number): Occurrence;
  /** Connections tracked now, the expired ones reclaimed. */
  tracked(now: number): number;
  /** What the next process has to know, so that it counts nothing again; plain JSON. */
  remembered(now: number): readonly RememberedConnection[];
  /** Connections forgotten early because the table was full, since the start. */
  readonly evicted: number;
}

/**
 * @param capacity most connections tracked at once (`limits.trackedConnections`)
 * @param remembered what the process before this one kept
 */
export function createConnections(
  capacity: number,
  remembered: readonly RememberedConnection[] = [],
): Connections {
  return new ConnectionTable(capacity, remembered);
}

class ConnectionTable implements Connections {
  evicted = 0;
  /** Least recently touched first, as Map keeps insertion order and a touch re-inserts. */
  readonly #established = new Map<string, Tracked>();
  /** Half-open, closed, datagrams and denials. A scan fills this one and cannot push out what is established. */
  readonly #brief = new Map<string, Tracked>();
  readonly #capacity: number;
  #lastId = 0;

  constructor(capacity: number, remembered: readonly RememberedConnection[]) {
    this.#capacity = capacity;
    this.evicted = Math.max(0, remembered.length - capacity);
    for (const { key, verdict, flowTime, touchedAt, closed, established } of remembered.slice(-capacity)) {
      this.#lastId += 1;
      const entry = { id: this.#lastId, verdict, flowTime, touchedAt, closed };
      (established ? this.#established : this.#brief).set(key, entry);
    }
  }

  arrival(flow: Flow, audited: boolean, now: number): Occurrence {
    const key = connectionKey(flow);
    const known = this.#take(key);
    const flowTime = flow.time ?? now;
    const isNew = known === undefined || (isOpening(flow) && opensAnother(flow, known, flowTime));
    const entry = isNew ? this.#create(audited ? 'audited' : 'allowed', flowTime) : known;
    entry.flowTime = Math.max(entry.flowTime, flowTime);
    entry.closed ||= (flow.l4.flags & (TcpFlag.FIN | TcpFlag.RST)) !== 0;
    const lasting = isStream(flow) && !entry.closed && !isHandshake(flow);
    this.#put(key, entry, lasting ? this.#established : this.#brief, now);
    return { connection: entry.id, isNew, verdict: entry.verdict };
  }

  denial(flow: Flow, now: number): Occurrence {
    const key = `!${connectionKey(flow)}`;
    const known = this.#take(key);
    const entry = known ?? this.#create('denied', flow.time ?? now);
    this.#put(key, entry, this.#brief, now);
    return { connection: entry.id, isNew: known === undefined, verdict: 'denied' };
  }

  tracked(now: number): number {
    this.#reclaim(now, Infinity);
    return this.#established.size + this.#brief.size;
  }

  remembered(now: number): readonly RememberedConnection[] {
    this.#reclaim(now, Infinity);
    const rows = (table: Map<string, Tracked>, established: boolean): RememberedConnection[] =>
      [...table].map(([key, { verdict, flowTime, touchedAt, closed }]) => {
        return { key, verdict, flowTime, touchedAt, closed, established };
      });
    // What is established comes last and is cut off last: a scan must not push it out here either.
    return [...rows(this.#brief, false), ...rows(this.#established, true)].slice(-MOST_REMEMBERED);
  }

  #create(verdict: Verdict, flowTime: number): Tracked {
    this.#lastId += 1;
    return { id: this.#lastId, verdict, flowTime, touchedAt: 0, closed: false };
  }

  #take(key: string): Tracked | undefined {
    const brief = this.#brief.get(key);
    if (brief !== undefined) {
      this.#brief.delete(key);
      return brief;
    }
    const established = this.#established.get(key);
    if (established !== undefined) this.#established.delete(key);
    return established;
  }

  #put(key: string, entry: Tracked, into: Map<string, Tracked>, now: number): void {
    entry.touchedAt = now;
    into.set(key, entry);
    this.#reclaim(now, RECLAIMED_PER_EVENT);
    if (this.#established.size + this.#brief.size > this.#capacity) {
      const oldest = this.#brief.size > 1 ? this.#brief : this.#established;
      for (const first of oldest.keys()) {
        oldest.delete(first);
        this.evicted += 1;
        break;
      }
    }
  }

  #reclaim(now: number, most: number): void {
    reclaimFrom(this.#brief, now - BRIEF_LIFETIME_MS, most);
    reclaimFrom(this.#established, now - ESTABLISHED_LIFETIME_MS, most);
  }
}

function reclaimFrom(table: Map<string, Tracked>, before: number, most: number): void {
  let left = most;
  for (const [key, entry] of table) {
    if (left === 0 || entry.touchedAt >= before) return;
    table.delete(key);
    left -= 1;
  }
}

/** By node too: one tuple seen by two nodes is two connections (analyzers that watch some of the nodes can be summed). */
function connectionKey({ nodeName, l4, sourceIp, destinationIp }: Flow): string {
  return `${nodeName} ${l4.protocol} ${sourceIp} ${l4.sourcePort} ${destinationIp} ${l4.destinationPort}`;
}

/** Cilium's connection tracking says so or, before it said why (1.16), TCP itself does. */
export function isOpening({ traceReason, l4 }: Flow): boolean {
  if (traceReason === TraceReason.NEW || traceReason === TraceReason.REOPENED) return true;
  return traceReason === TraceReason.UNKNOWN && (l4.flags & (TcpFlag.SYN | TcpFlag.ACK)) === TcpFlag.SYN;
}

function opensAnother(flow: Flow, known: Tracked, flowTime: number): boolean {
  const window = isStream(flow) ? SAME_OPENING_MS.stream : SAME_OPENING_MS.datagram;
  return known.closed || Math.abs(flowTime - known.flowTime) > window;
}

function isStream({ l4 }: Flow): boolean {
  return l4.protocol === 'tcp' || l4.protocol === 'sctp';
}

/** A SYN alone: the three-way handshake has not been seen to finish. */
function isHandshake({ l4 }: Flow): boolean {
  return (l4.flags & (TcpFlag.SYN | TcpFlag.ACK)) === TcpFlag.SYN;
}

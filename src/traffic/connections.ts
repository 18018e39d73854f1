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
import { TcpFlag, TraceReason, VERDICTS, type Flow, type Occurrence, type Verdict } from '../model.js';
import { Key } from './key.js';
import type { RememberedConnection } from './remembered.js';
import { emptyList, NO_ROW, type RowList, Rows } from './rows.js';

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

/** Flags of a row: the verdict's number in the low two bits. */
const VERDICT = 3;
const CLOSED = 4;
const ESTABLISHED = 8;

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
  readonly #rows: Rows;
  /** That was sought last. */
  readonly #key = new Key();
  /** Least recently touched first: a touch moves to the end. */
  readonly #established = emptyList();
  /** Half-open, closed, datagrams and denials. A scan fills this one and cannot push out what is established. */
  readonly #brief = emptyList();
  readonly #capacity: number;
  #lastId = 0;

  constructor(capacity: number, remembered: readonly RememberedConnection[]) {
    this.#capacity = capacity;
    // One more for a moment: a new one comes before an old one goes.
    this.#rows = new Rows(capacity + 1);
    this.evicted = Math.max(0, remembered.length - capacity);
    for (const { key, verdict, flowTime, touchedAt, closed, established } of remembered.slice(-capacity)) {
      this.#key.ofText(key);
      const known = this.#rows.find(this.#key);
      if (known !== NO_ROW) this.#forget(known);
      const row = this.#create(verdict, flowTime);
      if (closed) this.#close(row);
      this.#append(row, established, touchedAt);
    }
  }

  arrival(flow: Flow, audited: boolean, now: number): Occurrence {
    const rows = this.#rows;
    this.#key.ofConnection(flow, false);
    const known = rows.find(this.#key);
    const flowTime = flow.time ?? now;
    const isNew = known === NO_ROW || (isOpening(flow) && this.#opensAnother(flow, known, flowTime));
    if (isNew && known !== NO_ROW) this.#forget(known);
    const row = isNew ? this.#create(audited ? 'audited' : 'allowed', flowTime) : known;
    rows.flowTimes[row] = Math.max(rows.flowTimes[row] ?? 0, flowTime);
    if ((flow.l4.flags & (TcpFlag.FIN | TcpFlag.RST)) !== 0) this.#close(row);
    const lasting = isStream(flow) && !this.#isClosed(row) && !isHandshake(flow);
    return this.#touch(row, isNew, lasting, now);
  }

  denial(flow: Flow, now: number): Occurrence {
    this.#key.ofConnection(flow, true);
    const known = this.#rows.find(this.#key);
    const isNew = known === NO_ROW;
    return this.#touch(isNew ? this.#create('denied', flow.time ?? now) : known, isNew, false, now);
  }

  tracked(now: number): number {
    this.#reclaim(now, Infinity);
    return this.#established.size + this.#brief.size;
  }

  remembered(now: number): readonly RememberedConnection[] {
    this.#reclaim(now, Infinity);
    const rows = this.#rows;
    const kept: RememberedConnection[] = [];
    // What is established is taken first, the most recent before the others: a scan must not push it out here either.
    for (const list of [this.#established, this.#brief]) {
      for (let row = list.last; row !== NO_ROW && kept.length < MOST_REMEMBERED; row = rows.rowBefore(row)) {
        kept.push({
          key: rows.keyOf(row),
          verdict: this.#verdictOf(row),
          flowTime: rows.flowTimes[row] ?? 0,
          touchedAt: rows.touchedAt[row] ?? 0,
          closed: this.#isClosed(row),
          established: list === this.#established,
        });
      }
    }
    return kept.reverse();
  }

  /** A row in no list, for the key that was sought last. */
  #create(verdict: Verdict, flowTime: number): number {
    this.#lastId += 1;
    const row = this.#rows.add(this.#key);
    this.#rows.ids[row] = this.#lastId;
    this.#rows.flowTimes[row] = flowTime;
    this.#rows.flags[row] = VERDICTS.indexOf(verdict);
    return row;
  }

  #opensAnother(flow: Flow, known: number, flowTime: number): boolean {
    const window = isStream(flow) ? SAME_OPENING_MS.stream : SAME_OPENING_MS.datagram;
    return this.#isClosed(known) || Math.abs(flowTime - (this.#rows.flowTimes[known] ?? 0)) > window;
  }

  /** It was seen now, and belongs to the end of the list of those that last, or of the others. */
  #touch(row: number, isNew: boolean, lasting: boolean, now: number): Occurrence {
    if (!isNew) this.#rows.unlink(this.#listOf(row), row);
    this.#append(row, lasting, now);
    const occurrence = { connection: this.#rows.ids[row] ?? 0, isNew, verdict: this.#verdictOf(row) };
    this.#reclaim(now, RECLAIMED_PER_EVENT);
    if (this.#established.size + this.#brief.size > this.#capacity) {
      this.#forget((this.#brief.size > 1 ? this.#brief : this.#established).first);
      this.evicted += 1;
    }
    return occurrence;
  }

  #append(row: number, lasting: boolean, now: number): void {
    const flags = this.#rows.flags[row] ?? 0;
    this.#rows.flags[row] = lasting ? flags | ESTABLISHED : flags & ~ESTABLISHED;
    this.#rows.touchedAt[row] = now;
    this.#rows.append(this.#listOf(row), row);
  }

  #forget(row: number): void {
    this.#rows.unlink(this.#listOf(row), row);
    this.#rows.remove(row);
  }

  #listOf(row: number): RowList {
    return ((this.#rows.flags[row] ?? 0) & ESTABLISHED) === 0 ? this.#brief : this.#established;
  }

  #verdictOf(row: number): Verdict {
    return VERDICTS[(this.#rows.flags[row] ?? 0) & VERDICT] ?? 'allowed';
  }

  #isClosed(row: number): boolean {
    return ((this.#rows.flags[row] ?? 0) & CLOSED) !== 0;
  }

  #close(row: number): void {
    this.#rows.flags[row] = (this.#rows.flags[row] ?? 0) | CLOSED;
  }

  #reclaim(now: number, most: number): void {
    this.#reclaimFrom(this.#brief, now - BRIEF_LIFETIME_MS, most);
    this.#reclaimFrom(this.#established, now - ESTABLISHED_LIFETIME_MS, most);
  }

  #reclaimFrom(list: RowList, before: number, most: number): void {
    for (let left = most; left > 0 && list.first !== NO_ROW; left -= 1) {
      if ((this.#rows.touchedAt[list.first] ?? 0) >= before) return;
      this.#forget(list.first);
    }
  }
}

/** Cilium's connection tracking says so or, before it said why (1.16), TCP itself does. */
export function isOpening({ traceReason, l4 }: Flow): boolean {
  if (traceReason === TraceReason.NEW || traceReason === TraceReason.REOPENED) return true;
  return traceReason === TraceReason.UNKNOWN && (l4.flags & (TcpFlag.SYN | TcpFlag.ACK)) === TcpFlag.SYN;
}

function isStream({ l4 }: Flow): boolean {
  return l4.protocol === 'tcp' || l4.protocol === 'sctp';
}

/** A SYN alone: the three-way handshake has not been seen to finish. */
function isHandshake({ l4 }: Flow): boolean {
  return (l4.flags & (TcpFlag.SYN | TcpFlag.ACK)) === TcpFlag.SYN;
}

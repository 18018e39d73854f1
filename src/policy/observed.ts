/**
 * What policies can be asked about: each kind of connection that was seen, once.
 * A kind is who (labels of the identity), to whom, on which port, and what became
 * of it. Bounded: whoever opens the most kinds loses the ones not seen for longest.
 */
import { type Flow, type Protocol, TraceReason, type Verdict, VERDICTS } from '../model.js';
import { grown } from '../tables/grown.js';
import { mix, settle } from '../tables/hash.js';
import { Places } from '../tables/places.js';
import { connectionOf } from './connection.js';
import { Openers } from './openers.js';
import { type KnownSide, type ObservedSide, Sides } from './sides.js';

export type { ObservedSide } from './sides.js';

export interface Observation {
  readonly source: ObservedSide;
  readonly destination: ObservedSide;
  readonly protocol: Protocol;
  /** The destination's port; ICMP: the type. */
  readonly port: number;
  readonly icmpVersion: 0 | 4 | 6;
  readonly verdict: Verdict;
  /** Events that opened one, at the one place where they are counted. */
  count: number;
  /** Milliseconds since the epoch. */
  firstSeen: number;
  lastSeen: number;
  /** The first event. */
  readonly example: Flow;
}

export interface Observations {
  /** Hot: once an arrival, denial or departure. */
  take(flow: Flow, verdict: Verdict, seenAt: number): void;
  list(): Observation[];
  readonly size: number;
  /** Kinds forgotten for lack of room. */
  readonly forgotten: number;
}

/** Some 40 MB when full. A tenant of 1,000 workloads that each talk to 20 others on two ports has 40,000. */
export const MOST_OBSERVATIONS = 100_000;

export function createObservations(capacity = MOST_OBSERVATIONS): Observations {
  return new Store(capacity);
}

interface Kind extends Observation {
  readonly source: KnownSide;
  readonly destination: KnownSide;
  /** The number that it is found by. */
  readonly place: number;
}

const FIRST_KINDS = 64;
/** Of a kind, what tells it: both sides' numbers, and protocol, port and verdict in one; where its first event was seen; and whether it was seen again since it was last up for being forgotten. */
const FROM = 0;
const TO = 1;
const CODE = 2;
const POINT = 3;
const FRESH = 4;
const ROW = 8;
/** Of a kind, what changes with each event. */
const COUNT = 0;
const FIRST_SEEN = 1;
const LAST_SEEN = 2;
const TALLY = 3;

class Store implements Observations {
  readonly #capacity: number;
  readonly #sides: Sides;
  /** By the number that a kind is found by. All that a flow asks for is here, in a line of the processor's caches or two; the rest is for readers. */
  #rows = new Int32Array(FIRST_KINDS * ROW);
  #tallies = new Float64Array(FIRST_KINDS * TALLY);
  /** Numbers that were ever taken, and those of them that are free. */
  #taken = 0;
  readonly #free: number[] = [];
  readonly #places = new Places();
  /** By host namespace, which no tenant chooses: a flood pushes out its own. */
  readonly #openers = new Openers<Kind>();
  size = 0;
  forgotten = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#sides = new Sides(capacity);
  }

  take(flow: Flow, verdict: Verdict, seenAt: number): void {
    const source = this.#sides.of(flow.source, flow.sourceIp);
    const destination = this.#sides.of(flow.destination, flow.destinationIp);
    const code = codeOf(flow, verdict);
    const place = this.#placeOf(source, destination, code);
    if (place === -1) this.#add(flow, { source, destination, code, verdict, seenAt });
    else this.#again(place, flow, seenAt);
  }

  list(): Observation[] {
    const kinds = this.#openers.list();
    for (const kind of kinds) this.#settle(kind);
    return kinds;
  }

  /** Tells a kind what was counted of it. */
  #settle(kind: Kind): void {
    const at = kind.place * TALLY;
    kind.count = this.#tallies[at + COUNT] ?? 0;
    kind.firstSeen = this.#tallies[at + FIRST_SEEN] ?? 0;
    kind.lastSeen = this.#tallies[at + LAST_SEEN] ?? 0;
  }

  #again(place: number, flow: Flow, seenAt: number): void {
    const rows = this.#rows;
    const tallies = this.#tallies;
    const row = place * ROW;
    const tally = place * TALLY;
    rows[row + FRESH] = 1;
    if (seenAt > (tallies[tally + LAST_SEEN] ?? 0)) tallies[tally + LAST_SEEN] = seenAt;
    else if (seenAt < (tallies[tally + FIRST_SEEN] ?? 0)) tallies[tally + FIRST_SEEN] = seenAt;
    // One connection is traced at several points on its way, and goes on after it was opened.
    if (pointOf(flow) === rows[row + POINT] && flow.traceReason !== TraceReason.ESTABLISHED)
      tallies[tally + COUNT] = (tallies[tally + COUNT] ?? 0) + 1;
  }

  /** Where it stands among the kinds; -1: nowhere. */
  #placeOf(source: KnownSide, destination: KnownSide, code: number): number {
    const hash = hashOf(source, destination, code);
    for (let place = this.#places.first(hash); place >= 0; place = this.#places.next(hash)) {
      const row = place * ROW;
      const rows = this.#rows;
      if (
        rows[row + FROM] === source.number &&
        rows[row + TO] === destination.number &&
        rows[row + CODE] === code
      )
        return place;
    }
    return -1;
  }

  #add(
    flow: Flow,
    {
      source,
      destination,
      code,
      verdict,
      seenAt,
    }: Pick<Kind, 'source' | 'destination' | 'verdict'> & { code: number; seenAt: number },
  ): void {
    const { protocol, port, icmpVersion } = connectionOf(flow);
    const place = this.#free.pop() ?? this.#taken++;
    const kind: Kind = {
      source,
      destination,
      place,
      count: 1,
      firstSeen: seenAt,
      lastSeen: seenAt,
      protocol,
      port,
      icmpVersion,
      verdict,
      example: flow,
    };
    if (place * TALLY >= this.#tallies.length) this.#makeRoom();
    this.#rows.set([source.number, destination.number, code, pointOf(flow), 0], place * ROW);
    this.#tallies.set([1, seenAt, seenAt], place * TALLY);
    this.#places.add(place, hashOf(source, destination, code));
    source.uses += 1;
    destination.uses += 1;
    this.#openers.add(source.endpoint.namespace, kind);
    this.size += 1;
    if (this.size > this.#capacity) this.#forgetOne();
  }

  #forgetOne(): void {
    for (const kind of this.#openers.largest()) {
      const { namespace } = kind.source.endpoint;
      const fresh = kind.place * ROW + FRESH;
      if (this.#rows[fresh] === 1) {
        this.#rows[fresh] = 0;
        this.#openers.putBack(namespace, kind); // a second chance, behind all others
        continue;
      }
      this.#openers.delete(namespace, kind);
      this.#forget(kind);
      this.size -= 1;
      this.forgotten += 1;
      return;
    }
  }

  #forget(kind: Kind): void {
    const { source, destination, place } = kind;
    this.#settle(kind);
    this.#places.remove(place, hashOf(source, destination, this.#rows[place * ROW + CODE] ?? 0));
    this.#free.push(place);
    for (const side of [source, destination]) {
      side.uses -= 1;
      if (side.uses === 0) this.#sides.forget(side);
    }
  }

  #makeRoom(): void {
    const kinds = (this.#tallies.length / TALLY) * 2;
    this.#rows = grown(this.#rows, new Int32Array(kinds * ROW));
    this.#tallies = grown(this.#tallies, new Float64Array(kinds * TALLY));
  }
}

function hashOf(source: KnownSide, destination: KnownSide, code: number): number {
  return settle(mix(mix(mix(0, source.number), destination.number), code));
}

/** The kind of event and where it was traced, both a byte in Cilium's datapath. */
function pointOf({ eventType, subType }: Flow): number {
  return eventType * 256 + subType;
}

const PROTOCOLS: readonly Protocol[] = ['tcp', 'udp', 'icmp', 'sctp', 'other'];

/** Protocol, port and verdict as one small number. */
function codeOf({ l4 }: Flow, verdict: Verdict): number {
  const port = l4.protocol === 'icmp' ? l4.sourcePort : l4.destinationPort;
  const family = l4.icmpVersion === 6 ? 1 : 0;
  return (
    (((PROTOCOLS.indexOf(l4.protocol) * 2 + family) * 65_536 + port) * 3 + VERDICTS.indexOf(verdict)) | 0
  );
}

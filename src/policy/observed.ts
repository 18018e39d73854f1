/**
 * What policies can be asked about: each kind of connection that was seen, once.
 * A kind is who (labels of the identity), to whom, on which port, and what became
 * of it. Bounded: whoever opens the most kinds loses the ones not seen for longest.
 */
import { type Flow, type Protocol, TraceReason, type Verdict, VERDICTS } from '../model.js';
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
  /** Protocol, port and verdict. */
  readonly code: number;
  /** Where on its way the first event was seen. */
  readonly point: number;
  /** Seen again since it was last up for being forgotten. */
  isFresh: boolean;
}

class Store implements Observations {
  readonly #capacity: number;
  readonly #sides: Sides;
  /** By the number that they are found by; undefined: free. */
  readonly #kinds: (Kind | undefined)[] = [];
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
    const known = this.#kinds[this.#placeOf(source, destination, code)];
    if (known === undefined) this.#add(flow, { source, destination, code, verdict, seenAt });
    else again(known, flow, seenAt);
  }

  list(): Observation[] {
    return this.#openers.list();
  }

  /** Where it stands among the kinds; -1: nowhere. */
  #placeOf(source: KnownSide, destination: KnownSide, code: number): number {
    const hash = hashOf(source, destination, code);
    for (let place = this.#places.first(hash); place >= 0; place = this.#places.next(hash)) {
      const kind = this.#kinds[place];
      if (kind?.source === source && kind.destination === destination && kind.code === code) return place;
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
    }: Pick<Kind, 'source' | 'destination' | 'code' | 'verdict'> & { seenAt: number },
  ): void {
    const { protocol, port, icmpVersion } = connectionOf(flow);
    // What each flow asks for comes first: a cluster has more kinds than the processor's caches hold.
    const kind: Kind = {
      source,
      destination,
      code,
      point: pointOf(flow),
      count: 1,
      isFresh: false,
      lastSeen: seenAt,
      firstSeen: seenAt,
      protocol,
      port,
      icmpVersion,
      verdict,
      example: flow,
    };
    const place = this.#free.pop() ?? this.#kinds.length;
    this.#kinds[place] = kind;
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
      if (kind.isFresh) {
        kind.isFresh = false;
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

  #forget({ source, destination, code }: Kind): void {
    const place = this.#placeOf(source, destination, code);
    this.#kinds[place] = undefined;
    this.#places.remove(place, hashOf(source, destination, code));
    this.#free.push(place);
    for (const side of [source, destination]) {
      side.uses -= 1;
      if (side.uses === 0) this.#sides.forget(side);
    }
  }
}

function again(kind: Kind, flow: Flow, seenAt: number): void {
  kind.isFresh = true;
  if (seenAt > kind.lastSeen) kind.lastSeen = seenAt;
  else if (seenAt < kind.firstSeen) kind.firstSeen = seenAt;
  // One connection is traced at several points on its way, and goes on after it was opened.
  if (pointOf(flow) === kind.point && flow.traceReason !== TraceReason.ESTABLISHED) kind.count += 1;
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

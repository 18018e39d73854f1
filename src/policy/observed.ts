/**
 * What policies can be asked about: each kind of connection that was seen, once.
 * A kind is who (labels of the identity), to whom, on which port, and what became
 * of it. Bounded: whoever opens the most kinds loses the ones not seen for longest.
 */
import { type Endpoint, type Flow, type Protocol, TraceReason, type Verdict, VERDICTS } from '../model.js';
import { connectionOf, labelsOf, type Side } from './connection.js';
import { Openers } from './openers.js';

/** One side of the kinds it takes part in. The array of labels is one for each content: the evaluator's cache key. */
export interface ObservedSide extends Side {
  /** As Hubble described it when it was first seen; other pods of the same identity look the same to policies. */
  readonly endpoint: Endpoint;
}

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

interface Entry extends Observation {
  readonly from: Known;
  readonly to: Known;
  readonly code: number;
  /** Seen again since it was last up for being forgotten. */
  isFresh: boolean;
}

/** A side with what it opened. */
interface Known extends ObservedSide {
  /** Its place among the known ones. */
  readonly content: string;
  readonly towards: Map<Known, Map<number, Entry>>;
  /** Kinds that it takes part in; without one it is forgotten. */
  uses: number;
}

class Store implements Observations {
  readonly #capacity: number;
  /** By address where addresses tell them apart. */
  readonly #byEndpoint = new WeakMap<Endpoint, Map<string, Known>>();
  readonly #byContent = new Map<string, Known>();
  /** By host namespace, which no tenant chooses: a flood pushes out its own. */
  readonly #openers = new Openers<Entry>();
  size = 0;
  forgotten = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  take(flow: Flow, verdict: Verdict, seenAt: number): void {
    const from = this.#side(flow.source, flow.sourceIp);
    const to = this.#side(flow.destination, flow.destinationIp);
    let between = from.towards.get(to);
    if (between === undefined) from.towards.set(to, (between = new Map<number, Entry>()));
    const code = codeOf(flow, verdict);
    const known = between.get(code);
    if (known === undefined) this.#add(flow, { from, to, code, verdict, seenAt }, between);
    else again(known, flow, seenAt);
  }

  list(): Observation[] {
    return this.#openers.list();
  }

  #add(
    flow: Flow,
    { from, to, code, verdict, seenAt }: Pick<Entry, 'from' | 'to' | 'code' | 'verdict'> & { seenAt: number },
    between: Map<number, Entry>,
  ): void {
    const { protocol, port, icmpVersion } = connectionOf(flow);
    const entry: Entry = {
      from,
      to,
      code,
      source: from,
      destination: to,
      protocol,
      port,
      icmpVersion,
      verdict,
      count: 1,
      firstSeen: seenAt,
      lastSeen: seenAt,
      example: flow,
      isFresh: false,
    };
    between.set(code, entry);
    from.uses += 1;
    to.uses += 1;
    this.#openers.add(from.endpoint.namespace, entry);
    this.size += 1;
    if (this.size > this.#capacity) this.#forgetOne();
  }

  #forgetOne(): void {
    for (const entry of this.#openers.largest()) {
      const { from, to, code } = entry;
      if (entry.isFresh) {
        entry.isFresh = false;
        this.#openers.putBack(from.endpoint.namespace, entry); // a second chance, behind all others
        continue;
      }
      this.#openers.delete(from.endpoint.namespace, entry);
      const between = from.towards.get(to);
      between?.delete(code);
      if (between?.size === 0) from.towards.delete(to);
      for (const side of [from, to]) {
        side.uses -= 1;
        if (side.uses === 0) this.#forgetSide(side);
      }
      this.size -= 1;
      this.forgotten += 1;
      return;
    }
  }

  #forgetSide({ content, endpoint, ip }: Known): void {
    this.#byContent.delete(content);
    this.#byEndpoint.get(endpoint)?.delete(isAddressed(endpoint) ? ip : '');
  }

  #side(endpoint: Endpoint, ip: string): Known {
    let sides = this.#byEndpoint.get(endpoint);
    // Everybody outside is one endpoint to Hubble, of many addresses.
    const address = sides?.has('') === true || !isAddressed(endpoint) ? '' : ip;
    const known = sides?.get(address);
    if (known !== undefined && known.uses > 0) return known;
    const content = contentOf(endpoint, address);
    let side = this.#byContent.get(content);
    if (side === undefined) {
      side = { labels: labelsOf(endpoint), ip, endpoint, content, towards: new Map(), uses: 0 };
      this.#byContent.set(content, side);
    }
    if (sides === undefined) this.#byEndpoint.set(endpoint, (sides = new Map<string, Known>()));
    // Several descriptions of the world may lead to a side that only one of them forgets.
    if (sides.size > this.#capacity) sides.clear();
    sides.set(address, side);
    return side;
  }
}

function again(entry: Entry, flow: Flow, seenAt: number): void {
  entry.isFresh = true;
  entry.firstSeen = Math.min(entry.firstSeen, seenAt);
  entry.lastSeen = Math.max(entry.lastSeen, seenAt);
  const { example } = entry;
  // One connection is traced at several points on its way, and goes on after it was opened.
  const isSamePoint = flow.eventType === example.eventType && flow.subType === example.subType;
  if (isSamePoint && flow.traceReason !== TraceReason.ESTABLISHED) entry.count += 1;
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

/** Outside the cluster a policy may tell addresses apart. 2^24 to 2^25: a node's own numbers for blocks of them. */
function isAddressed({ labels, identity }: Endpoint): boolean {
  if (labels.length === 0) return [2, 9, 10].includes(identity) || identity >>> 24 === 1;
  return labels.some((label) => label.startsWith('reserved:world') || label.startsWith('cidr:'));
}

/**
 * Two tenants in one namespace may have the same labels, where the cluster leaves
 * vCluster's out of identities; then the name tells them apart.
 */
function contentOf({ labels, identity, namespace, podName, clusterName }: Endpoint, ip: string): string {
  const isNamed = labels.some((label) => label.startsWith('k8s:vcluster.loft.sh/managed-by='));
  const who = labels.length === 0 ? String(identity) : labels.join('\n');
  return [clusterName, namespace, isNamed ? '' : podName, ip, who].join('\n');
}

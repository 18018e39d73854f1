import { LRUCache } from 'lru-cache';
import type { Endpoint } from '../model.js';
import { StringTable } from './strings.js';
import type { Wire } from './wire.js';

/** What an absent endpoint reads as. */
export const NO_ENDPOINT: Endpoint = Object.freeze({
  id: 0,
  identity: 0,
  namespace: '',
  podName: '',
  labels: Object.freeze([]),
  clusterName: '',
});

/** An endpoint is mostly half a kilobyte of labels: the cache as a whole may hold this much for each it is allowed. */
const BYTES_PER_ENDPOINT = 1024;
/**
 * What is larger is read anew each time: a tenant that hangs thousands of labels on a pod must not fill our memory.
 * Below 16,383 also because V8 hashes longer strings by their length alone, which anyone can make collide.
 */
const LARGEST_KEPT = 16_000;

interface Entry {
  readonly hash: number;
  /** All the bytes, a character each. A string, because it is half the size of a Buffer of its own and as fast to compare. */
  readonly bytes: string;
  readonly endpoint: Endpoint;
}

/**
 * Reads `flow.Endpoint`: one object for the same bytes.
 *
 * A flow spends most of its bytes on two endpoints, and a cluster has far fewer
 * endpoints than flows: comparing the bytes with those seen before is the fast
 * way to read one. In front stands a table indexed by a hash of some of the
 * bytes, behind it the bounded cache, whose key is all of them. Both answer by
 * the whole of the bytes and nothing less: whoever makes hashes collide makes
 * us slower, but never makes one endpoint pass for another.
 */
export class EndpointReader {
  private readonly front: (Entry | undefined)[];
  /** The hashes of what stands in front, so that most of what is not meant is not even touched. */
  private readonly hashes: Int32Array;
  private readonly cache: LRUCache<string, Entry>;
  private readonly strings = new StringTable(128);

  /** @param bound how many endpoints are kept at most */
  constructor(bound: number) {
    this.front = new Array<Entry | undefined>(frontSize(bound)).fill(undefined);
    this.hashes = new Int32Array(this.front.length);
    this.cache = new LRUCache<string, Entry>({
      max: bound,
      maxSize: Math.max(bound * BYTES_PER_ENDPOINT, LARGEST_KEPT),
      sizeCalculation: (entry) => entry.bytes.length,
      // What the cache lets go, the front lets go: one bound holds for both.
      dispose: (entry) => this.forget(entry),
    });
  }

  /** The endpoint that is next on the wire, its length first. */
  read(wire: Wire): Endpoint {
    const outer = wire.enter();
    const { bytes, pos, end } = wire;
    if (pos === end) {
      wire.leave(outer);
      return NO_ENDPOINT;
    }
    const hash = sampleHash(bytes, pos, end);
    const key = bytes.toString('latin1', pos, end);
    const known = this.inFront(hash, key) ?? this.behind(key);
    if (known !== undefined) wire.pos = end;
    const endpoint = known === undefined ? this.readNew(wire, hash, key) : known.endpoint;
    wire.leave(outer);
    return endpoint;
  }

  private inFront(hash: number, key: string): Entry | undefined {
    const place = this.place(hash);
    for (let i = place; i <= place + 1; i++) {
      if (this.hashes[i] !== hash) continue;
      const entry = this.front[i];
      if (entry?.bytes === key) return entry;
    }
    return undefined;
  }

  private behind(key: string): Entry | undefined {
    if (key.length > LARGEST_KEPT) return undefined;
    const entry = this.cache.get(key);
    if (entry !== undefined) this.promote(entry);
    return entry;
  }

  private readNew(wire: Wire, hash: number, key: string): Endpoint {
    const endpoint = readEndpoint(wire, this.strings);
    if (key.length > LARGEST_KEPT) return endpoint;
    const entry = { hash, bytes: key, endpoint };
    this.cache.set(key, entry);
    this.promote(entry);
    return endpoint;
  }

  /** The first of the two places in front where an entry may stand. */
  private place(hash: number): number {
    return hash & (this.front.length - 2);
  }

  /** To the first of its places; what stood there moves to the second. */
  private promote(entry: Entry): void {
    const place = this.place(entry.hash);
    this.front[place + 1] = this.front[place];
    this.hashes[place + 1] = this.hashes[place] ?? 0;
    this.front[place] = entry;
    this.hashes[place] = entry.hash;
  }

  private forget(entry: Entry): void {
    const place = this.place(entry.hash);
    if (this.front[place + 1] === entry) this.front[place + 1] = undefined;
    if (this.front[place] === entry) this.front[place] = undefined;
  }
}

/** Gives the one object that stands for all endpoints that are equal to the given one. */
export type EndpointPool = (endpoint: Endpoint) => Endpoint;

/**
 * One Endpoint object for equal endpoints that were not read from bytes: what
 * they say, written out, stands for the bytes.
 */
export function createEndpointPool(bound: number): EndpointPool {
  const cache = new LRUCache<string, Endpoint>({ max: bound });
  return (endpoint) => {
    const key = JSON.stringify(endpoint);
    const known = cache.get(key);
    if (known !== undefined) return known;
    if (key.length <= LARGEST_KEPT) cache.set(key, endpoint);
    return endpoint;
  };
}

/** How deep an endpoint stands in a GetFlowsResponse. */
const DEPTH = 2;

function readEndpoint(wire: Wire, strings: StringTable): Endpoint {
  let id = 0;
  let identity = 0;
  let namespace = '';
  let podName = '';
  let clusterName = '';
  const labels: string[] = [];
  while (wire.pos < wire.end) {
    const tag = wire.uint32();
    switch (tag >>> 3) {
      case 1:
        id = wire.uint32();
        break;
      case 2:
        identity = wire.uint32();
        break;
      case 3:
        namespace = strings.next(wire);
        break;
      case 4:
        labels.push(strings.next(wire));
        break;
      case 5:
        podName = wire.string();
        break;
      case 6:
        skipWorkload(wire);
        break;
      case 7:
        clusterName = strings.next(wire);
        break;
      default:
        wire.skip(tag & 7, DEPTH);
    }
  }
  return { id, identity, namespace, podName, labels, clusterName };
}

/** Not needed, but an endpoint with a broken one is a broken endpoint: `flow.Workload` is two strings. */
function skipWorkload(wire: Wire): void {
  const outer = wire.enter();
  while (wire.pos < wire.end) {
    const tag = wire.uint32();
    const field = tag >>> 3;
    if (field === 1 || field === 2) wire.skipString();
    else wire.skip(tag & 7, DEPTH + 1);
  }
  wire.leave(outer);
}

/** Two places an endpoint and more, so that few share one. */
function frontSize(bound: number): number {
  return 2 ** Math.min(18, Math.max(6, Math.ceil(Math.log2(bound)) + 1));
}

/** How many of an endpoint's last bytes are sampled: the pod's name stands there, before its workload and its cluster. */
const TAIL = 64;

/** Of the length, the first eight bytes (number, identity) and every other one of the last {@link TAIL}. */
function sampleHash(bytes: Buffer, start: number, end: number): number {
  let hash = end - start;
  if (hash < TAIL + 8) {
    for (let i = start; i < end; i++) hash = mix(hash, bytes[i] ?? 0);
  } else {
    hash = mix(mix(hash, word(bytes, start, 1)), word(bytes, start + 4, 1));
    for (let i = end - TAIL; i < end; i += 8) hash = mix(hash, word(bytes, i, 2));
  }
  return hash ^ (hash >>> 15);
}

function mix(hash: number, next: number): number {
  return Math.imul(hash ^ next, 0x9e3779b1);
}

function word(bytes: Buffer, at: number, step: 1 | 2): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + step] ?? 0) << 8) |
    ((bytes[at + 2 * step] ?? 0) << 16) |
    ((bytes[at + 3 * step] ?? 0) << 24)
  );
}

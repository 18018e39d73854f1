import { LRUCache } from 'lru-cache';
import type { Endpoint } from '../model.js';
import { NO_ENDPOINT, readEndpoint } from './endpoint.js';
import { mix, settle, word } from './hash.js';
import { latin1 } from './slices.js';
import { StringTable } from './strings.js';
import type { Wire } from './wire.js';

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
    const length = wire.end - wire.pos;
    let endpoint = NO_ENDPOINT;
    if (length > LARGEST_KEPT) endpoint = readEndpoint(wire, this.strings);
    else if (length > 0) endpoint = this.readKnown(wire);
    wire.leave(outer);
    return endpoint;
  }

  private readKnown(wire: Wire): Endpoint {
    const { bytes, pos, end } = wire;
    const hash = sampleHash(bytes, pos, end);
    const key = latin1(bytes, pos, end);
    const known = this.inFront(hash, key) ?? this.behind(key);
    if (known === undefined) return this.readNew(wire, hash, key);
    wire.pos = end;
    return known.endpoint;
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
    const entry = this.cache.get(key);
    if (entry !== undefined) this.promote(entry);
    return entry;
  }

  private readNew(wire: Wire, hash: number, key: string): Endpoint {
    const endpoint = readEndpoint(wire, this.strings);
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

/** Two places an endpoint and more, so that few share one. */
function frontSize(bound: number): number {
  return 2 ** Math.min(18, Math.max(6, Math.ceil(Math.log2(bound)) + 1));
}

/** How many of an endpoint's last bytes are sampled: the pod's name stands there, before its workload and its cluster. */
const TAIL = 64;

/**
 * Of the length, the first eight bytes (number, identity) and the last {@link TAIL},
 * none left out: the pods of a StatefulSet differ in a single digit.
 */
function sampleHash(bytes: Buffer, start: number, end: number): number {
  let hash = end - start;
  if (hash < TAIL + 8) {
    for (let i = start; i < end; i++) hash = mix(hash, bytes[i] ?? 0);
  } else {
    hash = mix(mix(hash, word(bytes, start)), word(bytes, start + 4));
    for (let i = end - TAIL; i < end; i += 4) hash = mix(hash, word(bytes, i));
  }
  return settle(hash);
}

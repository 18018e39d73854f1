import { LRUCache } from 'lru-cache';
import type { Endpoint } from '../model.js';
import { Arena } from '../tables/arena.js';
import { Hand } from '../tables/hand.js';
import { Places } from '../tables/places.js';
import { NO_ENDPOINT, readEndpoint } from './endpoint.js';
import { mix, settle, word } from '../tables/hash.js';
import { LabelSets, StringTable } from './strings.js';
import type { Wire } from './wire.js';

/** An endpoint is mostly half a kilobyte of labels: all together may have this much for each that is allowed. */
const BYTES_PER_ENDPOINT = 1024;
/** What is larger is read anew each time: a tenant that hangs thousands of labels on a pod must not fill our memory. */
const LARGEST_KEPT = 16_000;
/** Endpoints with one hash that are kept at most: who makes them alike makes us read them anew, and no slower than that. */
const MOST_ALIKE = 16;

/**
 * Reads `flow.Endpoint`: one object for the same bytes.
 *
 * A flow spends most of its bytes on two endpoints, and a cluster has far fewer
 * endpoints than flows: comparing the bytes with those seen before is the fast
 * way to read one. They are found by a hash of some of the bytes and told by the
 * whole of them, nothing less: whoever makes hashes collide makes us slower, but
 * never makes one endpoint pass for another.
 *
 * Bounded in number and in bytes.
 */
export class EndpointReader {
  private readonly bound: number;
  private readonly places = new Places();
  private readonly bytes = new Arena();
  private readonly strings = new StringTable(128);
  private readonly labels = new LabelSets();
  /** By number: what stands in the arena and in `places` under the same one. undefined: free. */
  private readonly endpoints: (Endpoint | undefined)[] = [];
  private hashes = new Int32Array(64);
  private readonly hand = new Hand();

  /** @param bound how many endpoints are kept at most */
  constructor(bound: number) {
    this.bound = bound;
  }

  /** The endpoint that is next on the wire, its length first. */
  read(wire: Wire): Endpoint {
    const outer = wire.enter();
    const length = wire.end - wire.pos;
    let endpoint = NO_ENDPOINT;
    if (length > LARGEST_KEPT) endpoint = readEndpoint(wire, this.strings, this.labels);
    else if (length > 0) endpoint = this.readKnown(wire);
    wire.leave(outer);
    return endpoint;
  }

  private readKnown(wire: Wire): Endpoint {
    const { bytes, pos, end } = wire;
    const hash = sampleHash(bytes, pos, end);
    let alike = 0;
    for (let number = this.places.first(hash); number >= 0; number = this.places.next(hash)) {
      if (this.bytes.equals(number, bytes, pos, end)) {
        wire.pos = end;
        this.hand.touch(number);
        return this.endpoints[number] ?? NO_ENDPOINT;
      }
      alike += 1;
    }
    const endpoint = readEndpoint(wire, this.strings, this.labels);
    if (alike < MOST_ALIKE) this.keep(endpoint, hash, bytes, pos, end);
    return endpoint;
  }

  private keep(endpoint: Endpoint, hash: number, bytes: Buffer, start: number, end: number): void {
    const mostBytes = Math.max(this.bound * BYTES_PER_ENDPOINT, LARGEST_KEPT);
    const room = mostBytes - (end - start);
    let number = this.endpoints.length < this.bound ? this.endpoints.length : this.forgetOne();
    // Those whose number stays free are met by the hand again.
    while (this.bytes.owned > room) number = this.forgetOne();
    if (number === this.hashes.length) this.makeRoom();
    this.endpoints[number] = endpoint;
    this.hashes[number] = hash;
    this.hand.enter(number);
    this.bytes.put(number, bytes, start, end);
    this.places.add(number, hash);
  }

  /** @returns the number that is free now, or was */
  private forgetOne(): number {
    const number = this.hand.choose(this.endpoints.length);
    if (this.endpoints[number] !== undefined) {
      this.endpoints[number] = undefined;
      this.bytes.free(number);
      this.places.remove(number, this.hashes[number] ?? 0);
    }
    return number;
  }

  private makeRoom(): void {
    const hashes = new Int32Array(this.hashes.length * 2);
    hashes.set(this.hashes);
    this.hashes = hashes;
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

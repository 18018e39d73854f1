import { LRUCache } from 'lru-cache';
import type { Endpoint } from '../model.js';
import { grown } from '../tables/grown.js';
import { digest, hashAt, keep, LONGEST, same, WORDS } from '../tables/digest.js';
import { Hand } from '../tables/hand.js';
import { Places } from '../tables/places.js';
import { NO_ENDPOINT, readEndpoint } from './endpoint.js';
import { LabelSets, StringTable } from './strings.js';
import type { Wire } from './wire.js';

/** What is larger is read anew each time: a tenant that hangs thousands of labels on a pod must not fill our memory. */
const LARGEST_KEPT = LONGEST;
/** An endpoint is mostly half a kilobyte of labels: all together may have this much for each that is allowed. */
const BYTES_PER_ENDPOINT = 1024;
const FIRST_PLACES = 64;

/**
 * Reads `flow.Endpoint`: one object for the same bytes.
 *
 * A flow spends most of its bytes on two endpoints, and a cluster has far fewer
 * endpoints than flows: finding the bytes among those seen before is the fast way
 * to read one. They are told by a digest of every one of them, that nobody can
 * make alike for two.
 *
 * Bounded in number and in bytes.
 */
export class EndpointReader {
  private readonly bound: number;
  private readonly places = new Places(4 / 5);
  private readonly strings = new StringTable(128);
  private readonly labels = new LabelSets();
  /** By number: what stands in the columns and in `places` under the same one. undefined: free. */
  private readonly endpoints: (Endpoint | undefined)[] = [];
  private digests = new Int32Array(FIRST_PLACES * WORDS);
  private lengths = new Uint16Array(FIRST_PLACES);
  /** Bytes of all that are kept, as they were read. */
  private owned = 0;
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
    else if (length > 0) endpoint = this.readKnown(wire, length);
    wire.leave(outer);
    return endpoint;
  }

  private readKnown(wire: Wire, length: number): Endpoint {
    const { bytes, pos, end } = wire;
    const hash = digest(bytes, pos, end);
    for (let number = this.places.first(hash); number >= 0; number = this.places.next(hash)) {
      if (!same(this.digests, number * WORDS)) continue;
      wire.pos = end;
      this.hand.touch(number);
      return this.endpoints[number] ?? NO_ENDPOINT;
    }
    const endpoint = readEndpoint(wire, this.strings, this.labels);
    this.enter(endpoint, hash, length);
    return endpoint;
  }

  /** Keeps what was digested last. */
  private enter(endpoint: Endpoint, hash: number, length: number): void {
    const mostBytes = Math.max(this.bound * BYTES_PER_ENDPOINT, LARGEST_KEPT);
    let number = this.endpoints.length < this.bound ? this.endpoints.length : this.forgetOne();
    // Those whose number stays free are met by the hand again.
    while (this.owned + length > mostBytes) number = this.forgetOne();
    if (number === this.lengths.length) this.makeRoom();
    this.endpoints[number] = endpoint;
    keep(this.digests, number * WORDS);
    this.lengths[number] = length;
    this.owned += length;
    this.hand.enter(number);
    this.places.add(number, hash);
  }

  /** @returns the number that is free now, or was */
  private forgetOne(): number {
    const number = this.hand.choose(this.endpoints.length);
    if (this.endpoints[number] !== undefined) {
      this.endpoints[number] = undefined;
      this.owned -= this.lengths[number] ?? 0;
      this.places.remove(number, hashAt(this.digests, number * WORDS));
    }
    return number;
  }

  private makeRoom(): void {
    const size = this.lengths.length * 2;
    this.digests = grown(this.digests, new Int32Array(size * WORDS));
    this.lengths = grown(this.lengths, new Uint16Array(size));
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

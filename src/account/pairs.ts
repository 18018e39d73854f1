/** Who reached whom, as labels say it: a bounded number of pairs, found without their names. */
import type { Party } from '../model.js';
import { mix, settle } from '../tables/hash.js';
import { Places } from '../tables/places.js';

export const OVERFLOW = '__overflow__';

/** What a side is called in labels: a tenant's name, or who it is instead. */
function partyLabel(party: Party): string {
  return party.kind === 'tenant' ? party.tenant.name : `__${party.kind}__`;
}

/** One side of pairs, by its name: after a reload another object stands for a tenant, and its counters go on. */
class Side {
  readonly name: string;
  /** No other of these has it. */
  readonly number: number;
  /** A tenant may be counted in other ones too. */
  readonly among: Sides;

  constructor(name: string, number: number, among: Sides) {
    this.name = name;
    this.number = number;
    this.among = among;
  }
}

/** All sides of any pair, each noted on the tenants that have its name: twice a flow it is found there. */
export class Sides {
  readonly #byName = new Map<string, Side>();
  readonly #platform = this.enter({ kind: 'platform' });
  readonly #world = this.enter({ kind: 'world' });
  readonly #unidentified = this.enter({ kind: 'unidentified' });

  /** Hot. undefined: in no pair yet. */
  of(party: Party): Side | undefined {
    switch (party.kind) {
      case 'tenant': {
        const { account } = party.tenant;
        return account instanceof Side && account.among === this ? account : this.#find(party);
      }
      case 'platform':
        return this.#platform;
      case 'world':
        return this.#world;
      case 'unidentified':
        return this.#unidentified;
    }
  }

  /** One that is in no pair yet. */
  enter(party: Party): Side {
    const name = partyLabel(party);
    const side = new Side(name, this.#byName.size, this);
    this.#byName.set(name, side);
    return side;
  }

  #find(party: Extract<Party, { kind: 'tenant' }>): Side | undefined {
    const side = this.#byName.get(party.tenant.name);
    if (side !== undefined) party.tenant.account = side;
    return side;
  }
}

/** @typeParam Kept what is counted of a pair */
export interface Pair<Kept> {
  readonly source: string;
  readonly destination: string;
  readonly isOverflow: boolean;
  readonly kept: Kept;
}

interface Known<Kept> extends Pair<Kept> {
  readonly from: number;
  readonly to: number;
}

/** A bounded set of pairs; those beyond the bound share one. */
export class Pairs<Kept> {
  readonly #sides: Sides;
  readonly #bound: number;
  readonly #make: () => Kept;
  readonly #pairs: Known<Kept>[] = [];
  readonly #places = new Places();
  /** As they are listed: together with those of the same source. */
  readonly #bySource = new Map<number, Known<Kept>[]>();
  readonly #beyond: Pair<Kept>;

  /** @param make what a new pair begins with */
  constructor(sides: Sides, bound: number, make: () => Kept) {
    this.#sides = sides;
    this.#bound = bound;
    this.#make = make;
    this.#beyond = { source: OVERFLOW, destination: OVERFLOW, isOverflow: true, kept: make() };
  }

  get size(): number {
    return this.#pairs.length;
  }

  /** Hot. */
  of(source: Party, destination: Party): Pair<Kept> {
    const from = this.#sides.of(source);
    const to = this.#sides.of(destination);
    return this.#find(from, to) ?? this.#enter(source, destination);
  }

  *[Symbol.iterator](): Iterator<Kept> {
    for (const pairs of this.#bySource.values()) for (const { kept } of pairs) yield kept;
    yield this.#beyond.kept;
  }

  #find(from: Side | undefined, to: Side | undefined): Known<Kept> | undefined {
    if (from === undefined || to === undefined) return undefined;
    const hash = hashOf(from.number, to.number);
    for (let place = this.#places.first(hash); place >= 0; place = this.#places.next(hash)) {
      const pair = this.#pairs[place];
      if (pair?.from === from.number && pair.to === to.number) return pair;
    }
    return undefined;
  }

  #enter(source: Party, destination: Party): Pair<Kept> {
    if (this.size >= this.#bound) return this.#beyond;
    const from = this.#sides.of(source) ?? this.#sides.enter(source);
    // Looked for once more: the source may have been entered just now.
    const to = this.#sides.of(destination) ?? this.#sides.enter(destination);
    const pair = {
      source: from.name,
      destination: to.name,
      isOverflow: false,
      kept: this.#make(),
      from: from.number,
      to: to.number,
    };
    this.#places.add(this.size, hashOf(pair.from, pair.to));
    this.#pairs.push(pair);
    const ofSource = this.#bySource.get(pair.from);
    if (ofSource === undefined) this.#bySource.set(pair.from, [pair]);
    else ofSource.push(pair);
    return pair;
  }
}

function hashOf(from: number, to: number): number {
  return settle(mix(mix(0, from), to));
}

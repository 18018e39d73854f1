/**
 * The rules that apply to a side in one direction, prepared for being asked about
 * many others: who the rules are about is looked up by a label, and remembered.
 */
import type { Side } from './connection.js';
import type { RuleRef } from './decision.js';
import { matchPeers, type MatchOptions } from './match.js';
import type { Peer, Rule } from './rule.js';
import type { Selector } from './selector.js';
import type { KnownSide } from './subject.js';
import { all, any, type Ternary } from './ternary.js';

/** A rule whose subject the side is, or may be. */
export interface Applied {
  readonly rule: Rule;
  readonly applies: Ternary;
}

/** A rule that is about the other side, or may be. */
export interface About {
  readonly rule: Rule;
  readonly certain: Ternary;
  /** Its place among those that apply. */
  readonly index: number;
}

export class Applicable {
  readonly applied: readonly Applied[];
  /** Those that deny what none allows, and whether any of them surely applies. */
  readonly deciding: readonly Applied[];
  readonly defaultDeny: Ternary;
  /** The same as references, one array for all that it denies. */
  readonly decidingRefs: readonly RuleRef[];
  readonly #options: MatchOptions;
  readonly #byLabel = new Map<string, number[]>();
  readonly #always: number[] = [];
  /** Without those about addresses, which differ behind the same labels. */
  readonly #known = new Map<KnownSide, readonly About[]>();
  readonly #addressed: readonly number[];

  constructor(applied: readonly Applied[], options: MatchOptions) {
    this.applied = applied;
    this.deciding = applied.filter(({ rule }) => rule.defaultDeny);
    this.defaultDeny = any(this.deciding.map(({ applies }) => applies));
    this.decidingRefs = refsOf(this.deciding);
    this.#options = options;
    this.#addressed = applied.flatMap(({ rule }, index) => (isAddressed(rule) ? [index] : []));
    const counts = new Map<string, number>();
    for (const { rule } of applied)
      for (const key of keysOf(rule)?.flat() ?? []) counts.set(key, (counts.get(key) ?? 0) + 1);
    for (const [index, { rule }] of applied.entries())
      if (!isAddressed(rule)) this.#file(rule, index, counts);
  }

  /** Under the rarest of the labels that each peer asks for. */
  #file(rule: Rule, index: number, counts: ReadonlyMap<string, number>): void {
    const keys = keysOf(rule)?.map((some) =>
      some.reduce((rarest, key) => ((counts.get(key) ?? 0) < (counts.get(rarest) ?? 0) ? key : rarest)),
    );
    if (keys === undefined) this.#always.push(index);
    for (const key of new Set(keys)) {
      const filed = this.#byLabel.get(key);
      if (filed === undefined) this.#byLabel.set(key, [index]);
      else filed.push(index);
    }
  }

  /** In the rules' order. */
  about(other: KnownSide, address: Side): readonly About[] {
    let known = this.#known.get(other);
    if (known === undefined)
      this.#known.set(other, (known = this.#those(this.#candidates(other), other, address)));
    if (this.#addressed.length === 0) return known;
    const addressed = this.#those(this.#addressed, other, address);
    return addressed.length === 0 ? known : [...known, ...addressed].sort((a, b) => a.index - b.index);
  }

  #those(indexes: readonly number[], other: KnownSide, address: Side): readonly About[] {
    return indexes.flatMap((index) => {
      const one = this.applied[index];
      if (one === undefined) return [];
      const certain = all([one.applies, matchPeers(one.rule, other, address, this.#options)]);
      return certain === 'no' ? [] : [{ rule: one.rule, certain, index }];
    });
  }

  #candidates(other: KnownSide): number[] {
    // Whoever has no labels may be anybody.
    if (other.kind === 'unknown')
      return this.applied.flatMap(({ rule }, index) => (isAddressed(rule) ? [] : [index]));
    const found = new Set(this.#always);
    for (const { key, value } of other.labels)
      for (const index of this.#byLabel.get(`${key}=${value}`) ?? []) found.add(index);
    return [...found].sort((a, b) => a - b);
  }
}

function isAddressed({ peers }: Rule): boolean {
  return peers !== 'nobody' && peers.some(({ kind }) => kind === 'block');
}

/** @returns for each peer the labels of which one is enough to find it; undefined where one has none */
function keysOf({ peers }: Rule): string[][] | undefined {
  if (peers === 'nobody') return [];
  const keys = peers.map((peer: Peer) => (peer.kind === 'labels' ? equalities(peer.selector) : []));
  return keys.length === 0 || keys.some((some) => some.length === 0) ? undefined : keys;
}

/** What labels must equal, where there is one value only. */
function equalities(selector: Selector): string[] {
  return selector.flatMap(({ operator, key, values: [value, ...more] }) =>
    operator === 'In' && value !== undefined && more.length === 0 ? [`${key}=${value}`] : [],
  );
}

/** Each rule once. */
export function refsOf(from: readonly { readonly rule: Rule }[]): RuleRef[] {
  return [...new Set(from.map(({ rule }) => rule))].map(({ policy, path }) => ({ policy, path }));
}

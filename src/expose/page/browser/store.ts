/** What the page knows. Bounded: what a day brings takes no more room than what ten minutes bring. */
import type {
  ChangesReport,
  CrossingReport,
  GlanceReport,
  MatrixPair,
  MatrixReport,
  StatusReport,
  TenantReport,
} from '../../api.js';
import { crossingKey, pairKey, pairVersion } from '../identity.js';

/** A crossing with what it is found by. */
export interface Entry {
  readonly key: string;
  readonly crossing: CrossingReport;
  /** What a person may look for, in small letters. */
  readonly words: string;
}

/** Ten times what the analyzer keeps by default; about 30 MB. */
export const MOST_CROSSINGS = 10_000;

export class Store {
  glance: GlanceReport | undefined;
  status: StatusReport | undefined;
  tenants: readonly TenantReport[] = [];
  pairs = new Map<string, MatrixPair>();
  /** Newest first. */
  crossings: readonly Entry[] = [];
  /** Grows whenever pairs or tenants, or crossings change: what was made of them is to be made again. */
  matrixVersion = 0;
  crossingsVersion = 0;
  /** Whether it was ever read, so that nothing is not taken for none. */
  hasMatrix = false;
  hasCrossings = false;
  /** More changed than the stream could tell. */
  isBehind = false;
  #time: { readonly server: number; readonly heard: number } | undefined;
  #known = new Map<string, Entry>();

  /** The analyzer's clock, milliseconds since the epoch: ours may be wrong. */
  now(): number {
    return this.#time === undefined ? Date.now() : this.#time.server + (performance.now() - this.#time.heard);
  }

  tell(report: ChangesReport): void {
    this.glance = report.glance;
    this.#time = { server: Date.parse(report.glance.time), heard: performance.now() };
    for (const pair of report.pairs) this.#pair(pair);
    if (report.crossings.length > 0) this.addCrossings(report.crossings);
    if (report.incomplete) this.isBehind = true;
  }

  /** What is in `report` is whole: pairs that it lacks are no more. What the stream told meanwhile may be newer. */
  setMatrix(report: MatrixReport): void {
    const before = this.pairs;
    this.pairs = new Map();
    for (const pair of report.pairs) {
      const key = pairKey(pair.source, pair.destination);
      const known = before.get(key);
      this.pairs.set(key, known !== undefined && pairVersion(known) > pairVersion(pair) ? known : pair);
    }
    this.hasMatrix = true;
    this.matrixVersion += 1;
  }

  setTenants(tenants: readonly TenantReport[]): void {
    this.tenants = tenants;
    this.matrixVersion += 1;
  }

  /** Of an analyzer that has started anew, nothing from before is kept. @returns whether it has */
  setStatus(status: StatusReport): boolean {
    const isNew = this.status !== undefined && this.status.startedAt !== status.startedAt;
    this.status = status;
    if (isNew) {
      this.pairs = new Map();
      this.#known = new Map();
      this.crossings = [];
      this.matrixVersion += 1;
      this.crossingsVersion += 1;
    }
    return isNew;
  }

  addCrossings(told: readonly CrossingReport[]): void {
    const fresh: Entry[] = [];
    let hasChanged = false;
    for (const crossing of told) {
      const key = crossingKey(crossing);
      const known = this.#known.get(key);
      if (known !== undefined && known.crossing.count >= crossing.count) continue;
      const entry = { key, crossing, words: known?.words ?? wordsOf(crossing) };
      this.#known.set(key, entry);
      if (known === undefined) fresh.push(entry);
      else hasChanged = true;
    }
    this.hasCrossings = true;
    if (fresh.length === 0 && !hasChanged) return;
    const kept = hasChanged
      ? this.crossings.map((entry) => this.#known.get(entry.key) ?? entry)
      : this.crossings;
    this.crossings = this.#cut(merged(fresh, kept));
    this.crossingsVersion += 1;
  }

  #cut(crossings: readonly Entry[]): readonly Entry[] {
    for (const { key } of crossings.slice(MOST_CROSSINGS)) this.#known.delete(key);
    return crossings.length > MOST_CROSSINGS ? crossings.slice(0, MOST_CROSSINGS) : crossings;
  }

  #pair(pair: MatrixPair): void {
    this.pairs.set(pairKey(pair.source, pair.destination), pair);
    this.matrixVersion += 1;
  }
}

/** Times of one width sort as texts. What comes is newer than what is there, but for a first reading. */
function merged(fresh: Entry[], kept: readonly Entry[]): Entry[] {
  const newestFirst = (a: Entry, b: Entry): number =>
    a.crossing.time === b.crossing.time ? 0 : a.crossing.time > b.crossing.time ? -1 : 1;
  fresh.sort(newestFirst);
  const [newest] = kept;
  const oldest = fresh.at(-1);
  if (newest === undefined || oldest === undefined || oldest.crossing.time >= newest.crossing.time)
    return [...fresh, ...kept];
  return [...fresh, ...kept].sort(newestFirst);
}

function wordsOf({ source, destination, node, policies, reason }: CrossingReport): string {
  const sides = [source, destination].flatMap(
    ({ tenant, namespace, pod, virtualNamespace, virtualPod, address }) => [
      tenant,
      `${namespace}/${pod}`,
      `${virtualNamespace ?? ''}/${virtualPod ?? ''}`,
      address,
    ],
  );
  return [...sides, node, ...policies, reason ?? ''].join('\n').toLowerCase();
}

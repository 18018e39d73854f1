import { coveredUntil } from './coverage.js';
import { type CursorStore, type Marks, readMarks, writeMarks } from './marks.js';
import type { Nodes } from './nodes.js';

/** Re-read before the last proof: nodes' clocks differ from ours, and the relay sorts. */
const OVERLAP_MS = 30_000;
/** A node that has been away for longer no longer makes every re-read reach back to it. */
const LONG_AWAY_MS = 3_600_000;

/** From when on the next stream is to be read. Times are milliseconds since the epoch. */
export class Resume {
  private readonly nodes: Nodes;
  private readonly store: CursorStore | undefined;
  /** Where the first stream begins; later ones never go back further, unless a node keeps back what is younger. */
  private readonly floor: number;
  /** No earlier process left word of where it stood. */
  readonly isFirstStart: boolean;
  /** How far back a silent node is known to keep flows from us. */
  private reach = Infinity;
  private proven = false;

  /** Takes over what an earlier process left in the store; else begins `flowsSinceMs` before now. */
  constructor(options: {
    nodes: Nodes;
    store: CursorStore | undefined;
    flowsSinceMs: number;
    now: number;
    trouble: (message: string) => void;
  }) {
    const { nodes, store, flowsSinceMs, now, trouble } = options;
    this.nodes = nodes;
    this.store = store;
    const found = store === undefined ? undefined : readMarks(store);
    if (found === 'unusable')
      trouble('the cursor in the state file is not of a form this version knows; starting without it');
    this.isFirstStart = found === undefined || found === 'unusable';
    this.floor = found === undefined || found === 'unusable' ? now - flowsSinceMs : this.inherit(found, now);
  }

  /** A stream brought something: from now on it is known what each node still owes. */
  worked(): void {
    this.proven = true;
  }

  /** The next stream must bring what happened at `time` (of the node's clock) too. */
  reachBack(time: number): void {
    this.reach = Math.min(this.reach, time);
  }

  /** Where the stream that is opened now has to begin. */
  since(now: number): number {
    const usual = this.proven ? Math.max(this.floor, this.earliestDebt(now) - OVERLAP_MS) : this.floor;
    const since = Math.min(usual, this.reach - OVERLAP_MS);
    this.reach = Infinity;
    return since;
  }

  /** Hands the marks to the store; they reach the disk with its next flush. */
  save(now: number): void {
    if (this.store !== undefined) writeMarks(this.store, this.nodes, now);
  }

  private inherit({ savedAt, nodes }: Marks, now: number): number {
    this.nodes.knownUntil = Math.min(savedAt, now);
    let earliest = Math.min(savedAt, now);
    for (const [name, inherited] of nodes) {
      this.nodes.get(name, now, inherited);
      earliest = Math.min(earliest, inherited.coveredUntil);
    }
    return earliest - OVERLAP_MS;
  }

  private earliestDebt(now: number): number {
    let earliest = now;
    for (const node of this.nodes) {
      if (node.name === '') continue;
      const until = node.gap?.from ?? coveredUntil(node);
      const away = node.state !== 'connected' && until < now - LONG_AWAY_MS;
      if (!away) earliest = Math.min(earliest, until);
    }
    return earliest;
  }
}

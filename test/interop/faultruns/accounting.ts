/** Holds what Crosstalk counted and announced to what really happened. */
import type { LogLine, Samples } from '../crosstalk.js';
import type { Outcome, TrueConnection } from '../truth.js';

/** Time that was announced as unseen, of one node. */
export interface Announced {
  readonly node: string;
  readonly from: number;
  readonly to: number;
  readonly causes: readonly string[];
}

/** How far an announced gap is from the true one, in ms; positive: more was announced than was missing. */
export interface Misfit extends Announced {
  readonly before: number;
  readonly after: number;
  readonly missing: number;
}

export interface Account {
  readonly connections: number;
  readonly counted: number;
  /** Counted more than once. */
  readonly twice: readonly TrueConnection[];
  /** More packets of them were counted than there were. */
  readonly repeated: readonly TrueConnection[];
  readonly missing: readonly TrueConnection[];
  /** Counted under a verdict that neither happened nor can be taken for it when the AUDIT was lost. */
  readonly misjudged: readonly TrueConnection[];
  /** Missing packets outside announced time, beyond what the node was said to have lost. */
  readonly unaccounted: readonly { readonly node: string; readonly time: number; readonly away: number }[];
  readonly gaps: readonly Misfit[];
  readonly lost: Readonly<Record<string, number>>;
}

/** Announced time and truth may be this far apart. */
export const TOLERANCE_MS = 1_000;

interface Told {
  readonly samples: Samples;
  readonly log: readonly LogLine[];
  readonly lostByNode: Readonly<Record<string, number>>;
}

export function account(begun: readonly TrueConnection[], told: readonly Told[]): Account {
  // Where traffic ended between an AUDIT and its connection, there is none.
  const connections = begun.filter(({ packets }) => packets.length > 0);
  const counts = countsOf(told);
  const times = (of: TrueConnection): number => counts.get(keyOf(of))?.connections ?? 0;
  const missing = connections.filter((one) => times(one) === 0);
  const announced = announcedIn(told.flatMap(({ log }) => log));
  const lost = lostOf(told);
  return {
    connections: connections.length,
    counted: connections.length - missing.length,
    twice: connections.filter((one) => times(one) > 1),
    repeated: connections.filter((one) => (counts.get(keyOf(one))?.packets ?? 0) > one.packets.length),
    missing,
    misjudged: connections.filter((one) => isMisjudged(one, counts.get(keyOf(one)))),
    unaccounted: [...new Set(missing.map(({ node }) => node))].flatMap((node) =>
      unaccounted(
        missing.filter((one) => one.node === node),
        announced,
        lost[node] ?? 0,
      ),
    ),
    gaps: announced.map((gap) => misfit(gap, missing, (lost[gap.node] ?? 0) > 0)),
    lost,
  };
}

interface Counts {
  connections: number;
  packets: number;
  readonly verdicts: Set<string>;
}

function keyOf({ source, destination }: { source: string; destination: string }): string {
  return `${source} ${destination}`;
}

const SAMPLE =
  /^crosstalk_(cross_tenant_connections|tenant_flows)_total\{source_tenant="([^"]+)",destination_tenant="([^"]+)",(.*)\}$/;

function countsOf(told: readonly Told[]): ReadonlyMap<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const [sample, value] of told.flatMap(({ samples }) => Object.entries(samples))) {
    const [, family, source = '', destination = '', rest = ''] = SAMPLE.exec(sample) ?? [];
    if (family === undefined || value === 0) continue;
    const key = keyOf({ source, destination });
    const of = counts.get(key) ?? { connections: 0, packets: 0, verdicts: new Set<string>() };
    counts.set(key, of);
    if (family === 'tenant_flows') of.packets += value;
    else {
      of.connections += value;
      of.verdicts.add(/verdict="(\w+)"/.exec(rest)?.[1] ?? '');
    }
  }
  return counts;
}

/** An audited connection whose AUDIT verdict was lost counts as allowed: the graver word. */
const MAY_COUNT_AS: Readonly<Record<Outcome, readonly string[]>> = {
  allowed: ['allowed'],
  audited: ['audited', 'allowed'],
  denied: ['denied'],
};

function isMisjudged({ outcome }: TrueConnection, counts: Counts | undefined): boolean {
  return [...(counts?.verdicts ?? [])].some((verdict) => !MAY_COUNT_AS[outcome].includes(verdict));
}

function lostOf(told: readonly Told[]): Record<string, number> {
  const lost: Record<string, number> = {};
  for (const [node, count] of told.flatMap(({ lostByNode }) => Object.entries(lostByNode)))
    lost[node] = (lost[node] ?? 0) + count;
  return lost;
}

/** What the log announced, by node; what overlaps is one. */
function announcedIn(log: readonly LogLine[]): readonly Announced[] {
  const lines = log
    .filter(({ event }) => event === 'flows_unseen')
    .flatMap(({ nodes, from, to, cause }) =>
      (nodes as readonly string[]).map((node) => ({
        node,
        from: Date.parse(String(from)),
        to: Date.parse(String(to)),
        causes: [String(cause)],
      })),
    )
    .sort((a, b) => a.from - b.from);
  const merged: Announced[] = [];
  for (const gap of lines) {
    const at = merged.findIndex(({ node, to }) => node === gap.node && to >= gap.from);
    const known = merged[at];
    if (known === undefined) merged.push(gap);
    else merged[at] = { ...known, to: Math.max(known.to, gap.to), causes: [...known.causes, ...gap.causes] };
  }
  return merged;
}

function away({ node, time }: { node: string; time: number }, announced: readonly Announced[]): number {
  const distances = announced
    .filter((gap) => gap.node === node)
    .map(({ from, to }) => Math.max(0, from - time, time - to));
  return Math.min(Infinity, ...distances);
}

/** Nothing, as long as the node's reports of loss cover what is missing outside of announced time. */
function unaccounted(
  missing: readonly TrueConnection[],
  announced: readonly Announced[],
  lost: number,
): Account['unaccounted'] {
  const outside = missing
    .flatMap(({ node, packets }) => packets.map((time) => ({ node, time })))
    .map((packet) => ({ ...packet, away: away(packet, announced) }))
    .filter((packet) => packet.away > TOLERANCE_MS);
  return outside.length <= lost ? [] : outside;
}

function misfit(gap: Announced, missing: readonly TrueConnection[], hasLost: boolean): Misfit {
  // What Hubble reported lost may lie beside a gap, and is no part of it.
  const around = hasLost ? 0 : TOLERANCE_MS;
  const within = missing
    .filter(({ node }) => node === gap.node)
    .flatMap(({ packets }) => packets)
    .filter((time) => time >= gap.from - around && time <= gap.to + around);
  const whole = gap.to - gap.from;
  const first = Math.min(...within);
  const last = Math.max(...within);
  return within.length === 0
    ? { ...gap, before: whole, after: 0, missing: 0 }
    : { ...gap, before: first - gap.from, after: gap.to - last, missing: within.length };
}

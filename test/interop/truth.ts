/** What really happened, to hold against what Crosstalk says. Times are milliseconds since the epoch. */

export type Outcome = 'allowed' | 'audited' | 'denied';

/** One connection between two tenants that no other connection is between: its counters tell of it alone. */
export interface TrueConnection {
  readonly source: string;
  readonly destination: string;
  readonly node: string;
  readonly outcome: Outcome;
  /** Of the packets that count it, in order. */
  readonly packets: number[];
  /** Of the policy verdict AUDIT that came before. */
  auditedAt: number | undefined;
}

/** Pairs of tenants, each used once; the names of both sides never meet. */
export function pairOf(index: number): { source: string; destination: string } {
  return { source: `from-${index % TENANTS}`, destination: `to-${Math.floor(index / TENANTS)}` };
}

/** A square of tenants is as many connections as a run may have. */
const TENANTS = 200;

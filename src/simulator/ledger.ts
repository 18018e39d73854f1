import { outcomeOf, type Attempt } from './connections.js';

/** The truth about one attempt, known from the script alone. */
export interface LedgerConnection {
  readonly startedAt: number;
  /** Tenants' display names, or `__platform__` / `__world__`. */
  readonly source: string;
  readonly destination: string;
  readonly verdict: 'allowed' | 'audited' | 'denied';
  readonly protocol: Attempt['protocol'];
  readonly port: number | undefined;
  /** Of events that prove an arrival at the server. */
  readonly arrivals: ProvingEvent[];
  /** Of events that prove a refusal. */
  readonly denials: ProvingEvent[];
}

export interface ProvingEvent {
  readonly uuid: string;
  readonly time: number;
  readonly node: string;
  /** false: no agent was there to see it, so no analyzer can. */
  readonly observed: boolean;
}

/**
 * What was really attempted: counted when the attempt is made, not read off
 * the events, so that a test compares an analyzer with the script and not with
 * a second analyzer.
 */
export class Ledger {
  /** Every attempt, in order; stays empty where only counts are kept. */
  readonly connections: LedgerConnection[] = [];
  readonly #counts = new Map<string, number>();
  readonly #keepConnections: boolean;
  #flows = 0;
  #unobserved = 0;

  /** @param keep `counts`: for a simulator that runs for hours */
  constructor(keep: 'connections' | 'counts' = 'connections') {
    this.#keepConnections = keep === 'connections';
  }

  /** Flows that reached some node's ring. */
  get flows(): number {
    return this.#flows;
  }

  /** Flows that happened while their node's agent was dead or frozen. */
  get unobserved(): number {
    return this.#unobserved;
  }

  begin(attempt: Attempt, startedAt: number): LedgerConnection {
    const connection: LedgerConnection = {
      startedAt,
      source: attempt.from.owner,
      destination: attempt.to.owner,
      verdict: outcomeOf(attempt),
      protocol: attempt.protocol,
      port: attempt.port,
      arrivals: [],
      denials: [],
    };
    const key = keyOf(connection.source, connection.destination, connection.verdict);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    if (this.#keepConnections) this.connections.push(connection);
    return connection;
  }

  /** One event has happened. */
  event(connection: LedgerConnection, proves: 'arrival' | 'denial' | undefined, event: ProvingEvent): void {
    if (event.observed) this.#flows++;
    else this.#unobserved++;
    if (!this.#keepConnections || proves === undefined) return;
    (proves === 'arrival' ? connection.arrivals : connection.denials).push(event);
  }

  /** How many attempts there were from one party to another with this outcome. */
  count(source: string, destination: string, verdict: LedgerConnection['verdict']): number {
    return this.#counts.get(keyOf(source, destination, verdict)) ?? 0;
  }

  /** All counts between two different tenants. */
  crossings(): { source: string; destination: string; verdict: string; connections: number }[] {
    return [...this.#counts]
      .map(([key, connections]) => {
        const [source = '', destination = '', verdict = ''] = key.split('\n');
        return { source, destination, verdict, connections };
      })
      .filter(
        ({ source, destination }) => source !== destination && isTenant(source) && isTenant(destination),
      );
  }
}

function isTenant(party: string): boolean {
  return !party.startsWith('__');
}

function keyOf(source: string, destination: string, verdict: string): string {
  return `${source}\n${destination}\n${verdict}`;
}

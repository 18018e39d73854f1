/**
 * Recorded flows through the same stages as the daemon's, and a report of what
 * they tell. The clock is the flows' own.
 */
import { createLedger } from './account/ledger.js';
import type { Config } from './config/config.js';
import type { CrossingReport } from './expose/api.js';
import { crossingReport, rfc3339 } from './expose/reports.js';
import { createLineReader } from './hubble/recorded.js';
import {
  EVENT_WORDS,
  type Crossing,
  type Evidence,
  type EventWord,
  type Flow,
  type HubbleEvent,
  type Relation,
  type UnreadableReason,
  type Verdict,
} from './model.js';
import { createPipeline } from './pipeline.js';
import { createObservations } from './policy/observed.js';
import type { Watched } from './policy/watched.js';
import { createAttribution } from './tenancy/attribution.js';
import { createConnections } from './traffic/connections.js';
import { departure } from './traffic/departure.js';
import { createExpected } from './traffic/expected.js';
import { judge } from './traffic/judge.js';
import { relate } from './traffic/relation.js';
import { createVerdicts } from './traffic/verdicts.js';

export interface Replay {
  /** One line of a recording; `where` names it in the report (`file:line`). */
  line(text: string, where: string): void;
  report(): ReplayReport;
  /** What policies can be asked about. */
  watched(): Watched;
}

export interface ReplayReport {
  /** Lines that were not blank. */
  readonly lines: number;
  readonly flows: number;
  readonly duplicates: number;
  readonly events: Readonly<Record<EventWord, number>>;
  /** Lines that told nothing of a flow, by reason, with the first of each. */
  readonly skipped: readonly {
    readonly reason: SkipReason;
    readonly count: number;
    readonly first: string;
  }[];
  /** First and last flow's time, RFC 3339; undefined when no flow had one. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly nodes: readonly string[];
  readonly lostEvents: number;
  readonly tenants: readonly {
    readonly name: string;
    readonly endpoints: Readonly<Partial<Record<Evidence, number>>>;
  }[];
  readonly conflicts: number;
  readonly traffic: readonly {
    readonly source: string;
    readonly destination: string;
    readonly relation: Relation;
    readonly verdict: Verdict;
    readonly flows: number;
  }[];
  readonly crossings: readonly CrossingGroup[];
  /** Connections that arrived between tenants without an agreement. */
  readonly unexpected: number;
}

export interface CrossingGroup {
  readonly source: string;
  readonly destination: string;
  readonly verdict: Verdict;
  readonly expected: boolean;
  readonly connections: number;
  /** `80/tcp`, `icmp`; most used first. */
  readonly ports: readonly string[];
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** The first connection of the group. */
  readonly example: CrossingReport;
}

/** What a line may be instead of a flow. */
export type SkipReason = UnreadableReason | 'node_status' | 'lost_events' | 'no_flow';

/** Uuids kept to tell a flow that was recorded twice; a recording is read by one person, not for weeks. */
const MOST_UUIDS = 1_000_000;

interface Group extends Omit<CrossingGroup, 'ports' | 'firstSeen' | 'lastSeen' | 'connections'> {
  connections: number;
  readonly byPort: Map<string, number>;
  first: number;
  last: number;
}

/** @param settings tenancy, agreements and limits; the rest of a configuration is about a running daemon */
export function createReplay(settings: Pick<Config, 'tenancy' | 'expected' | 'limits'>): Replay {
  return new Recording(settings);
}

class Recording implements Replay {
  #lines = 0;
  #flows = 0;
  #duplicates = 0;
  #conflicts = 0;
  #lost = 0;
  #now = 0;
  #from = Infinity;
  #to = -Infinity;
  readonly #skipped = new Map<SkipReason, { count: number; first: string }>();
  readonly #nodes = new Set<string>();
  readonly #uuids = new Set<string>();
  readonly #groups = new Map<string, Group>();
  readonly #read = createLineReader();
  readonly #ledger;
  readonly #attribution;
  readonly #take;
  readonly #observations = createObservations();
  readonly #findAgreement;
  readonly #cluster: string;

  constructor({ tenancy, expected, limits }: Pick<Config, 'tenancy' | 'expected' | 'limits'>) {
    this.#ledger = createLedger(limits.tenantPairs);
    this.#findAgreement = createExpected(expected);
    this.#cluster = tenancy.cluster;
    this.#attribution = createAttribution({
      rules: tenancy,
      endpoints: limits.endpoints,
      observe: { attributed: () => undefined, conflict: () => (this.#conflicts += 1) },
    });
    this.#take = createPipeline({
      judge,
      attribute: (endpoint) => this.#attribution.attribute(endpoint),
      relate,
      verdicts: createVerdicts(),
      connections: createConnections(limits.trackedConnections),
      findAgreement: this.#findAgreement,
      ledger: this.#ledger,
      departure,
      observed: (...seen) => this.#observations.take(...seen),
      crossed: (crossing) => this.#crossed(crossing),
    });
  }

  line(text: string, where: string): void {
    const event = this.#read(text);
    if (event === undefined) return;
    this.#lines += 1;
    if (event.kind === 'flow') this.#flow(event, event.flow);
    else this.#other(event, where);
  }

  #flow(event: HubbleEvent, flow: Flow): void {
    const uuid = String(flow.uuid);
    if (uuid !== '') {
      if (this.#uuids.has(uuid)) {
        this.#duplicates += 1;
        return;
      }
      if (this.#uuids.size < MOST_UUIDS) this.#uuids.add(uuid);
    }
    this.#flows += 1;
    if (flow.nodeName !== '') this.#nodes.add(flow.nodeName);
    if (flow.time !== undefined) {
      this.#from = Math.min(this.#from, flow.time);
      this.#to = Math.max(this.#to, flow.time);
      // Files of several nodes one after another: time goes back, forgetting does not.
      this.#now = Math.max(this.#now, flow.time);
    }
    this.#take(event, { receivedAt: this.#now, seenAt: flow.time ?? this.#now });
  }

  #other(event: Exclude<HubbleEvent, { kind: 'flow' }>, where: string): void {
    if (event.kind === 'lost_events') this.#lost += event.count;
    if (event.kind === 'unreadable') this.#take(event, { receivedAt: this.#now, seenAt: this.#now });
    const reason =
      event.kind === 'unreadable' ? event.reason : event.kind === 'unknown' ? 'no_flow' : event.kind;
    const known = this.#skipped.get(reason);
    if (known === undefined) this.#skipped.set(reason, { count: 1, first: where });
    else known.count += 1;
  }

  #crossed(crossing: Crossing): void {
    this.#ledger.crossing(crossing);
    const { source, destination, occurrence, agreement, flow, seenAt } = crossing;
    const expected = agreement !== undefined;
    const names = { source: source.tenant.name, destination: destination.tenant.name };
    const key = `${names.source} ${names.destination} ${occurrence.verdict} ${expected}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      const example = crossingReport({ crossing, firstSeen: seenAt, lastSeen: seenAt, count: 1 });
      const { verdict } = occurrence;
      group = {
        ...names,
        verdict,
        expected,
        connections: 0,
        byPort: new Map(),
        first: seenAt,
        last: seenAt,
        example,
      };
      this.#groups.set(key, group);
    }
    group.first = Math.min(group.first, seenAt);
    group.last = Math.max(group.last, seenAt);
    if (!occurrence.isNew) return;
    group.connections += 1;
    const port = portText(flow);
    group.byPort.set(port, (group.byPort.get(port) ?? 0) + 1);
  }

  watched(): Watched {
    const hasTime = this.#to >= this.#from;
    return {
      observations: this.#observations.list(),
      who: (endpoint) => this.#attribution.attribute(endpoint),
      relate,
      agreed: (source, destination, { l4 }, at) =>
        this.#findAgreement(source.name, destination.name, l4, at) !== undefined,
      cluster: this.#cluster,
      coverage: {
        from: hasTime ? this.#from : undefined,
        to: hasTime ? this.#to : undefined,
        nodes: this.#nodes.size,
        nodesNotSeen: [],
        lostEvents: this.#lost,
        blindSeconds: 0,
        forgotten: this.#observations.forgotten,
        filter: 'recording',
      },
    };
  }

  report(): ReplayReport {
    const groups = [...this.#groups.values()].filter(({ connections }) => connections > 0);
    const events = EVENT_WORDS.map((word) => [word, this.#ledger.events.get(word) ?? 0]);
    const hasTime = this.#to >= this.#from;
    return {
      lines: this.#lines,
      flows: this.#flows,
      duplicates: this.#duplicates,
      events: Object.fromEntries(events) as Record<EventWord, number>,
      skipped: [...this.#skipped].map(([reason, { count, first }]) => ({ reason, count, first })),
      from: hasTime ? rfc3339(this.#from) : undefined,
      to: hasTime ? rfc3339(this.#to) : undefined,
      nodes: [...this.#nodes].sort(),
      lostEvents: this.#lost,
      tenants: this.#attribution
        .tenants()
        .map(({ tenant, endpoints }) => ({ name: tenant.name, endpoints }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
      conflicts: this.#conflicts,
      traffic: [...this.#ledger.flows()].map(({ count, ...rest }) => ({ ...rest, flows: count })),
      crossings: groups.map(groupReport).sort(byWeight),
      unexpected: groups.filter(isUnexpected).reduce((sum, { connections }) => sum + connections, 0),
    };
  }
}

function isUnexpected({ verdict, expected }: { verdict: Verdict; expected: boolean }): boolean {
  return verdict !== 'denied' && !expected;
}

/** What matters first: unexpected that got through, then by number of connections. */
function byWeight(a: CrossingGroup, b: CrossingGroup): number {
  return Number(isUnexpected(b)) - Number(isUnexpected(a)) || b.connections - a.connections;
}

function groupReport({ byPort, first, last, ...group }: Group): CrossingGroup {
  const ports = [...byPort].sort(([, a], [, b]) => b - a).map(([port]) => port);
  return { ...group, ports, firstSeen: rfc3339(first), lastSeen: rfc3339(last) };
}

function portText({ l4 }: Flow): string {
  return l4.protocol === 'icmp' || l4.protocol === 'other'
    ? l4.protocol
    : `${l4.destinationPort}/${l4.protocol}`;
}

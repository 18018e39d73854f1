/** What was watched, as a dry run and a suggestion need it: the kinds of connections, who is who, and how much was seen. */
import type { Endpoint, Flow, Party, Relation, Tenant } from '../model.js';
import type { ClusterView } from './context.js';
import { lookup, parseIdentityLabel, POLICY_CLUSTER } from './label.js';
import type { Observation, ObservedSide } from './observed.js';

/** How much of what happened was seen. Times are milliseconds since the epoch. */
export interface Coverage {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly nodes: number;
  readonly nodesNotSeen: readonly string[];
  readonly lostEvents: number;
  readonly blindSeconds: number;
  /** Kinds of connections that there was no room for. */
  readonly forgotten: number;
  /** `judged`: departures were not sent by the server, but where an egress policy is in force. */
  readonly filter: 'judged' | 'all' | 'recording';
}

export interface Watched {
  readonly observations: readonly Observation[];
  who(endpoint: Endpoint): Party;
  relate(source: Party, destination: Party): Relation;
  /** Whether cross-tenant traffic like this has been agreed on. */
  agreed(source: Tenant, destination: Tenant, flow: Flow, at: number): boolean;
  /** What configuration calls the analyzer's own cluster. */
  readonly cluster: string;
  readonly coverage: Coverage;
}

/** A kind of connection, with who its sides are by all that is known now. */
export interface Told {
  readonly observation: Observation;
  readonly source: Party;
  readonly destination: Party;
  readonly relation: Relation;
  /** Cross-tenant, and agreed on. */
  readonly expected: boolean;
}

export async function tell(watched: Watched): Promise<Told[]> {
  const { observations } = watched;
  const who = (endpoint: Endpoint): Party => watched.who(endpoint);
  // Who was seen late may tell who an earlier one was: all are looked at before any is believed.
  await inSlices(observations, ({ source, destination }) => {
    who(source.endpoint);
    who(destination.endpoint);
  });
  return inSlices(observations, (observation) => {
    const source = who(observation.source.endpoint);
    const destination = who(observation.destination.endpoint);
    const expected =
      source.kind === 'tenant' &&
      destination.kind === 'tenant' &&
      watched.agreed(source.tenant, destination.tenant, observation.example, observation.lastSeen);
    return { observation, source, destination, relation: watched.relate(source, destination), expected };
  });
}

/** Some milliseconds of work; between slices the stream and scrapes have their turn. */
const SLICE = 1_000;

export async function inSlices<T, R>(items: readonly T[], work: (item: T) => R): Promise<R[]> {
  const done: R[] = [];
  for (let at = 0; at < items.length; at += SLICE) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve));
    for (const item of items.slice(at, at + SLICE)) done.push(work(item));
  }
  return done;
}

/**
 * The cluster that policies speak of: the one that local endpoints (those with a
 * number) say they are in, because recordings are read without a configuration.
 * Selectors mean it alone (Cilium 1.19's default) where labels name clusters at all.
 */
export function clusterOf({ observations, cluster }: Pick<Watched, 'observations' | 'cluster'>): ClusterView {
  const named = new Map<string, number>();
  const seen = new Set<ObservedSide>();
  for (const { source, destination } of observations) {
    for (const side of [source, destination]) {
      if (seen.has(side)) continue;
      seen.add(side);
      const name = lookup(side.labels.map(parseIdentityLabel), 'k8s', POLICY_CLUSTER);
      if (name !== undefined) named.set(name, (named.get(name) ?? 0) + (side.endpoint.id > 0 ? 1_000 : 1));
    }
  }
  if (named.size === 0) return { name: cluster, localOnly: false };
  if (named.has(cluster)) return { name: cluster, localOnly: true };
  const [most] = [...named].sort(([, a], [, b]) => b - a);
  return { name: most?.[0] ?? cluster, localOnly: true };
}

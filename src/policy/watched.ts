/** What was watched, as a dry run and a suggestion need it: the kinds of connections, who is who, and how much was seen. */
import type { Endpoint, Flow, Party, Relation, Tenant } from '../model.js';
import type { ClusterView } from './context.js';
import { lookup, parseIdentityLabel, POLICY_CLUSTER } from './label.js';
import type { Observation, ObservedSide } from './observed.js';
import { ownerOf, portOf, workloadOf } from './party.js';
import { inSlices } from './slices.js';

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

/** What an analyzer knows of its own watching. */
export interface Watch {
  readonly nodes: readonly { readonly name: string; readonly state: string }[];
  readonly lastFlowTime: number | undefined;
  /** By who lost them. */
  readonly lostEvents: ReadonlyMap<string, number>;
  readonly blindSeconds: number;
  readonly forgotten: number;
  readonly filter: 'judged' | 'all';
}

export function coverageOf(
  observations: readonly Observation[],
  { nodes, lastFlowTime, lostEvents, ...rest }: Watch,
): Coverage {
  const from = observations.reduce((first, { firstSeen }) => Math.min(first, firstSeen), Infinity);
  return {
    ...rest,
    from: from === Infinity ? undefined : from,
    to: lastFlowTime,
    nodes: nodes.length,
    nodesNotSeen: nodes.filter(({ state }) => state !== 'connected').map(({ name }) => name),
    lostEvents: [...lostEvents.values()].reduce((sum, count) => sum + count, 0),
  };
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
  readonly sourceWorkload: string;
  readonly destination: Party;
  readonly destinationWorkload: string;
  readonly relation: Relation;
  /** Cross-tenant, and agreed on. */
  readonly expected: boolean;
}

export async function tell(watched: Watched): Promise<Told[]> {
  const { observations } = watched;
  const sides = new Set<ObservedSide>();
  // Who was seen late may tell who an earlier one was: all are looked at before any is believed.
  await inSlices(observations, ({ source, destination }) => {
    for (const side of [source, destination]) {
      if (sides.has(side)) continue;
      sides.add(side);
      watched.who(side.endpoint);
    }
  });
  const known = new Map<ObservedSide, readonly [party: Party, workload: string]>();
  await inSlices([...sides], (side) => {
    const party = watched.who(side.endpoint);
    known.set(side, [party, workloadOf(party, side.endpoint)]);
  });
  const nobody = [{ kind: 'unidentified' }, ''] as const;
  return inSlices(observations, (observation) => {
    const [source, sourceWorkload] = known.get(observation.source) ?? nobody;
    const [destination, destinationWorkload] = known.get(observation.destination) ?? nobody;
    const relation = watched.relate(source, destination);
    const expected =
      source.kind === 'tenant' &&
      destination.kind === 'tenant' &&
      watched.agreed(source.tenant, destination.tenant, observation.example, observation.lastSeen);
    return { observation, source, sourceWorkload, destination, destinationWorkload, relation, expected };
  });
}

/** Who reached whom, on which port. */
export function textOf({ observation, ...told }: Told): string {
  const from = `${ownerOf(told.source)} ${told.sourceWorkload}`;
  return `${from} to ${ownerOf(told.destination)} ${told.destinationWorkload} on ${portOf(observation)}`;
}

/**
 * The cluster that policies speak of: the one that local endpoints (those with a
 * number) say they are in, because recordings are read without a configuration.
 * Selectors mean it alone (Cilium 1.19's default) where labels name clusters at all.
 */
export async function clusterOf({
  observations,
  cluster,
}: Pick<Watched, 'observations' | 'cluster'>): Promise<ClusterView> {
  const named = new Map<string, number>();
  const seen = new Set<ObservedSide>();
  await inSlices(observations, ({ source, destination }) => {
    for (const side of [source, destination]) {
      if (seen.has(side)) continue;
      seen.add(side);
      const name = lookup(side.labels.map(parseIdentityLabel), 'k8s', POLICY_CLUSTER);
      if (name !== undefined) named.set(name, (named.get(name) ?? 0) + (side.endpoint.id > 0 ? 1_000 : 1));
    }
  });
  if (named.size === 0) return { name: cluster, localOnly: false };
  if (named.has(cluster)) return { name: cluster, localOnly: true };
  const [most] = [...named].sort(([, a], [, b]) => b - a);
  return { name: most?.[0] ?? cluster, localOnly: true };
}

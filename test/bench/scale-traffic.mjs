// What happens in a cluster of so many nodes, for test/bench/scale.mjs: connections
// as the simulator makes them, each with all the events that the agents of its
// nodes report (eventsOf), so that a node's filter has something to leave out.
import { Cluster } from '../../dist/simulator/cluster.js';
import { eventsOf } from '../../dist/simulator/connections.js';
import { populate } from '../../dist/simulator/population.js';
import { seededRandom } from '../../dist/simulator/random.js';
import { crossingAttempt, ordinaryAttempt } from '../../dist/simulator/traffic.js';

/** Stated in docs/scaling.md: a tenant for every five nodes, ten of its pods on each of them. */
const SHAPE = { nodesPerTenant: 5, podsPerNode: 10, crossShare: 0.005 };
/** Distinct connections; they happen again and again, as other ones. At least two a node. */
const CONNECTIONS = 5_000;
/** Of one node alone there are fewer distinct ones. */
const CONNECTIONS_OF_A_NODE = 500;

/**
 * @param {{ nodes: number, of?: string }} options `of`: only what this node sees
 * @returns the nodes' names, the tenants, and connections as lists of events
 */
export function buildTraffic({ nodes, of }) {
  const names = Array.from({ length: nodes }, (_, at) => `worker-${at + 1}`);
  const tenants = Math.max(5, Math.round(nodes / SHAPE.nodesPerTenant));
  const random = seededRandom(7);
  const population = populate(new Cluster({ nodes: names }), {
    tenants: Array.from({ length: tenants }, (_, at) => {
      const name = `vcluster-team-${at}`;
      return { vcluster: name, hostNamespace: name };
    }),
    // Two pods of each are its control plane and its DNS.
    podsPerTenant: Math.max(2, Math.round((SHAPE.podsPerNode * nodes) / tenants) - 2),
  });
  const connections = [];
  const wanted = of === undefined ? Math.max(CONNECTIONS, 2 * nodes) : CONNECTIONS_OF_A_NODE;
  while (connections.length < wanted) {
    const attempt =
      random.next() < SHAPE.crossShare
        ? crossingAttempt(population, random)
        : ordinaryAttempt(population, random);
    if (of !== undefined && attempt.from.node?.name !== of && attempt.to.node?.name !== of) continue;
    const events = eventsOf(attempt, random).filter(({ node }) => of === undefined || node === of);
    if (events.length > 0) connections.push(events);
  }
  return { names, tenants, connections };
}

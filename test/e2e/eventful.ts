/**
 * A simulated cluster in which everything happens that a panel or a rule asks
 * about, again and again, so that whoever looks at any moment sees it soon.
 */
import { audit, denyByDefault } from '../../src/simulator/policies.js';
import type { Peer } from '../../src/simulator/peers.js';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';

export interface EventfulCluster {
  readonly simulator: Simulator;
  close(): Promise<void>;
}

export async function startEventfulCluster(): Promise<EventfulCluster> {
  const simulator = await startSimulator({
    seed: 3,
    background: 30,
    population: {
      tenants: ['team-a', 'team-b', 'team-c'].map((name) => ({ vcluster: name, hostNamespace: name })),
    },
  });
  const [a, b, c] = simulator.population.inhabitants;
  const [server, second] = a?.servers ?? [];
  const [fromB] = b?.clients ?? [];
  const [fromC] = c?.clients ?? [];
  if (!server || !second || !fromB || !fromC) throw new Error('the simulated cluster is empty');

  let turns = 0;
  const turn = (): void => {
    turns += 1;
    const way = { to: server, protocol: 'tcp', port: 8080 } as const;
    simulator.play({ ...way, from: fromB });
    simulator.play({ ...way, from: fromC, ingress: denyByDefault });
    simulator.play({ ...way, from: fromC, to: second, ingress: audit });
    simulator.play({ ...way, from: fromB, port: 5432 }); // agreed on, where the configuration says so
    simulator.play({ ...way, from: withoutMarks(fromB) });
    simulator.play({ ...way, from: underAnotherName(fromC, `impostor-${turns}-x-default-x-team-b`) });
    simulator.nodes.find('worker-1')?.lose(3);
  };
  const timer = setInterval(turn, 1_000);
  turn();
  return {
    simulator,
    async close() {
      clearInterval(timer);
      await simulator.close();
    },
  };
}

/** A pod whose labels somebody filtered out and whose name is hashed: nobody can tell whose it is. */
function withoutMarks(peer: Peer): Peer {
  const change = <E extends { labels?: readonly string[]; pod_name?: string; namespace?: string }>(
    of: E,
  ): E => ({
    ...of,
    namespace: 'shared',
    pod_name: 'very-long-deployment-name-for-a-microservice-5d9c7b6-ccd258b959',
    labels: ['k8s:io.kubernetes.pod.namespace=shared'],
  });
  return { ...peer, ip: '10.0.9.99', local: change(peer.local), remote: change(peer.remote) };
}

/** A pod that carries its tenant's labels and a name that speaks of another. */
function underAnotherName(peer: Peer, podName: string): Peer {
  const change = <E extends { pod_name?: string }>(of: E): E => ({ ...of, pod_name: podName });
  return { ...peer, ip: '10.0.9.98', local: change(peer.local), remote: change(peer.remote) };
}

/**
 * A quarter of an hour in a host cluster of six tenants, for the pictures of the
 * dashboards: five minutes of ordinary life, so that rates are what they stay,
 * then ten in which somebody crosses, is stopped by a policy, and the watcher
 * has an outage of its own.
 */
import { Cluster } from '../../../src/simulator/cluster.js';
import type { Attempt } from '../../../src/simulator/connections.js';
import { audit, denyByDefault } from '../../../src/simulator/policies.js';
import type { Inhabitant } from '../../../src/simulator/population.js';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator.js';

const TENANTS = ['analytics', 'ci', 'payments', 'search', 'staging', 'storefront'] as const;

/** Seconds of ordinary life before: the longest rate of a dashboard. */
export const BEFORE = 300;
/** Seconds that the pictures show. */
export const SHOWN = 600;

/** The agreement of the story, as the configuration has it. */
export const AGREED = `expected:
  - { source: storefront, destination: payments, ports: [8443/tcp], reason: checkout calls the payment service }
`;

export interface Story {
  readonly address: string;
  /** Resolves when all of it has been told. */
  readonly told: Promise<void>;
  close(): Promise<void>;
}

export async function startStory(): Promise<Story> {
  const simulator = await startSimulator({
    seed: 11,
    background: 40,
    cluster: new Cluster({ nodes: ['worker-1', 'worker-2', 'worker-3', 'worker-4', 'worker-5'] }),
    population: { tenants: TENANTS.map((name) => ({ vcluster: name, hostNamespace: name })) },
    ledger: 'counts',
  });
  const { timeline } = simulator;
  const begun = timeline.now();
  const at = (seconds: number, act: () => void): void => timeline.at(begun + (BEFORE + seconds) * 1000, act);
  const every = (seconds: number, from: number, to: number, attempt: () => Attempt): void => {
    for (let time = from; time < to; time += seconds) at(time, () => simulator.play(attempt()));
  };
  const way = visits(simulator);
  every(2, -BEFORE, SHOWN, () => way('storefront', 'payments', 8443));
  every(3, 100, 255, () => way('analytics', 'payments', 5432));
  every(4, 255, SHOWN, () => ({ ...way('analytics', 'payments', 5432), ingress: denyByDefault }));
  every(11, 190, SHOWN, () => ({ ...way('staging', 'search', 9200), ingress: audit }));
  every(500, 330, SHOWN, () => way('ci', 'storefront', 22));
  at(400, () => void simulator.relay.stop());
  at(425, () => void simulator.relay.start());
  at(480, () => simulator.nodes.find('worker-2')?.lose(35));
  at(505, () => void simulator.nodes.kill('worker-4'));
  at(530, () => void simulator.nodes.start('worker-4'));
  return {
    address: simulator.address,
    told: new Promise((done) => at(SHOWN, done)),
    close: () => simulator.close(),
  };
}

/** From a client of one tenant to a server of another. */
function visits(simulator: Simulator) {
  const named = (name: string): Inhabitant => {
    const found = simulator.population.inhabitants.find(({ tenant }) => tenant.vcluster === name);
    if (found === undefined) throw new Error(`nobody is called ${name}`);
    return found;
  };
  return (from: (typeof TENANTS)[number], to: (typeof TENANTS)[number], port: number): Attempt => ({
    from: simulator.random.pick(named(from).clients),
    to: simulator.random.pick(named(to).servers),
    protocol: 'tcp',
    port,
  });
}

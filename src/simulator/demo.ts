import type { Attempt } from './connections.js';
import { Cluster } from './cluster.js';
import type { Peer } from './peers.js';
import { allow, denyByDefault, policy } from './policies.js';
import type { Inhabitant } from './population.js';
import { startSimulator, type Simulator } from './simulator.js';
import { wallTimeline, type Timeline } from './timeline.js';
import { keepUp, ordinaryAttempt } from './traffic.js';

export interface DemoOptions {
  /** One line for a person each time something worth telling happens. */
  readonly story: (text: string) => void;
  readonly seed?: number;
  /** Where the relay listens; a free port of 127.0.0.1 by default. */
  readonly listen?: string;
  /** The wall clock by default. */
  readonly timeline?: Timeline;
}

export interface Demo {
  /** `host:port` of the relay. */
  readonly address: string;
  readonly simulator: Simulator;
  close(): Promise<void>;
}

const TEAM_A = 'team-a';
const TEAM_B = 'team-b';

/** Seconds from the start. Soon enough to be seen within a minute, late enough to have been read. */
const FIRST_VISIT = 4;
const POLICY_APPLIED = 25;
/** Seconds between two visits. */
const VISIT_EVERY = 5;
/** Connections a second. Also what keeps a relay's sort buffer moving: it holds back up to a hundred flows. */
const ORDINARY_LIFE = 20;

/**
 * A cluster that two tenants share, and the story of their network: team-b
 * reaches a web server of team-a's because nothing forbids it; then a policy
 * does, and the same attempts are denied, for as long as the demo runs.
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const timeline = options.timeline ?? wallTimeline();
  const simulator = await startSimulator({
    timeline,
    cluster: new Cluster({ nodes: ['worker-1', 'worker-2', 'worker-3'] }),
    population: { tenants: [TEAM_A, TEAM_B].map((name) => ({ vcluster: name, hostNamespace: name })) },
    ledger: 'counts',
    seed: options.seed ?? 7,
    ...(options.listen === undefined ? {} : { listen: options.listen }),
  });
  const stop = new Story(simulator, options.story).begin();
  return {
    address: simulator.address,
    simulator,
    close: async () => {
      stop();
      await simulator.close();
    },
  };
}

/** What is told of the first visits; of the others, that they go on, nothing. */
const ALLOWED = [
  'A pod of team-b ("toolbox") pings team-a\'s nginx and fetches its page: both get through.',
  'The same again, and again: nothing stands between the two tenants.',
];
const REFUSED = [
  "team-b's pod tries the same again: ping and curl are both denied.",
  'It keeps trying, every few seconds, and is denied each time. That goes on until you stop the demo.',
];

class Story {
  readonly #simulator: Simulator;
  readonly #tell: (text: string) => void;
  readonly #nginx: Peer;
  readonly #toolbox: Peer;
  #isolated = false;
  #visits = 0;
  #stopped = false;

  constructor(simulator: Simulator, tell: (text: string) => void) {
    this.#simulator = simulator;
    this.#tell = tell;
    const [teamA, teamB] = simulator.population.inhabitants;
    this.#nginx = podOf(teamA, 'nginx', 'worker-1');
    this.#toolbox = podOf(teamB, 'toolbox', 'worker-2');
  }

  /** @returns stops telling, and doing */
  begin(): () => void {
    const { timeline, random, population } = this.#simulator;
    this.#tell(
      'Two tenants share this cluster: team-a and team-b, each in a vCluster of its own. No network policy.',
    );
    const rest = keepUp(timeline, random, {
      perSecond: ORDINARY_LIFE,
      attempt: () => this.#asDecided(ordinaryAttempt(population, random)),
      play: (attempt) => this.#simulator.play(attempt),
    });
    this.#after(FIRST_VISIT, () => this.#visit());
    this.#after(POLICY_APPLIED, () => this.#isolate());
    return () => {
      this.#stopped = true;
      rest();
    };
  }

  /** team-b's pod pings and curls team-a's nginx. */
  #visit(): void {
    const way = { from: this.#toolbox, to: this.#nginx };
    this.#simulator.play(this.#asDecided({ ...way, protocol: 'icmp' }));
    this.#simulator.play(this.#asDecided({ ...way, protocol: 'tcp', port: 80 }));
    const line = (this.#isolated ? REFUSED : ALLOWED)[this.#visits++];
    if (line !== undefined) this.#tell(line);
    this.#after(VISIT_EVERY, () => this.#visit());
  }

  #isolate(): void {
    this.#isolated = true;
    this.#visits = 0;
    this.#tell(
      'A CiliumNetworkPolicy "isolate-tenant" is applied in team-a: only its own pods and the platform may come in.',
    );
  }

  /** The attempt as the policy in force decides it: it speaks for the pods of team-a alone. */
  #asDecided(attempt: Attempt): Attempt {
    const guarded = this.#isolated && attempt.to.owner === TEAM_A && attempt.to.kind === 'endpoint';
    if (!guarded) return attempt;
    const stranger = attempt.from.owner === TEAM_B;
    return { ...attempt, ingress: stranger ? denyByDefault : allow(policy('isolate-tenant', TEAM_A)) };
  }

  #after(seconds: number, act: () => void): void {
    const { timeline } = this.#simulator;
    timeline.at(timeline.now() + seconds * 1000, () => {
      if (!this.#stopped) act();
    });
  }
}

function podOf(inhabitant: Inhabitant | undefined, app: string, node: string): Peer {
  if (inhabitant === undefined) throw new Error('simulator: the demo needs two tenants');
  return inhabitant.tenant.pod({ name: `${app}-7c5ddbdf54-x2k4q`, labels: { app }, node });
}

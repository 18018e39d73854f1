import type { Attempt } from './connections.js';
import { tcpLong } from './conversations.js';
import { nodeOf, type Inhabitant, type Population } from './population.js';
import type { Random } from './random.js';
import type { Timeline } from './timeline.js';

/** Ordinary life: one kind of connection, and how often it occurs among a hundred. */
interface Habit {
  readonly weight: number;
  readonly attempt: (all: Population, own: Inhabitant, random: Random) => Attempt;
}

const tcp = (from: Attempt['from'], to: Attempt['to'], port: number): Attempt => ({
  from,
  to,
  protocol: 'tcp',
  port,
});

/** Nothing here crosses from one tenant to another. */
const HABITS: readonly Habit[] = [
  { weight: 28, attempt: (_, own, random) => tcp(random.pick(own.clients), random.pick(own.servers), 8080) },
  { weight: 20, attempt: (_, own, random) => dns(random.pick(own.clients), own.dns) },
  { weight: 6, attempt: (all, own) => dns(own.dns, all.dns) },
  { weight: 14, attempt: (_, own, random) => probe(random.pick(own.servers)) },
  { weight: 9, attempt: (all, own, random) => tcp(all.ingress, random.pick(own.servers), 8080) },
  { weight: 6, attempt: (all, own, random) => tcp(all.prometheus, random.pick(own.clients), 9090) },
  { weight: 7, attempt: (all, own, random) => tcp(random.pick(own.clients), all.internet, 443) },
  { weight: 4, attempt: (_, own, random) => tcp(random.pick(own.clients), own.controlPlane, 8443) },
  { weight: 3, attempt: (all, own) => tcp(own.controlPlane, all.apiserver, 443) },
  { weight: 2, attempt: (all) => tcp(all.internet, all.ingress, 443) },
  {
    weight: 1,
    attempt: (_, own, random) => ({
      ...tcp(random.pick(own.clients), random.pick(own.servers), 5432),
      conversation: tcpLong({ lastsMs: 30_000, everyMs: 1000 }),
    }),
  },
];

const TOTAL = HABITS.reduce((sum, habit) => sum + habit.weight, 0);

function dns(from: Attempt['from'], to: Attempt['to']): Attempt {
  const service = { name: 'kube-dns', namespace: 'kube-system', ip: '10.96.0.10' };
  return { from, to, protocol: 'udp', port: 53, service };
}

/** The kubelet asks the pod whether it is ready. */
function probe(pod: Attempt['to']): Attempt {
  return tcp(nodeOf(pod), pod, 8080);
}

/** The next thing that happens in the ordinary life of the cluster. */
export function ordinaryAttempt(population: Population, random: Random): Attempt {
  const own = random.pick(population.inhabitants);
  let left = random.next() * TOTAL;
  const habit = HABITS.find(({ weight }) => (left -= weight) < 0) ?? HABITS[0];
  if (habit === undefined) throw new Error('simulator: no habits');
  return habit.attempt(population, own, random);
}

/** Two pods of different tenants, for a crossing by chance. Needs at least two tenants. */
export function crossingAttempt(population: Population, random: Random): Attempt {
  const { inhabitants } = population;
  const at = random.integer(0, inhabitants.length - 1);
  const other = (at + random.integer(1, inhabitants.length - 1)) % inhabitants.length;
  const [from, to] = [inhabitants[at], inhabitants[other]];
  if (from === undefined || to === undefined || at === other) {
    throw new Error('simulator: a crossing needs two tenants');
  }
  return tcp(random.pick(from.clients), random.pick(to.servers), 8080);
}

/**
 * Goes on making attempts, `perSecond` of them on average, at random intervals
 * (exponential, as of independent clients).
 *
 * @returns stops it
 */
export function keepUp(
  timeline: Timeline,
  random: Random,
  options: {
    readonly perSecond: number;
    readonly attempt: () => Attempt;
    readonly play: (attempt: Attempt) => void;
  },
): () => void {
  let stopped = false;
  // From the last due time, not from now: a late timer must not lower the rate.
  let due = timeline.now();
  const next = (): void => {
    if (stopped) return;
    due += (-Math.log(1 - random.next()) * 1000) / options.perSecond;
    timeline.at(due, () => {
      if (stopped) return;
      options.play(options.attempt());
      next();
    });
  };
  next();
  return () => {
    stopped = true;
  };
}

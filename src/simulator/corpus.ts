import { Cluster } from './cluster.js';
import { eventsOf } from './connections.js';
import { codecs } from './messages.js';
import { populate } from './population.js';
import { seededRandom } from './random.js';
import { crossingAttempt, ordinaryAttempt } from './traffic.js';
import { wireTime } from './wire.js';

export interface CorpusOptions {
  /** How many messages. */
  readonly flows: number;
  /** How many pods take part, about; shared out among the tenants. */
  readonly endpoints: number;
  readonly tenants: number;
  /** 0 to 1: connections from one tenant to another. */
  readonly crossShare: number;
  /** Labels an endpoint; 8 is usual. */
  readonly labels?: number;
  readonly seed?: number;
  /** Time of the first flow, milliseconds since the epoch; a fixed moment by default. */
  readonly start?: number;
}

/** Two pods of each tenant are its control plane and its DNS. */
const PODS_BESIDE = 2;
const NODES = ['worker-1', 'worker-2', 'worker-3', 'worker-4', 'worker-5'];

/**
 * Serialized GetFlowsResponse messages of about 1.3 KB, for benchmarks: made
 * before the clock starts, so that only the reader is measured. All uuids
 * differ; a benchmark that sends the corpus twice gives new ones with
 * {@link renumber}.
 */
export function buildCorpus(options: CorpusOptions): Buffer[] {
  const { flows, endpoints, crossShare, labels = 8, seed = 1, start = Date.UTC(2026, 10, 22) } = options;
  const random = seededRandom(seed);
  const tenants = Array.from({ length: options.tenants }, (_, at) => {
    const name = `vcluster-team-${at}`;
    return { vcluster: name, hostNamespace: name };
  });
  const population = populate(new Cluster({ nodes: NODES }), {
    tenants,
    labels,
    podsPerTenant: Math.max(2, Math.round(endpoints / options.tenants) - PODS_BESIDE),
  });
  const corpus: Buffer[] = [];
  for (let at = start; corpus.length < flows; at++) {
    const crossing = options.tenants > 1 && random.next() < crossShare;
    const attempt = crossing ? crossingAttempt(population, random) : ordinaryAttempt(population, random);
    for (const event of eventsOf(attempt, random)) {
      const time = wireTime(at + event.delayMs);
      const flow = { ...event.flow, uuid: random.uuid(), time };
      corpus.push(codecs().getFlows.encode({ flow, node_name: flow.node_name, time }));
    }
  }
  return corpus.slice(0, flows);
}

/** Tag of `Flow.uuid` (field 34, length-delimited) and the length of a uuid. */
const UUID_TAG = Buffer.from([0x92, 0x02, 36]);
const UUID_LENGTH = 36;
/** The last group of a uuid: twelve hex digits. */
const DIGITS = 12;

/** Where a message's uuid begins, for {@link renumber}; -1 where it has none. */
export function uuidOffset(message: Buffer): number {
  const at = message.indexOf(UUID_TAG);
  return at === -1 ? -1 : at + UUID_TAG.length;
}

/** Gives the message a uuid that no other number gives, in place. */
export function renumber(message: Buffer, offset: number, number: number): void {
  if (offset < 0) return;
  let rest = number;
  const end = offset + UUID_LENGTH - 1;
  for (let digit = 0; digit < DIGITS; digit++) {
    const value = rest % 16;
    message[end - digit] = value < 10 ? 48 + value : 87 + value;
    rest = Math.floor(rest / 16);
  }
}

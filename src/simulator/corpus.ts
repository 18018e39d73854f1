import { Cluster } from './cluster.js';
import { type ConnectionEvent, eventsOf } from './connections.js';
import { codecs } from './messages.js';
import { populate } from './population.js';
import { seededRandom } from './random.js';
import { crossingAttempt, ordinaryAttempt } from './traffic.js';
import { type WireFlowBody, wireTime } from './wire.js';

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
  /** Of each connection only its first packet that arrives, instead of all that happens: as many endpoints as flows. */
  readonly openings?: boolean;
  readonly seed?: number;
  /** Time of the first flow, milliseconds since the epoch; a fixed moment by default. */
  readonly start?: number;
}

/** Two pods of each tenant are its control plane and its DNS. */
const PODS_BESIDE = 2;
const NODES = ['worker-1', 'worker-2', 'worker-3', 'worker-4', 'worker-5'];

/**
 * Serialized GetFlowsResponse messages of about 1.3 KB in the order of their
 * times, for benchmarks: made before the clock starts, so that only the reader is
 * measured. All uuids differ; a benchmark that sends the corpus twice makes them
 * new with {@link reissue}.
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
  let coming: { readonly at: number; readonly uuid: string; readonly body: WireFlowBody }[] = [];
  for (let now = start; corpus.length < flows; now++) {
    const crossing = options.tenants > 1 && random.next() < crossShare;
    const attempt = crossing ? crossingAttempt(population, random) : ordinaryAttempt(population, random);
    const events = eventsOf(attempt, random);
    for (const { flow: body, delayMs } of options.openings === true ? opening(events) : events)
      coming.push({ at: now + delayMs, uuid: random.uuid(), body });
    const due = coming.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
    coming = coming.filter(({ at }) => at > now);
    for (const { at, uuid, body } of due) {
      const time = wireTime(at);
      const flow = { ...body, uuid, time };
      corpus.push(codecs().getFlows.encode({ flow, node_name: flow.node_name, time }));
    }
  }
  return corpus.slice(0, flows);
}

function opening(events: readonly ConnectionEvent[]): readonly ConnectionEvent[] {
  return events.filter(({ proves }) => proves === 'arrival').slice(0, 1);
}

/** Tag of `Flow.uuid` (field 34, length-delimited) and the length of a uuid. */
const UUID_TAG = Buffer.from([0x92, 0x02, 36]);
const UUID_LENGTH = 36;
/** The last group of a uuid: twelve hex digits. */
const DIGITS = 12;
/** `GetFlowsResponse.time` (field 1001); the seconds of a time take five bytes from 2004 on. */
const TIME_TAG = Buffer.from([0xca, 0x3e]);
const SECONDS_LENGTH = 5;

/** Where in a message stands what {@link reissue} makes new. */
export interface Marks {
  readonly uuid: number;
  readonly seconds: readonly number[];
  /** Of its time, as the corpus has it. */
  readonly second: number;
}

/** @throws where the message has no uuid or no time */
export function marksOf(message: Buffer): Marks {
  const uuid = message.indexOf(UUID_TAG) + UUID_TAG.length;
  // The time is a flow's first field, and the message's last.
  const inFlow = lengthEnd(message, 1) + 3;
  const outside = lastTime(message);
  const second = secondsAt(message, inFlow);
  if (uuid < UUID_TAG.length || secondsAt(message, outside) !== second)
    throw new Error('corpus: a message without uuid or time');
  return { uuid, seconds: [inFlow, outside], second };
}

/** Gives a message, in place, a uuid that no other number gives, and a time so many whole seconds after its own. */
export function reissue(message: Buffer, marks: Marks, number: number, later: number, base = 0): void {
  let rest = number;
  const end = base + marks.uuid + UUID_LENGTH - 1;
  for (let digit = 0; digit < DIGITS; digit++) {
    const value = rest % 16;
    message[end - digit] = value < 10 ? 48 + value : 87 + value;
    rest = Math.floor(rest / 16);
  }
  for (const at of marks.seconds) writeSeconds(message, base + at, marks.second + later);
}

/** Where the length ends that begins there. */
function lengthEnd(message: Buffer, at: number): number {
  let end = at;
  while ((message[end] ?? 0) >= 0x80) end += 1;
  return end + 1;
}

/** Where the seconds begin of the time that ends the message: its tag, its length, and theirs come before them. */
function lastTime(message: Buffer): number {
  let at = message.length;
  do at = message.lastIndexOf(TIME_TAG, at - 1);
  while (at > 0 && at + 3 + (message[at + 2] ?? 0) !== message.length);
  return at + 4;
}

function secondsAt(message: Buffer, at: number): number {
  let seconds = 0;
  for (let i = SECONDS_LENGTH - 1; i >= 0; i--) seconds = seconds * 128 + ((message[at + i] ?? 0) & 0x7f);
  return seconds;
}

function writeSeconds(message: Buffer, at: number, seconds: number): void {
  let rest = seconds;
  for (let i = 0; i < SECONDS_LENGTH; i++) {
    message[at + i] = (rest % 128) | (i < SECONDS_LENGTH - 1 ? 0x80 : 0);
    rest = Math.floor(rest / 128);
  }
}

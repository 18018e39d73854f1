import { followRequest } from '../../src/hubble/request.js';
import { Cluster } from '../../src/simulator/cluster.js';
import { eventsOf, type Attempt } from '../../src/simulator/connections.js';
import { tcpLong } from '../../src/simulator/conversations.js';
import { fieldMask } from '../../src/simulator/fieldmask.js';
import { codecs } from '../../src/simulator/messages.js';
import {
  allow,
  audit,
  authRequired,
  denyBy,
  denyByDefault,
  policy,
  redirect,
} from '../../src/simulator/policies.js';
import { populate } from '../../src/simulator/population.js';
import { seededRandom } from '../../src/simulator/random.js';
import { crossingAttempt, ordinaryAttempt } from '../../src/simulator/traffic.js';
import { wireTime, type WireFlowBody } from '../../src/simulator/wire.js';
import { MESSAGES } from '../hubble/messages.js';

export const START = Date.UTC(2026, 10, 22);
/** Between two parts: longer than a denied or half-open connection is remembered. */
export const PART_MS = 150_000;
const PARTS = 3;
const ATTEMPTS = 300;
const POLICY = policy('only-own', 'team-a');
/** What a policy may say; undefined: no policy is enforced. */
const DECISIONS = [
  undefined,
  undefined,
  allow(POLICY),
  audit,
  denyBy(POLICY),
  denyByDefault,
  authRequired,
  redirect(POLICY, POLICY),
];
const PROTOCOLS = ['tcp', 'tcp', 'udp', 'icmp', 'sctp'] as const;

/**
 * Messages of a GetFlows stream with everything in it that one can hold: each kind
 * of event, verdict, protocol and party, flows with and without the field mask,
 * reports of loss, what no reader can read, and flows that were sent before. In
 * parts, between which time passes; the last message of each is an ordinary flow.
 */
export function goldenStream(): Buffer[][] {
  const random = seededRandom(20_261_122);
  const population = populate(new Cluster(), {
    tenants: ['team-a', 'team-b', 'team-c', 'team-d'].map((vcluster) => ({
      vcluster,
      hostNamespace: `vcluster-${vcluster}`,
    })),
    podsPerTenant: 6,
  });
  const mask = fieldMask(
    followRequest({ filter: 'all', since: 0, mask: 'full' }).field_mask?.paths ?? [],
    '1.19',
  );
  const { getFlows } = codecs();
  const reused: Attempt[] = [];

  function attempt(): Attempt {
    if (random.next() < 0.5) return ordinaryAttempt(population, random);
    // A tuple that was used before: the same connection, or another one over it.
    if (reused.length > 20 && random.next() < 0.3) return random.pick(reused);
    const crossing: Attempt = {
      ...crossingAttempt(population, random),
      protocol: random.pick(PROTOCOLS),
      sourcePort: random.integer(32_768, 60_999),
    };
    const decided = withDecisions(crossing);
    reused.push(decided);
    return decided;
  }

  function withDecisions(crossing: Attempt): Attempt {
    const egress = random.pick(DECISIONS);
    const ingress = random.pick(DECISIONS);
    return {
      ...crossing,
      ...(egress === undefined ? {} : { egress }),
      ...(ingress === undefined ? {} : { ingress }),
      ...(random.next() < 0.1 ? { conversation: tcpLong({ lastsMs: 9_000, everyMs: 1_000 }) } : {}),
    };
  }

  function message(body: WireFlowBody, at: number): Buffer {
    const time = wireTime(at);
    const flow = { ...body, uuid: random.uuid(), time };
    if (random.next() < 0.5) return getFlows.encode({ flow, node_name: flow.node_name, time });
    return getFlows.encode({ flow: mask.apply(flow), node_name: flow.node_name, time });
  }

  const parts: Buffer[][] = [];
  for (let part = 0; part < PARTS; part++) {
    const messages: Buffer[] = [];
    for (let i = 0; i < ATTEMPTS; i++) {
      const at = START + part * PART_MS + i * 20;
      for (const event of eventsOf(attempt(), random)) messages.push(message(event.flow, at + event.delayMs));
    }
    messages.splice(100, 0, ...MESSAGES.filter((one) => !('node_status' in one)).map(encode));
    messages.push(Buffer.from([0x0a, 0x05, 0x01]), Buffer.from([0x0f]), Buffer.alloc(0));
    messages.push(...(parts.at(-1) ?? messages).slice(-50));
    const last = eventsOf(ordinaryAttempt(population, random), random)[0];
    if (last === undefined) throw new Error('an attempt without an event');
    messages.push(message(last.flow, START + part * PART_MS + 8_000));
    parts.push(messages);
  }
  return parts;

  function encode(one: object): Buffer {
    return getFlows.encode(one);
  }
}

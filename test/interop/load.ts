/**
 * Traffic of nodes: thousands of flows a second, seeded, of which the truth is
 * known. Most is inside tenants; some of it Hubble is not even asked for (what
 * leaves a node, replies); the rest crosses.
 */
import type { Random } from '../../src/simulator/random.js';
import { delimited, type FlowFields, flowPart, stamp } from './flowbytes.js';
import { type Outcome, pairOf, type TrueConnection } from './truth.js';

/** Share of the flows that a turn begins with; a crossing makes two to three. */
const SHARES = { crossing: 0.03, unasked: 0.25, policyVerdict: 0.05 };

/** Flows of one node, in the order of their times. */
export interface Batch {
  readonly bytes: Buffer[];
  readonly count: number;
}

interface Due {
  readonly time: number;
  readonly make: (time: number) => Buffer;
}

/** Makes the flows of all nodes; whoever asks says what became of them. */
export class Load {
  readonly connections: TrueConnection[] = [];
  flows = 0;

  private readonly random: Random;
  private readonly perNode: number;
  private readonly due = new Map<string, Due[]>();
  private ports = 0;

  /** @param perNode flows a second and node */
  constructor(random: Random, perNode: number) {
    this.random = random;
    this.perNode = perNode;
  }

  /** What happens at a node between two times. */
  between(node: string, from: number, to: number): Batch {
    const later = this.due.get(node) ?? [];
    const bytes: { time: number; flow: Buffer }[] = [];
    const begin = Math.round((this.perNode * to) / 1000) - Math.round((this.perNode * from) / 1000);
    const ready = later.filter(({ time }) => time <= to);
    this.due.set(
      node,
      later.filter(({ time }) => time > to),
    );
    for (const { time, make } of ready) bytes.push({ time, flow: make(time) });
    for (let turn = 0; turn < begin - ready.length; turn += 1) {
      const time = from + ((turn + 0.5) * (to - from)) / Math.max(1, begin - ready.length);
      bytes.push({ time, flow: this.begin(node, time) });
    }
    bytes.sort((a, b) => a.time - b.time);
    this.flows += bytes.length;
    return { bytes: bytes.map(({ flow }) => flow), count: bytes.length };
  }

  /** One flow inside a tenant. */
  ordinary(time: number): Buffer {
    return this.inside(time, ARRIVED);
  }

  private begin(node: string, time: number): Buffer {
    const lot = this.random.next();
    if (lot < SHARES.crossing) return this.cross(node, time);
    if (lot < SHARES.crossing + SHARES.unasked) return this.inside(time, this.random.pick(UNASKED));
    return this.inside(time, lot > 1 - SHARES.policyVerdict ? PERMITTED : ARRIVED);
  }

  private inside(time: number, what: FlowFields): Buffer {
    const tenant = `inner-${this.random.integer(0, 19)}`;
    return this.flow(time, pod(tenant, 'client', 'source'), pod(tenant, 'server', 'destination'), {
      ...addresses(this.random.integer(1, 65_000)),
      ...what,
    });
  }

  private cross(node: string, time: number): Buffer {
    const lot = this.random.next();
    const outcome: Outcome = lot < 0.15 ? 'denied' : lot < 0.25 ? 'audited' : 'allowed';
    const names = pairOf(this.connections.length);
    const connection: TrueConnection = { ...names, node, outcome, packets: [], auditedAt: undefined };
    this.connections.push(connection);
    this.ports += 1;
    const tuple = addresses(1024 + (this.ports % 60_000));
    const ends = [pod(names.source, 'curl', 'source'), pod(names.destination, 'web', 'destination')] as const;
    const packet = (what: FlowFields) => (at: number) => {
      connection.packets.push(at);
      return this.flow(at, ...ends, { ...tuple, ...what });
    };
    const later = (after: number, what: FlowFields): void =>
      void this.due.get(node)?.push({ time: time + after, make: packet(what) });
    if (outcome === 'denied') {
      later(20 + this.random.next() * 20, DENIED);
      return packet(DENIED)(time);
    }
    later(10 + this.random.next() * 40, ARRIVED);
    if (outcome === 'allowed') return packet(OPENED)(time);
    later(1, OPENED);
    connection.auditedAt = time;
    return this.flow(time, ...ends, { ...tuple, ...AUDITED });
  }

  private flow(time: number, source: Buffer, destination: Buffer, fields: FlowFields): Buffer {
    return flow({ time, uuid: this.random.uuid(), source, destination }, fields);
  }
}

function addresses(port: number): FlowFields {
  return {
    IP: { source: '10.0.1.10', destination: '10.0.2.20', ipVersion: 'IPv4' },
    l4: { TCP: { source_port: port, destination_port: 80, flags: { SYN: true } } },
  };
}

interface Frame {
  readonly time: number;
  readonly uuid: string;
  readonly source: Buffer;
  readonly destination: Buffer;
}

function flow({ time, uuid, source, destination }: Frame, fields: FlowFields): Buffer {
  return delimited([source, destination, flowPart({ time: stamp(time), uuid, Type: 'L3_L4', ...fields })]);
}

/** The first packet of a connection from one tenant to another, arrived. */
export function opening(of: {
  readonly time: number;
  readonly uuid: string;
  readonly source: string;
  readonly destination: string;
  readonly port: number;
}): Buffer {
  const { time, uuid, port } = of;
  const ends = {
    source: pod(of.source, 'curl', 'source'),
    destination: pod(of.destination, 'web', 'destination'),
  };
  return flow({ time, uuid, ...ends }, { ...addresses(port), ...OPENED });
}

const TO_ENDPOINT = { event_type: { type: 4 }, verdict: 'FORWARDED', traffic_direction: 'EGRESS' };
const OPENED = { ...TO_ENDPOINT, is_reply: { value: false }, trace_reason: 'NEW' };
const ARRIVED = { ...TO_ENDPOINT, is_reply: { value: false }, trace_reason: 'ESTABLISHED' };
const PERMITTED = { event_type: { type: 5 }, verdict: 'FORWARDED', traffic_direction: 'INGRESS' };
const AUDITED = { event_type: { type: 5 }, verdict: 'AUDIT', traffic_direction: 'INGRESS' };
const DENIED = {
  event_type: { type: 1, sub_type: 133 },
  verdict: 'DROPPED',
  drop_reason: 133,
  drop_reason_desc: 'POLICY_DENIED',
  traffic_direction: 'INGRESS',
};
/** What the server leaves out by our filter: a packet on its way, and a reply. */
const UNASKED: readonly FlowFields[] = [
  { ...OPENED, event_type: { type: 4, sub_type: 4 } },
  { ...TO_ENDPOINT, is_reply: { value: true }, trace_reason: 'REPLY' },
];

const pods = new Map<string, Buffer>();

/** A pod as vCluster syncs it, with as many labels as pods have. */
function pod(tenant: string, name: string, side: 'source' | 'destination'): Buffer {
  const key = `${tenant} ${name} ${side}`;
  const known = pods.get(key);
  if (known !== undefined) return known;
  const labels = [
    'k8s:app.kubernetes.io/name=web',
    'k8s:io.cilium.k8s.policy.cluster=default',
    'k8s:io.cilium.k8s.policy.serviceaccount=default',
    `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${tenant}`,
    `k8s:io.kubernetes.pod.namespace=${tenant}`,
    `k8s:vcluster.loft.sh/managed-by=${tenant}`,
    'k8s:vcluster.loft.sh/namespace=default',
  ];
  const made = flowPart({
    [side]: { ID: 7, identity: 40_000, namespace: tenant, pod_name: `${name}-x-default-x-${tenant}`, labels },
  });
  pods.set(key, made);
  return made;
}

/**
 * The policy that isolates a tenant and keeps what it used: from what was seen,
 * and from what every vCluster needs. Rules go by identity; what a tenant did to
 * another is left out unless it was agreed on.
 */
import type { Tenant } from '../model.js';
import { counted, time } from './coverage.js';
import type { Observation } from './observed.js';
import { ownerOf, portOf, workloadOf } from './party.js';
import { type OwnPods, ownPods, peerOf } from './peer.js';
import type { LeftOut, PlannedPeer, PlannedPolicy, PlannedPort, PlannedRule, PodSelector } from './plan.js';
import { inSlices, type Told } from './watched.js';

export interface Plan {
  readonly policies: readonly PlannedPolicy[];
  readonly leftOut: readonly LeftOut[];
  /** Own pods that no label tells apart from others in their namespace. */
  readonly unselected: readonly string[];
}

/** What one rule will be made of. */
interface Draft {
  readonly direction: 'ingress' | 'egress';
  readonly peer: PlannedPeer;
  readonly ports: Map<string, PlannedPort>;
  readonly seen: Map<string, { count: number; last: number; example: Observation }>;
}

interface Subject {
  readonly pods: OwnPods;
  readonly drafts: Map<string, Draft>;
}

export async function planFor(tenant: Tenant, all: readonly Told[]): Promise<Plan> {
  const subjects = new Map<string, Subject>();
  const unselected = new Set<string>();
  const leftOut: LeftOut[] = [];
  const subjectOf = (pods: OwnPods): Subject => {
    const key = JSON.stringify(pods);
    const known = subjects.get(key) ?? { pods, drafts: new Map<string, Draft>() };
    subjects.set(key, known);
    return known;
  };
  // The two that every vCluster has, seen or not.
  const { hostNamespace: namespace, vcluster } = tenant;
  subjectOf({ namespace, role: 'workloads', labels: { 'vcluster.loft.sh/managed-by': vcluster } });
  subjectOf({ namespace, role: 'control-plane', labels: { release: vcluster } });

  await inSlices(all, (told) => {
    const { observation, source, destination } = told;
    for (const [direction, own, ownSide, otherSide] of [
      ['egress', source, observation.source, observation.destination],
      ['ingress', destination, observation.destination, observation.source],
    ] as const) {
      if (own.kind !== 'tenant' || own.tenant.id !== tenant.id) continue;
      const pods = ownPods(ownSide, vcluster);
      if (pods === undefined) {
        unselected.add(workloadOf(own, ownSide.endpoint));
        continue;
      }
      const subject = subjectOf(pods);
      if (observation.verdict === 'denied' || told.relation === 'intra_tenant') continue;
      const why = reasonToLeaveOut(told);
      const peer = peerOf(otherSide, direction);
      if (why !== undefined || peer === undefined)
        leftOut.push({ why: why ?? 'unidentified', text: tellOf(told), observation });
      else note(subject, direction, peer, told);
    }
  });

  const own = [...subjects.values()].map(({ pods }) => pods);
  const policies = [...subjects.values()].map((subject) => finish(subject, own, tenant));
  return { policies: named(policies, tenant), leftOut, unselected: [...unselected] };
}

function reasonToLeaveOut({ relation, expected, observation }: Told): LeftOut['why'] | undefined {
  if (relation === 'cross_tenant' && !expected) return 'crossing';
  if (relation === 'unidentified') return 'unidentified';
  return observation.protocol === 'other' ? 'protocol' : undefined;
}

function tellOf({ source, destination, observation }: Told): string {
  const from = `${ownerOf(source)} ${workloadOf(source, observation.source.endpoint)}`;
  const to = `${ownerOf(destination)} ${workloadOf(destination, observation.destination.endpoint)}`;
  return `${from} to ${to} on ${portOf(observation)}`;
}

function note({ drafts }: Subject, direction: 'ingress' | 'egress', peer: PlannedPeer, told: Told): void {
  const { observation } = told;
  const { protocol, port, icmpVersion, count, lastSeen } = observation;
  const family = protocol === 'icmp' && icmpVersion === 6 ? 'icmpv6' : protocol;
  if (family === 'other') return;
  // ICMP cannot stand in one rule with ports (cilium pkg/policy/api/rule_validation.go).
  const isIcmp = protocol === 'icmp';
  // Addresses of one service are one rule: who may reach a port, not a rule for each who did.
  const key = `${direction} ${isIcmp ? 'icmp' : ''} ${peer.kind === 'addresses' ? `addresses ${protocol} ${port}` : JSON.stringify(peer)}`;
  const known = drafts.get(key);
  const draft: Draft =
    known === undefined
      ? { direction, peer, ports: new Map(), seen: new Map() }
      : { ...known, peer: joined(known.peer, peer) };
  drafts.set(key, draft);
  draft.ports.set(`${family} ${port}`, { protocol: family, port });
  const text = tellOf(told);
  const seen = draft.seen.get(text);
  if (seen === undefined) draft.seen.set(text, { count, last: lastSeen, example: observation });
  else {
    seen.count += count;
    seen.last = Math.max(seen.last, lastSeen);
  }
}

/** More addresses than this are no list a person keeps up to date. */
const MOST_ADDRESSES = 16;

function joined(known: PlannedPeer, more: PlannedPeer): PlannedPeer {
  if (known.kind !== 'addresses' || more.kind !== 'addresses') return known;
  const blocks = [...new Set([...known.blocks, ...more.blocks])].sort();
  return blocks.length > MOST_ADDRESSES
    ? { kind: 'entities', names: ['world'] }
    : { kind: 'addresses', blocks };
}

function finish({ pods, drafts }: Subject, own: readonly OwnPods[], tenant: Tenant): PlannedPolicy {
  const rules = [...drafts.values()].map(ruleOf);
  const selectors: PodSelector[] = own.map(({ namespace, labels }) => ({ namespace, labels }));
  const comment = [`Always needed: the pods of ${tenant.vcluster} and its control plane among themselves.`];
  const same = (direction: 'ingress' | 'egress'): PlannedRule => ({
    direction,
    peer: { kind: 'pods', selectors },
    ports: undefined,
    comment,
  });
  const always = pods.role === 'control-plane' ? alwaysForControlPlane(rules) : [];
  return {
    name: '',
    role: pods.role,
    namespace: pods.namespace,
    labels: pods.labels,
    rules: [same('ingress'), same('egress'), ...always, ...rules],
  };
}

/** vCluster's API server listens here (vcluster chart/templates/statefulset.yaml); a Service's port is not seen by policies. */
const API_PORT = 8443;

/** What a control plane cannot live without, where it happened not to be seen. */
function alwaysForControlPlane(rules: readonly PlannedRule[]): PlannedRule[] {
  const has = (direction: string, entity: string, port?: number): boolean =>
    rules.some(
      (rule) =>
        rule.direction === direction &&
        rule.peer.kind === 'entities' &&
        rule.peer.names.includes(entity) &&
        (port === undefined || rule.ports === undefined || rule.ports.some((one) => one.port === port)),
    );
  const tcp = (port: number): PlannedPort => ({ protocol: 'tcp', port });
  const missing: PlannedRule[] = [];
  if (!has('ingress', 'host', API_PORT))
    missing.push({
      direction: 'ingress',
      peer: { kind: 'entities', names: ['host', 'remote-node'] },
      ports: [tcp(API_PORT)],
      comment: [
        'Always needed: kubectl through a port-forward, a NodePort or a load balancer comes from a node.',
      ],
    });
  if (!has('egress', 'kube-apiserver'))
    missing.push({
      direction: 'egress',
      peer: { kind: 'entities', names: ['kube-apiserver'] },
      ports: [tcp(443), tcp(6443)],
      comment: ['Always needed: the syncer creates pods in the host cluster. Not seen: check the port.'],
    });
  return missing;
}

const MOST_SHOWN = 4;

function ruleOf({ direction, peer, ports, seen }: Draft): PlannedRule {
  const all = [...seen].sort(([, a], [, b]) => b.count - a.count);
  const comment = all.slice(0, MOST_SHOWN).map(([text, { count, last, example }]) => {
    const { sourceIp, destinationIp } = example.example;
    const address = direction === 'egress' ? destinationIp : sourceIp;
    const at = peer.kind === 'entities' && peer.names[0] === 'world' && address !== '' ? ` (${address})` : '';
    return `${text}${at}: ${counted(count, 'time')}, last ${time(last)}`;
  });
  if (all.length > MOST_SHOWN) comment.push(`and ${all.length - MOST_SHOWN} more`);
  const listed = [...ports.values()].sort((a, b) => a.protocol.localeCompare(b.protocol) || a.port - b.port);
  return { direction, peer, ports: listed, comment };
}

/** `<vcluster>-workloads`; with the namespace where pods live in several, and a number where labels differ. */
function named(policies: readonly PlannedPolicy[], { hostNamespace, vcluster }: Tenant): PlannedPolicy[] {
  const taken = new Map<string, number>();
  return policies.map((policy) => {
    const base = `${vcluster}-${policy.role}`;
    const key = `${policy.namespace}/${base}`;
    const at = (taken.get(key) ?? 0) + 1;
    taken.set(key, at);
    const rules = policy.namespace === hostNamespace ? policy.rules : policy.rules;
    return { ...policy, rules, name: at === 1 ? base : `${base}-${at}` };
  });
}

/**
 * The policies that isolate a tenant and keep what it used: from what was seen,
 * and from what every vCluster needs. Rules go by identity; what a tenant did to
 * another is left out unless it was agreed on.
 */
import type { Tenant } from '../model.js';
import { type Draft, finish, MOST_ADDRESSES, note } from './draft.js';
import { DNS_PORT, neededBy } from './needed.js';
import type { ObservedSide } from './observed.js';
import { controlPlanePods, dnsPods, isDns, type OwnPods, ownPods, workloadPods } from './own.js';
import { addressOf, peerOf, WORLD } from './peer.js';
import type { Direction, LeftOut, Plan, PlannedPeer, PlannedPolicy, Wish } from './plan.js';
import { inSlices } from './slices.js';
import { type Told, textOf } from './watched.js';

type Options = Pick<Wish, 'per' | 'worldEgress'>;

export async function planFor(tenant: Tenant, all: readonly Told[], options: Options): Promise<Plan> {
  const planner = new Planner(tenant, options);
  await inSlices(all, (told) => planner.look(told));
  return planner.plan();
}

/** One end of a connection that is the tenant's, and the other. */
interface End {
  readonly direction: Direction;
  readonly own: ObservedSide;
  readonly other: ObservedSide;
  readonly told: Told;
}

class Planner {
  readonly #tenant: Tenant;
  readonly #options: Options;
  readonly #drafts = new Map<string, Draft>();
  readonly #leftOut: LeftOut[] = [];
  readonly #unselected = new Set<string>();
  readonly #own = new Map<ObservedSide, Draft | undefined>();
  readonly #peers = { ingress: new Map<ObservedSide, Keyed>(), egress: new Map<ObservedSide, Keyed>() };
  readonly #resolvers = new Set<string>();
  #isDnsEmbedded = false;

  constructor(tenant: Tenant, options: Options) {
    this.#tenant = tenant;
    this.#options = options;
    // The two that every vCluster has, seen or not.
    this.#draft(workloadPods(tenant.hostNamespace, tenant.vcluster));
    this.#draft(controlPlanePods(tenant.hostNamespace, tenant.vcluster));
  }

  look(told: Told): void {
    const { observation, source, destination } = told;
    const isOwn = (party: Told['source']): boolean =>
      party.kind === 'tenant' && party.tenant.id === this.#tenant.id;
    const { source: from, destination: to } = observation;
    if (isOwn(source)) this.#end({ direction: 'egress', own: from, other: to, told });
    if (isOwn(destination)) this.#end({ direction: 'ingress', own: to, other: from, told });
  }

  #end(end: End): void {
    const { direction, own, other, told } = end;
    const draft = this.#draftOf(own);
    if (draft === undefined) {
      this.#unselected.add(direction === 'egress' ? told.sourceWorkload : told.destinationWorkload);
      return;
    }
    const { observation, relation } = told;
    if (observation.verdict === 'denied') return;
    if (relation === 'intra_tenant') {
      const to = this.#draftOf(other);
      if (to !== undefined && !this.#isNeeded(draft.pods, to.pods, end))
        this.#note(draft, keyed(podsPeer(to.pods)), end);
      return;
    }
    const { peer, key } = this.#peerOf(draft.pods, end);
    const why = this.#reasonToLeaveOut(told, peer);
    if (peer === undefined || why !== undefined)
      this.#leftOut.push({ why: why ?? 'unidentified', text: textOf(told), observation });
    else this.#note(draft, { peer, key }, end);
  }

  #note(draft: Draft, { peer, key }: Keyed, { direction, told }: End): void {
    if (peer === undefined) return;
    note(draft, { direction, peer, key, text: textOf(told), observation: told.observation });
  }

  /** Whether a rule that every vCluster gets is about it. */
  #isNeeded(own: OwnPods, other: OwnPods, { direction, own: ownSide, other: otherSide, told }: End): boolean {
    const { port } = told.observation;
    if (own.role === 'control-plane' || other.role === 'control-plane') {
      this.#isDnsEmbedded ||= own.role === 'control-plane' && direction === 'ingress' && port === DNS_PORT;
      return true;
    }
    if (this.#options.per === 'vcluster' || (own === other && own.role === 'namespace')) return true;
    return port === DNS_PORT && isDns(direction === 'egress' ? otherSide : ownSide);
  }

  #reasonToLeaveOut(
    { relation, expected, observation }: Told,
    peer: PlannedPeer | undefined,
  ): LeftOut['why'] | undefined {
    if (relation === 'cross_tenant' && !expected) return 'crossing';
    if (relation === 'unidentified') return 'unidentified';
    if (observation.protocol === 'other') return 'protocol';
    return peer === WORLD && relation === 'tenant_to_world' && this.#options.worldEgress === 'report'
      ? 'world'
      : undefined;
  }

  #peerOf(own: OwnPods, { direction, own: side, other, told }: End): Keyed {
    // Names outside are looked up by the tenant's DNS, for all of it: its resolver is a piece of it.
    const asksResolver = direction === 'egress' && told.observation.port === 53;
    const known = this.#peers[direction].get(other) ?? keyed(peerOf(other, direction));
    this.#peers[direction].set(other, known);
    const isResolver = asksResolver && known.peer === WORLD && (own.role === 'control-plane' || isDns(side));
    return isResolver && this.#isListed(other.ip) ? keyed(addressOf(other)) : known;
  }

  /** A tenant chooses its resolvers: so many that they would become the whole world are no resolvers. */
  #isListed(ip: string): boolean {
    if (ip !== '' && this.#resolvers.size < MOST_ADDRESSES) this.#resolvers.add(ip);
    return this.#resolvers.has(ip);
  }

  #draftOf(side: ObservedSide): Draft | undefined {
    if (this.#own.has(side)) return this.#own.get(side);
    const { vcluster } = this.#tenant;
    const pods = ownPods(side, vcluster, this.#options.per);
    const draft = pods === undefined ? undefined : this.#draft(pods);
    if (pods?.role === 'namespace') {
      this.#draft(workloadPods(pods.namespace, vcluster));
      if (isDns(side)) this.#draft(dnsPods(pods.namespace, vcluster));
    }
    this.#own.set(side, draft);
    return draft;
  }

  #draft(pods: OwnPods): Draft {
    const key = JSON.stringify(pods);
    const known = this.#drafts.get(key) ?? { pods, rules: new Map() };
    this.#drafts.set(key, known);
    return known;
  }

  async plan(): Promise<Plan> {
    const { vcluster, hostNamespace } = this.#tenant;
    if (this.#options.per === 'namespace' && !this.#isDnsEmbedded && !this.#has('dns'))
      this.#draft(dnsPods(hostNamespace, vcluster));
    const drafts = [...this.#drafts.values()];
    const all = drafts.map(({ pods }) => pods);
    const policies: PlannedPolicy[] = [];
    for (const { pods, rules } of drafts) {
      const finished = await inSlices([...rules.values()], finish);
      for (const { leftOut } of finished)
        for (const one of leftOut) this.#leftOut.push({ why: 'ports', ...one });
      const seen = finished.map(({ rule }) => rule);
      const { role, namespace, labels, virtual } = pods;
      const needed = neededBy(pods, { vcluster, all, per: this.#options.per }, seen);
      const name = `${vcluster}-${virtual ?? role}`;
      policies.push({ name, role, namespace, labels, rules: [...needed, ...seen] });
    }
    return {
      tenant: this.#tenant,
      policies: named(policies),
      leftOut: this.#leftOut,
      unselected: [...this.#unselected],
    };
  }

  #has(role: OwnPods['role']): boolean {
    return [...this.#drafts.values()].some(({ pods }) => pods.role === role);
  }
}

interface Keyed {
  readonly peer: PlannedPeer | undefined;
  readonly key: string;
}

const keyed = (peer: PlannedPeer | undefined): Keyed => ({
  peer,
  key: peer === undefined ? '' : JSON.stringify(peer),
});

function podsPeer({ namespace, labels }: OwnPods): PlannedPeer {
  return { kind: 'pods', selectors: [{ namespace, labels }] };
}

/** A number where two policies of one namespace would have one name. */
function named(policies: readonly PlannedPolicy[]): PlannedPolicy[] {
  const taken = new Map<string, number>();
  return policies.map((policy) => {
    const key = `${policy.namespace}/${policy.name}`;
    const at = (taken.get(key) ?? 0) + 1;
    taken.set(key, at);
    return at === 1 ? policy : { ...policy, name: `${policy.name}-${at}` };
  });
}

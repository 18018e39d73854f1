/**
 * One event through all the stages, in the order the picture in src/README.md
 * shows. The stages arrive as arguments; nothing here has a clock.
 */
import type {
  Crossing,
  Endpoint,
  EventWord,
  ExpectedTraffic,
  Flow,
  HubbleEvent,
  Layer4,
  Occurrence,
  Party,
  PolicyRef,
  Relation,
  Verdict,
} from './model.js';

export interface Stages {
  judge(flow: Flow): EventWord;
  attribute(endpoint: Endpoint): Party;
  relate(source: Party, destination: Party): Relation;
  readonly verdicts: {
    note(flow: Flow, named: boolean, now: number): void;
    audited(flow: Flow, now: number): boolean;
    policies(flow: Flow, now: number): readonly PolicyRef[];
  };
  readonly connections: {
    arrival(flow: Flow, audited: boolean, now: number): Occurrence;
    denial(flow: Flow, now: number): Occurrence;
  };
  findAgreement(source: string, destination: string, l4: Layer4, now: number): ExpectedTraffic | undefined;
  readonly ledger: {
    event(word: EventWord): void;
    tenantFlow(source: Party, destination: Party, relation: Relation, verdict: Verdict): void;
  };
  /** What became of a connection that leaves the endpoints of the cluster; undefined: the flow tells of none. */
  departure(flow: Flow): Verdict | undefined;
  /** What policies can be asked about: traffic of every relation, and departures, which count nowhere. */
  observed(flow: Flow, verdict: Verdict, seenAt: number): void;
  /** Everyone who wants to know of a cross-tenant event: counters, the ring of crossings, the log. */
  crossed(crossing: Crossing): void;
}

/** When an event reached us, and when it counts as observed; milliseconds since the epoch. */
export interface Delivery {
  readonly receivedAt: number;
  /** `receivedAt`, but the flow's own time for history that a long re-read brings. */
  readonly seenAt: number;
}

/** @returns the function that takes each event once, duplicates already removed; synchronous, never throws */
export function createPipeline(stages: Stages): (event: HubbleEvent, delivery: Delivery) => void {
  const { ledger, verdicts, connections } = stages;

  return (event, delivery) => {
    switch (event.kind) {
      case 'flow':
        onFlow(event.flow, delivery);
        break;
      case 'unreadable':
        ledger.event('unreadable');
        break;
      case 'unknown':
        ledger.event('other');
        break;
      case 'node_status':
      case 'lost_events':
        break; // about the stream, not about traffic: the subscription has accounted for them
    }
  };

  function onFlow(flow: Flow, delivery: Delivery): void {
    const word = stages.judge(flow);
    ledger.event(word);
    if (word === 'arrival' || word === 'denial') onTraffic(flow, word, delivery);
    else if (word === 'policy_verdict') onPolicyVerdict(flow, delivery);
    if (word === 'policy_verdict' || word === 'transit') onDeparture(flow, delivery);
  }

  function attributeBoth({ source, destination }: Flow): readonly [Party, Party] {
    const first = stages.attribute(source);
    const second = stages.attribute(destination);
    // The destination may just have taught which vCluster lives in the source's namespace.
    return [isSettled(first) ? first : stages.attribute(source), second];
  }

  function onPolicyVerdict(flow: Flow, { receivedAt }: Delivery): void {
    const relation = stages.relate(...attributeBoth(flow));
    verdicts.note(flow, relation === 'cross_tenant', receivedAt);
  }

  /** Who it was is asked when somebody wants to know: nothing that counts may come of it. */
  function onDeparture(flow: Flow, { seenAt }: Delivery): void {
    const verdict = stages.departure(flow);
    if (verdict !== undefined) stages.observed(flow, verdict, seenAt);
  }

  function onTraffic(flow: Flow, word: 'arrival' | 'denial', delivery: Delivery): void {
    const [source, destination] = attributeBoth(flow);
    const relation = stages.relate(source, destination);
    const audited = word === 'arrival' && verdicts.audited(flow, delivery.receivedAt);
    if (source.kind === 'tenant' && destination.kind === 'tenant' && relation === 'cross_tenant') {
      const crossing = cross(flow, word, audited, source, destination, delivery);
      ledger.tenantFlow(source, destination, relation, crossing.occurrence.verdict);
      stages.crossed(crossing);
      // Last: what only policies are asked about must never come between an event and its count.
      stages.observed(flow, crossing.occurrence.verdict, delivery.seenAt);
      return;
    }
    const verdict = word === 'denial' ? 'denied' : audited ? 'audited' : 'allowed';
    ledger.tenantFlow(source, destination, relation, verdict);
    stages.observed(flow, verdict, delivery.seenAt);
  }

  function cross(
    flow: Flow,
    word: 'arrival' | 'denial',
    audited: boolean,
    source: Crossing['source'],
    destination: Crossing['destination'],
    { receivedAt, seenAt }: Delivery,
  ): Crossing {
    const occurrence =
      word === 'denial'
        ? connections.denial(flow, receivedAt)
        : connections.arrival(flow, audited, receivedAt);
    const agreement = stages.findAgreement(source.tenant.name, destination.tenant.name, flow.l4, seenAt);
    const policies = verdicts.policies(flow, receivedAt);
    return { flow, source, destination, occurrence, agreement, policies, seenAt };
  }
}

/** Decided by something that learning more of its namespace cannot change. */
function isSettled(party: Party): boolean {
  if (party.kind === 'world') return true;
  return party.kind === 'tenant' && party.evidence !== 'pod_name' && party.evidence !== 'namespace';
}

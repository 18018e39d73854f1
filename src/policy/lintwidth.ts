/** Rules that select more than a reader expects, or nothing at all. */
import { type Finding, finding } from './finding.js';
import { POD_NAMESPACE, POLICY_CLUSTER } from './label.js';
import type { Peer, Rule } from './rule.js';
import type { Selector } from './selector.js';

export function selectsEverything(rule: Rule): Finding[] {
  const found: Finding[] = [];
  const say = (why: string, instead: string): void =>
    void found.push(finding('selects-everything', rule, why, instead));
  if (rule.subject.kind === 'endpoint' && rule.subject.selector.length === 0)
    say(
      "the empty endpointSelector of a clusterwide policy selects every endpoint of the cluster: pods of every namespace, kube-system too, Cilium's health endpoints and ingress proxies",
      'select the pods that it is for, by k8s:io.kubernetes.pod.namespace or k8s:io.cilium.k8s.namespace.labels.…',
    );
  if (rule.effect === 'deny' || rule.peers === 'nobody') return found;
  const side = rule.direction === 'ingress' ? 'from' : 'to';
  if (rule.peers.length === 0 && rule.ports !== undefined && rule.ports.length > 0)
    say(
      `ports without a ${side} allow them ${side} everyone: every tenant, every node, and what is outside the cluster`,
      `say who: ${side}Endpoints or ${side}Entities beside the ports`,
    );
  if (rule.peers.some(isAnyone))
    say(
      `it allows traffic ${side} everyone: every tenant, every node, and what is outside the cluster`,
      `say who: ${side}Endpoints with labels, or the entities that are meant`,
    );
  else if (rule.peers.some(isEveryPod))
    say(
      `it allows traffic ${side} every pod of the cluster, and so every tenant`,
      `name the namespace (k8s:io.kubernetes.pod.namespace) and the labels that are meant`,
    );
  return found;
}

const isAnyone = (peer: Peer): boolean => peer.kind === 'labels' && peer.selector.length === 0;

/** Nothing but what scoping itself adds: in some namespace, of this cluster. */
function isEveryPod(peer: Peer): boolean {
  return peer.kind === 'labels' && peer.selector.length > 0 && isScopeOnly(peer.selector);
}

function isScopeOnly(selector: Selector): boolean {
  return selector.every(
    ({ key, operator }) =>
      (key === POD_NAMESPACE && operator === 'Exists') || (key === POLICY_CLUSTER && operator === 'In'),
  );
}

/** `ingress: [{}]` is how one closes a direction; these only look like rules. */
export function matchesNothing(rule: Rule): Finding[] {
  const { peers, ports, effect } = rule;
  const isEmptyRule = peers !== 'nobody' && peers.length === 0 && ports === undefined;
  if (ports?.length === 0)
    return [
      finding(
        'matches-nothing',
        rule,
        `toPorts or icmps is there but names no port, which ${verb(effect)} nothing`,
        'leave toPorts out to mean every port, or name the ports',
      ),
    ];
  if (effect === 'deny' && (isEmptyRule || peers === 'nobody'))
    return [
      finding(
        'matches-nothing',
        rule,
        'a rule without anyone denies nothing; what it does is to close the direction for all that no other rule allows',
        'fromEntities or toEntities: [all] to deny everyone; an empty allow rule to close the direction',
      ),
    ];
  return [];
}

function verb(effect: Rule['effect']): string {
  return effect === 'allow' ? 'allows' : 'denies';
}

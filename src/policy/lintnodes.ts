/** The host is the node that a pod runs on: a wide target, and never the other nodes. */
import { type Finding, finding } from './finding.js';
import type { Rule } from './rule.js';
import { selects } from './selector.js';

/** The node's own services are on its ports: kubelet, the container runtime's, whatever listens there. */
export function hostWithoutPorts(rule: Rule): Finding[] {
  if (rule.effect === 'deny' || rule.direction === 'ingress' || !names(rule, 'host') || !isEveryPort(rule))
    return [];
  return [
    finding(
      'host-without-ports',
      rule,
      'it opens every port of the node that the pod runs on, the kubelet and everything else that listens there',
      'add toPorts with the ports that are needed, such as "6443" for an API server on the node',
    ),
  ];
}

export function remoteNodeMissing(rule: Rule, others: readonly Rule[]): Finding[] {
  if (rule.effect === 'deny' || !names(rule, 'host')) return [];
  const covered = others.some(
    (other) =>
      other.effect === 'allow' && other.direction === rule.direction && reaches(other, 'remote-node'),
  );
  if (covered) return [];
  const side = rule.direction === 'ingress' ? 'fromEntities' : 'toEntities';
  return [
    finding(
      'remote-node-missing',
      rule,
      'host is the node that the pod runs on only: to and from every other node the traffic is dropped, and which node it is changes with each restart',
      `${side}: [host, remote-node]`,
    ),
  ];
}

/** Named by itself, not by an entity that holds much more. */
function names(rule: Rule, reserved: string): boolean {
  return (
    rule.peers !== 'nobody' &&
    rule.peers.some(
      (peer) =>
        peer.kind === 'labels' &&
        peer.selector.length === 1 &&
        peer.selector.some(({ source, key }) => source === 'reserved' && key === reserved),
    )
  );
}

function reaches({ peers }: Rule, reserved: string): boolean {
  const labels = [{ source: 'reserved', key: reserved, value: '' }];
  return peers !== 'nobody' && peers.some((peer) => peer.kind === 'labels' && selects(peer.selector, labels));
}

function isEveryPort({ ports }: Rule): boolean {
  return (
    ports === undefined ||
    ports.some(({ from, to, name }) => name === undefined && from === 0 && to === 65_535)
  );
}

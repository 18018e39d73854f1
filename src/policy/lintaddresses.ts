/** Addresses and ports as people know them from elsewhere, and as Cilium does not read them. */
import { type Finding, finding, type Observed, type ServicePort } from './finding.js';
import { parseIdentityLabel } from './label.js';
import type { Peer, PortRange, Rule } from './rule.js';
import { selects } from './selector.js';
import { isWorld, knowSide } from './subject.js';

/**
 * A block that holds the address of a pod or a node does not select it: inside the
 * cluster Cilium goes by labels (pkg/ipcache/metadata.go, resolveLabels).
 */
export function ignoredBlocks(
  rule: Rule,
  addresses: NonNullable<Observed['addresses']>,
  cluster: string,
): Finding[] {
  if (rule.peers === 'nobody') return [];
  return rule.peers.flatMap((peer) => {
    if (peer.kind !== 'block') return [];
    const inside = addresses
      .filter(({ ip }) => covers(peer, ip))
      .map(({ labels, ip }) => ({ side: knowSide(labels, cluster), ip }));
    const example = inside.find(({ side }) => side.kind !== 'unknown' && !isWorld(side.labels));
    if (example === undefined) return [];
    const what = example.side.kind === 'node' ? 'node' : 'pod';
    const verb = rule.direction === 'ingress' ? 'from' : 'to';
    return [
      finding(
        'block-ignored',
        rule,
        `${peer.block.text} holds the address ${example.ip} of a ${what}, but blocks are about what is outside the cluster: the rule is not about it`,
        what === 'node'
          ? `${verb}Entities: [host, remote-node], or kube-apiserver`
          : `${verb}Endpoints with the labels of the pods`,
      ),
    ];
  });
}

function covers({ block, except }: Extract<Peer, { kind: 'block' }>, ip: string): boolean {
  return block.contains(ip) && !except.some((hole) => hole.contains(ip));
}

/** A policy sees the pod's port: by then the Service's has been translated, in the socket or in the packet. */
export function servicePorts(rule: Rule, services: readonly ServicePort[], cluster: string): Finding[] {
  const { peers, ports, direction, effect } = rule;
  if (effect === 'deny' || peers === 'nobody' || ports === undefined) return [];
  return services.flatMap((service) => {
    const { port, targetPort, protocol } = service;
    const covers = (number: number): boolean => ports.some((range) => holds(range, protocol, number));
    if (port === targetPort || !covers(port) || covers(targetPort)) return [];
    if (!service.backends.some((labels) => isMeant(rule, labels, cluster))) return [];
    return [
      finding(
        'service-port',
        rule,
        `${port} is the port of the Service ${service.name}, whose pods listen on ${targetPort}: ${direction} policy sees the pod's port, so that the traffic is dropped`,
        `port: "${targetPort}"`,
      ),
    ];
  });
}

function holds(
  { protocol, from, to, name }: PortRange,
  wanted: ServicePort['protocol'],
  number: number,
): boolean {
  return name === undefined && (protocol === wanted || protocol === 'any') && from <= number && number <= to;
}

/** Towards the Service's pods, or at them. */
function isMeant({ direction, subject, peers }: Rule, texts: readonly string[], cluster: string): boolean {
  if (knowSide(texts, cluster).kind !== 'endpoint') return false;
  const labels = texts.map(parseIdentityLabel);
  if (direction === 'ingress') return selects(subject.selector, labels);
  return peers !== 'nobody' && peers.some((peer) => peer.kind === 'labels' && selects(peer.selector, labels));
}

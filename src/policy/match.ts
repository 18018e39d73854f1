/** Whether a rule is about a connection: its subject, its other side, its port. */
import type { Connection, Side } from './connection.js';
import { hasReserved } from './label.js';
import type { Peer, PortRange, Rule, Subject } from './rule.js';
import { selects } from './selector.js';
import { isWorld, type KnownSide } from './subject.js';
import { all, any, type Ternary, when } from './ternary.js';

/** What of Cilium's configuration the answer depends on. */
export interface MatchOptions {
  /** `enable-host-firewall`; undefined: not known. */
  readonly hostFirewall: boolean | undefined;
  /** `policy-cidr-match-mode: nodes`. */
  readonly cidrMatchesNodes: boolean;
  /** The number behind a port's name at the destination; undefined where it is not known. */
  readonly namedPort: (name: string, connection: Connection) => number | undefined;
}

/** Node policies select the node itself, whose labels are known on its own flows only (pkg/policy/rule.go, matchesSubject). */
export function matchSubject({ kind, selector }: Subject, side: KnownSide, options: MatchOptions): Ternary {
  if (side.kind === 'unknown') return 'maybe';
  if (kind === 'endpoint') return side.kind === 'endpoint' ? when(selects(selector, side.labels)) : 'no';
  if (side.kind !== 'node' || options.hostFirewall === false) return 'no';
  if (!side.isHost) return 'maybe';
  const selected = when(selects(selector, side.labels));
  return options.hostFirewall === true ? selected : all([selected, 'maybe']);
}

export function matchPeers(rule: Rule, side: KnownSide, { ip }: Side, options: MatchOptions): Ternary {
  const { peers, ports } = rule;
  if (peers === 'nobody') return 'no';
  // Not said: anyone where ports are (createL4Filter), nobody where they are not (mergeL4Filter).
  if (peers.length === 0) return when(ports !== undefined);
  return any(peers.map((peer) => matchPeer(peer, side, ip, options)));
}

function matchPeer(peer: Peer, side: KnownSide, ip: string, options: MatchOptions): Ternary {
  switch (peer.kind) {
    case 'labels':
      if (peer.selector.length === 0) return 'yes';
      return side.kind === 'unknown' ? 'maybe' : when(selects(peer.selector, side.labels));
    case 'block':
      return all([
        isAddressed(side, options),
        ip === ''
          ? 'maybe'
          : when(peer.block.contains(ip) && !peer.except.some((except) => except.contains(ip))),
      ]);
    case 'unknown':
      return all([isAbout(peer.about, side, options), 'maybe']);
  }
}

function isAbout(
  about: Extract<Peer, { kind: 'unknown' }>['about'],
  side: KnownSide,
  options: MatchOptions,
): Ternary {
  switch (about) {
    case 'anything':
      return 'yes';
    case 'node':
      return side.kind === 'unknown' ? 'maybe' : when(hasReserved(side.labels, 'remote-node'));
    case 'world':
      return isAddressed(side, options);
  }
}

/**
 * Blocks and names are about what is outside the cluster: neither pods nor, unless
 * configured, nodes are selected by their address (pkg/ipcache/metadata.go, resolveLabels).
 */
function isAddressed(side: KnownSide, { cidrMatchesNodes }: MatchOptions): Ternary {
  if (side.kind === 'unknown') return 'maybe';
  if (side.kind === 'node') return when(cidrMatchesNodes);
  if (isWorld(side.labels)) return 'yes';
  // An API server of which the labels do not say where it runs.
  return hasReserved(side.labels, 'kube-apiserver') ? 'maybe' : 'no';
}

export function matchPort(range: PortRange, connection: Connection, options: MatchOptions): Ternary {
  const protocol = matchProtocol(range, connection);
  if (protocol === 'no' || range.name === undefined)
    return all([protocol, when(range.from <= connection.port && connection.port <= range.to)]);
  const number = options.namedPort(range.name, connection);
  return all([protocol, number === undefined ? 'maybe' : when(number === connection.port)]);
}

function matchProtocol({ protocol }: PortRange, { protocol: actual, icmpVersion }: Connection): Ternary {
  switch (protocol) {
    // Protocols with ports only: ICMP has rules of its own (pkg/policy/rule.go, mergeL4Filter).
    case 'any':
      return when(actual === 'tcp' || actual === 'udp' || actual === 'sctp');
    case 'tcp':
    case 'udp':
    case 'sctp':
      return when(actual === protocol);
    case 'icmp':
      return when(actual === 'icmp' && icmpVersion === 4);
    case 'icmpv6':
      return when(actual === 'icmp' && icmpVersion === 6);
    // Hubble does not say which other protocol it was.
    case 'vrrp':
    case 'igmp':
      return actual === 'other' ? 'maybe' : 'no';
  }
}

import type { Path } from './connections.js';
import { dnsLookup, type Packet } from './conversations.js';
import { accessLogEvent, type PolicySide } from './events.js';
import { withoutName, type NodeSite, type Peer } from './peers.js';

/**
 * Connections that a rule for layer 7 sends through Cilium's proxy: two
 * connections where the endpoints believe in one, and the proxy's log between
 * them. Only the second one reaches the server.
 */

/**
 * A server whose ingress policy reads HTTP. Envoy keeps the client's address
 * towards the server, so conntrack takes the second leg for more of the first:
 * its arrival is ESTABLISHED, never NEW.
 */
export function throughIngressProxy(path: Path): void {
  const node = path.attempt.to.node;
  if (node === undefined) return;
  for (const packet of CLIENT_TO_ENVOY) {
    const leg = path.leg(packet);
    if (packet.direction === 'forward') {
      const left = path.leave(packet, leg);
      if (left !== undefined) path.reachProxy('ingress', node, { ...packet, delayMs: left }, leg);
    } else {
      path.carry(packet);
    }
  }
  for (const packet of ENVOY_TO_SERVER) {
    if (packet.direction === 'forward') path.arrive(packet, path.leg(packet));
    else path.reachProxy('ingress', node, packet, path.leg(packet));
  }
  logHttp(path, node, 'ingress');
}

const CLIENT_TO_ENVOY: readonly Packet[] = [
  { delayMs: 0, direction: 'forward', flags: ['SYN'] },
  { delayMs: 0.4, direction: 'reply', flags: ['SYN', 'ACK'] },
  { delayMs: 0.8, direction: 'forward', flags: ['ACK'] },
  { delayMs: 1, direction: 'forward', flags: ['PSH', 'ACK'] },
  { delayMs: 6, direction: 'reply', flags: ['PSH', 'ACK'] },
  { delayMs: 6.6, direction: 'forward', flags: ['FIN', 'ACK'] },
  { delayMs: 7, direction: 'reply', flags: ['FIN', 'ACK'] },
];

const REQUEST_LOGGED_MS = 2;
const RESPONSE_LOGGED_MS = 5;

const ENVOY_TO_SERVER: readonly Packet[] = [
  { delayMs: 2.5, direction: 'forward', flags: ['SYN'] },
  { delayMs: 2.7, direction: 'reply', flags: ['SYN', 'ACK'] },
  { delayMs: 2.9, direction: 'forward', flags: ['ACK'] },
  { delayMs: 3, direction: 'forward', flags: ['PSH', 'ACK'] },
  { delayMs: 4.5, direction: 'reply', flags: ['PSH', 'ACK'] },
  { delayMs: 8, direction: 'forward', flags: ['FIN', 'ACK'] },
  { delayMs: 8.2, direction: 'reply', flags: ['FIN', 'ACK'] },
];

function logHttp(path: Path, node: NodeSite, side: PolicySide): void {
  const url = `http://${path.attempt.to.ip}:${path.attempt.port ?? 80}/`;
  const log = (direction: Packet['direction'], delayMs: number, summary: string): void =>
    path.emit(
      node,
      delayMs,
      accessLogEvent(node, path.leg({ delayMs, direction }), { side, direction, summary }),
    );
  log('forward', REQUEST_LOGGED_MS, `HTTP/1.1 GET ${url}`);
  log('reply', RESPONSE_LOGGED_MS, `HTTP/1.1 200 3ms (GET ${url})`);
}

/**
 * A client whose egress policy reads DNS. The proxy asks from the node's
 * address but with the client's identity: at the DNS server the source has the
 * client's labels and no pod name.
 *
 * @param another makes the path of the proxy's own connection
 */
export function throughDnsProxy(path: Path, another: (from: Peer) => Path): void {
  const { from } = path.attempt;
  const node = from.node;
  if (node === undefined) return;
  const upstream = another({
    ...from,
    kind: 'host',
    ip: node.ip,
    local: withoutName(from.local),
    remote: withoutName(from.remote),
  });
  for (const packet of dnsLookup()) {
    const leg = path.leg(packet);
    if (packet.direction === 'forward') {
      path.reachProxy('egress', node, packet, leg);
      upstream.carry({ ...packet, delayMs: packet.delayMs + 0.3 });
    } else {
      upstream.carry(packet);
      path.arrive({ ...packet, delayMs: packet.delayMs + 0.4 }, leg);
    }
    const words = packet.direction === 'forward' ? 'DNS Query' : 'DNS Answer "10.96.0.10" TTL: 30';
    path.emit(
      node,
      packet.delayMs + 0.2,
      accessLogEvent(node, leg, { side: 'egress', direction: packet.direction, summary: words }),
    );
  }
  path.events.push(...upstream.events);
}

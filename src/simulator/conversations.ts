/**
 * What two ends say to each other, packet by packet, whatever lies between
 * them. Delays are milliseconds from the first packet.
 */

export type Direction = 'forward' | 'reply';

export interface Packet {
  readonly delayMs: number;
  readonly direction: Direction;
  /** TCP only. */
  readonly flags?: readonly TcpFlagName[];
  /** ICMP only; for IPv6 peers the simulator maps echo types itself. */
  readonly icmp?: { readonly type: number; readonly code: number };
  /** An ICMP error about the connection, not a packet of it. Travels in `direction`. */
  readonly related?: boolean;
}

export type TcpFlagName = 'SYN' | 'ACK' | 'PSH' | 'FIN' | 'RST';

/** ICMPv4 types (RFC 792). */
const ECHO_REPLY = { type: 0, code: 0 };
const ECHO_REQUEST = { type: 8, code: 0 };
const PORT_UNREACHABLE = { type: 3, code: 3 };

const forward = (delayMs: number, ...flags: TcpFlagName[]): Packet => ({
  delayMs,
  direction: 'forward',
  flags,
});
const reply = (delayMs: number, ...flags: TcpFlagName[]): Packet => ({ delayMs, direction: 'reply', flags });

/** A short request over TCP, such as curl's: three-way handshake, one question, one answer, both ends close. */
export function tcpRequest(): Packet[] {
  return [
    forward(0, 'SYN'),
    reply(0.4, 'SYN', 'ACK'),
    forward(0.8, 'ACK'),
    forward(1, 'PSH', 'ACK'),
    reply(3, 'PSH', 'ACK'),
    forward(3.6, 'FIN', 'ACK'),
    reply(4, 'FIN', 'ACK'),
    forward(4.4, 'ACK'),
  ];
}

/** A connection that stays open, with a packet each way every `everyMs`. */
export function tcpLong(options: { readonly lastsMs: number; readonly everyMs: number }): Packet[] {
  const packets = [forward(0, 'SYN'), reply(0.4, 'SYN', 'ACK'), forward(0.8, 'ACK')];
  for (let at = options.everyMs; at < options.lastsMs; at += options.everyMs) {
    packets.push(forward(at, 'PSH', 'ACK'), reply(at + 0.5, 'PSH', 'ACK'));
  }
  const end = options.lastsMs;
  return [...packets, forward(end, 'FIN', 'ACK'), reply(end + 0.4, 'FIN', 'ACK'), forward(end + 0.8, 'ACK')];
}

/** Nobody listens on the port: the SYN arrives, which is all that a policy could have prevented. */
export function tcpRefused(): Packet[] {
  return [forward(0, 'SYN'), reply(0.4, 'RST', 'ACK')];
}

/** SYN, and again after 1, 3, 7 … seconds (Linux doubles from one second), never an answer. */
export function tcpUnanswered(retransmits = 2): Packet[] {
  return Array.from({ length: retransmits + 1 }, (_, n) => forward((2 ** n - 1) * 1000, 'SYN'));
}

/** Datagrams one way, each answered or none. */
export function udpExchange(
  options: { readonly datagrams?: number; readonly everyMs?: number; readonly answered?: boolean } = {},
): Packet[] {
  const { datagrams = 1, everyMs = 1, answered = true } = options;
  return Array.from({ length: datagrams }, (_, n): Packet[] => [
    { delayMs: n * everyMs, direction: 'forward' },
    ...(answered ? [{ delayMs: n * everyMs + 0.5, direction: 'reply' } as const] : []),
  ]).flat();
}

/** A and AAAA from one socket, as resolvers of glibc and musl ask. */
export function dnsLookup(): Packet[] {
  return [
    { delayMs: 0, direction: 'forward' },
    { delayMs: 0.1, direction: 'forward' },
    { delayMs: 0.7, direction: 'reply' },
    { delayMs: 0.9, direction: 'reply' },
  ];
}

/** A datagram to a port where nobody listens, and the ICMP error that comes back. */
export function udpUnreachable(): Packet[] {
  return [
    { delayMs: 0, direction: 'forward' },
    { delayMs: 0.4, direction: 'reply', icmp: PORT_UNREACHABLE, related: true },
  ];
}

/** `ping -c count`. */
export function ping(options: { readonly count?: number; readonly answered?: boolean } = {}): Packet[] {
  const { count = 3, answered = true } = options;
  return Array.from({ length: count }, (_, n): Packet[] => [
    { delayMs: n * 1000, direction: 'forward', icmp: ECHO_REQUEST },
    ...(answered ? [{ delayMs: n * 1000 + 0.4, direction: 'reply', icmp: ECHO_REPLY } as const] : []),
  ]).flat();
}

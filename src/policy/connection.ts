/** A connection as policies see it: who, to whom, on which port. Direction is that of whoever opened it. */
import type { Endpoint, Flow, Protocol } from '../model.js';

export interface Side {
  /** Labels of the security identity, as Hubble sends them. Empty: not known. */
  readonly labels: readonly string[];
  /** Decides about blocks of addresses, for what is outside the cluster only. '' where not known. */
  readonly ip: string;
}

export interface Connection {
  readonly source: Side;
  readonly destination: Side;
  readonly protocol: Protocol;
  /** TCP, UDP, SCTP: the destination's port. ICMP: the type. */
  readonly port: number;
  /** 4 or 6 for ICMP; 0 otherwise. */
  readonly icmpVersion: 0 | 4 | 6;
}

/** The flow must be of the side that opened the connection, not a reply. */
export function connectionOf(flow: Flow): Connection {
  const { l4 } = flow;
  return {
    source: { labels: labelsOf(flow.source), ip: String(flow.sourceIp) },
    destination: { labels: labelsOf(flow.destination), ip: String(flow.destinationIp) },
    protocol: l4.protocol,
    port: l4.protocol === 'icmp' ? l4.sourcePort : l4.destinationPort,
    icmpVersion: l4.icmpVersion,
  };
}

/** The numbers that always stand for the same labels (cilium pkg/identity/numericidentity.go). */
const RESERVED = new Map<number, readonly string[]>([
  [1, ['reserved:host']],
  [2, ['reserved:world']],
  [3, ['reserved:unmanaged']],
  [4, ['reserved:health']],
  [5, ['reserved:init']],
  [6, ['reserved:remote-node']],
  [8, ['reserved:ingress']],
  [9, ['reserved:world-ipv4']],
  [10, ['reserved:world-ipv6']],
]);

/** 7, kube-apiserver, is left out: its other label says where the API server runs. */
export function labelsOf({ labels, identity }: Endpoint): readonly string[] {
  return labels.length > 0 ? labels : (RESERVED.get(identity) ?? labels);
}

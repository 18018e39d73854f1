/** Names of ICMP types that `icmps` takes in place of numbers (cilium pkg/policy/api/icmp.go). */

const IPV4: Readonly<Record<string, number>> = {
  EchoReply: 0,
  DestinationUnreachable: 3,
  Redirect: 5,
  Echo: 8,
  EchoRequest: 8,
  RouterAdvertisement: 9,
  RouterSelection: 10,
  TimeExceeded: 11,
  ParameterProblem: 12,
  Timestamp: 13,
  TimestampReply: 14,
  Photuris: 40,
  ExtendedEchoRequest: 42,
  ExtendedEchoReply: 43,
};

const IPV6: Readonly<Record<string, number>> = {
  DestinationUnreachable: 1,
  PacketTooBig: 2,
  TimeExceeded: 3,
  ParameterProblem: 4,
  EchoRequest: 128,
  EchoReply: 129,
  MulticastListenerQuery: 130,
  MulticastListenerReport: 131,
  MulticastListenerDone: 132,
  RouterSolicitation: 133,
  RouterAdvertisement: 134,
  NeighborSolicitation: 135,
  NeighborAdvertisement: 136,
  RedirectMessage: 137,
  RouterRenumbering: 138,
  ICMPNodeInformationQuery: 139,
  ICMPNodeInformationResponse: 140,
  InverseNeighborDiscoverySolicitation: 141,
  InverseNeighborDiscoveryAdvertisement: 142,
  HomeAgentAddressDiscoveryRequest: 144,
  HomeAgentAddressDiscoveryReply: 145,
  MobilePrefixSolicitation: 146,
  MobilePrefixAdvertisement: 147,
  DuplicateAddressRequestCodeSuffix: 157,
  DuplicateAddressConfirmationCodeSuffix: 158,
  ExtendedEchoRequest: 160,
  ExtendedEchoReply: 161,
};

/** Misspelt in the schema of the custom resource (`ExtendedEcho Reply`), so that the API server refuses it. */
const REFUSED = 'ExtendedEchoReply';

export type IcmpFamily = 'IPv4' | 'IPv6';

/** @returns the type's number, or undefined where the family has no type of that name */
export function icmpType(family: IcmpFamily, name: string): number | undefined {
  if (name === REFUSED) return undefined;
  const types = family === 'IPv4' ? IPV4 : IPV6;
  return Object.hasOwn(types, name) ? types[name] : undefined;
}

export function icmpNames(family: IcmpFamily): string[] {
  return Object.keys(family === 'IPv4' ? IPV4 : IPV6).filter((name) => name !== REFUSED);
}

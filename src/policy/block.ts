/**
 * Blocks of addresses, with the meaning of Go's net/netip, which Cilium parses
 * them with: an IPv4 block never holds an IPv6 address, nor one that maps IPv4.
 */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

export interface AddressBlock {
  readonly text: string;
  readonly bits: number;
  contains(address: string): boolean;
}

/** @returns undefined unless it is written `address/length` */
export function parseBlock(text: string): AddressBlock | undefined {
  const slash = text.lastIndexOf('/');
  if (slash === -1) return undefined;
  const address = text.slice(0, slash);
  const length = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const bits = Number(length);
  const family = isIP(address);
  // A zone names an interface of one machine; a block with one means nothing elsewhere.
  if (family === 0 || address.includes('%') || bits > (family === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  return {
    text,
    bits,
    contains: (other) =>
      family === 4 ? isIPv4(other) && list.check(other, 'ipv4') : isIPv6(other) && list.check(other, 'ipv6'),
  };
}

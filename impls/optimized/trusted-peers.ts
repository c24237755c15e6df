/** Which peers' forwarded headers are believed. Asked once a connection and policy. */
import { BlockList, isIP, isIPv6 } from 'node:net';

/** Membership in a list of addresses and CIDR blocks. */
export function trustedBy(entries: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [network = '', prefix] = entry.split('/');
    const family = isIPv6(network) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(prefix), family);
  }
  return (address) =>
    entries.length > 0 &&
    isIP(address) !== 0 &&
    list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

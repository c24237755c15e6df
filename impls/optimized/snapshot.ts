/**
 * A policy compiled for the hot path: immutable, made once at load, swapped at once on reload and
 * taken once a request, so that no request ever sees half of a configuration and none takes a lock.
 */
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Limits, Policy } from '../policy/policy.ts';

export interface Snapshot {
  readonly policy: Policy;
  readonly limits: Limits;
  /** Whether forwarded headers from this address are believed. */
  trusts(address: string): boolean;
}

/** Compiles a validated policy. */
export function makeSnapshot(policy: Policy): Snapshot {
  return { policy, limits: policy.limits, trusts: trustedBy(policy.trustForwardedFrom) };
}

/** Membership in a list of addresses and CIDR blocks. */
function trustedBy(entries: readonly string[]): (address: string) => boolean {
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

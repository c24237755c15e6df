/**
 * The configuration in force, behind a lock that every reader takes: the plan's starting point. A
 * request takes it once for the policy it runs under and once for each part that it reads, so a
 * reload never changes a part while it is being read. Nothing is compiled ahead here.
 */
import { BlockList, isIP } from 'node:net';
import { Mutex } from 'async-mutex';
import type { Policy } from '../policy/policy.ts';

/** One policy, and the peers whose forwarding headers it believes. */
export interface Snapshot {
  readonly policy: Policy;
  readonly trusted: BlockList;
}

/** Holds the policy and hands out its parts under the lock. */
export class Configuration {
  readonly #lock = new Mutex();
  #current: Snapshot;

  /** @throws RangeError if the policy trusts something that is neither an address nor a block. */
  constructor(policy: Policy) {
    this.#current = toSnapshot(policy);
  }

  /** The policy that is in force without waiting for the lock: for what has no request yet. */
  get policy(): Policy {
    return this.#current.policy;
  }

  /** What is in force, likewise. */
  get current(): Snapshot {
    return this.#current;
  }

  /** What a request runs under from its head to its end. */
  snapshot(): Promise<Snapshot> {
    return this.#lock.runExclusive(() => this.#current);
  }

  /** One part of the policy that a request began with. */
  read<Part>(snapshot: Snapshot, part: (policy: Policy) => Part): Promise<Part> {
    return this.#lock.runExclusive(() => part(snapshot.policy));
  }

  /** Puts another policy in force. @throws RangeError as the constructor; the old one stays. */
  async replace(policy: Policy): Promise<void> {
    const next = toSnapshot(policy);
    await this.#lock.runExclusive(() => {
      this.#current = next;
    });
  }
}

function toSnapshot(policy: Policy): Snapshot {
  const trusted = new BlockList();
  for (const block of policy.trustForwardedFrom) {
    const [address = '', prefix] = block.split('/');
    const family = isIP(address);
    if (family === 0) throw new RangeError(`trustForwardedFrom: ${block} is not an address`);
    const type = family === 4 ? 'ipv4' : 'ipv6';
    if (prefix === undefined) trusted.addAddress(address, type);
    else trusted.addSubnet(address, Number(prefix), type);
  }
  return { policy, trusted };
}

/**
 * An arm while a round runs: where its requests go, whose CPU time counts, and how it is asked
 * about itself. The direct arm is the origin itself and can't be asked.
 */
import type { ProxyCounters } from '../../impls/contract.ts';
import { type RequestStream, WaveClient } from '../drivers/waves.ts';
import type { Arm } from '../model/round.ts';
import type { OriginProcess } from '../sut/origin-process.ts';
import type { SutMemory, SystemUnderTest } from '../sut/system-under-test.ts';
import { openTreeClock, type TreeClock } from '../sut/tree-clock.ts';

/** What a proxy says of itself at one moment, or what is seen of it. */
export interface Reading {
  readonly memory: SutMemory;
  /** Null where it cannot be asked. */
  readonly counters: ProxyCounters | null;
}

export interface Contestant {
  readonly arm: Arm;
  readonly client: WaveClient;
  /** Null where nothing counts its CPU time. */
  readonly clock: TreeClock | null;
  /** Null for the direct arm. */
  readonly sut: SystemUnderTest | null;
}

/** The direct arm: the origin without a proxy. */
export function directContestant(
  arm: Arm,
  origin: OriginProcess,
  stream: RequestStream,
): Contestant {
  const target = {
    label: 'the origin',
    side: 'origin',
    host: origin.host,
    port: origin.port,
  } as const;
  return {
    arm,
    client: new WaveClient(target, stream),
    clock: openTreeClock(() => [origin.pid]),
    sut: null,
  };
}

/** An arm that is a proxy. */
export function proxyContestant(arm: Arm, sut: SystemUnderTest, stream: RequestStream): Contestant {
  const clock = openTreeClock(() => sut.processes());
  return { arm, client: new WaveClient(sut, stream), clock, sut };
}

/** Asks a proxy about itself, or looks at it. Only between waves. */
export async function readProxy(sut: SystemUnderTest): Promise<Reading> {
  const counters = await sut.counters();
  return { counters, memory: await sut.memory() };
}

/** Ends what an arm holds here; its process is ended by whoever started it. */
export function closeContestant(contestant: Contestant): void {
  contestant.client.close();
  contestant.clock?.close();
}

/**
 * Warms a field up until its arms are steady or a bound is reached. Each arm gets the same time a
 * block, not the same number of requests: a fast one beside a slow one would stay cold. Steady arms
 * sit out. Before its blocks an arm shows that it forwards what it is asked, and is asked for every
 * target: what identical proxies cost would else differ by what each happened to have cached.
 */
import { HopmarkError } from '../model/error.ts';
import type { Arm } from '../model/round.ts';
import type { Contestant } from './contestant.ts';
import type { Field } from './field.ts';
import type { Cycle, RoundPlan } from './plan.ts';
import { isDrifting, isSteady, type WarmUpBlock } from './warm-up.ts';

/** How warm-up went. */
export interface Warming {
  readonly blocks: number;
  readonly steady: boolean;
  /** Arms that still got much cheaper when it ended at its bound. */
  readonly drifting: readonly Arm[];
}

/** Warms up; `onProgress` is told the share of the bound, 0..1, that has passed. */
export async function warmUp(
  field: Field,
  plan: RoundPlan,
  onProgress: (fraction: number) => void | Promise<void>,
): Promise<Warming> {
  const { shape, contestants } = field;
  const cycles = plan.cycles('warm-up');
  const histories = new Map<string, WarmUpBlock[]>(contestants.map(({ arm }) => [arm.id, []]));
  const historyOf = ({ arm }: Contestant): WarmUpBlock[] => histories.get(arm.id) ?? [];
  /** Bytes that each arm had allocated when its last block ended. */
  const allocated = new Map<string, number>();
  const proxies = contestants.filter(({ sut }) => sut !== null);
  // The origin outlives the rounds: once warm it stays so.
  const isOriginCold = plan.index === 0;
  const startedAt = performance.now();
  for (const contestant of field.inOrder(cycles.next().value)) {
    if (contestant.sut !== null || isOriginCold) await checkForwarding(field, contestant);
  }
  await visitTargets(field, proxies);
  for (let blocks = 1; ; blocks += 1) {
    for (const contestant of field.inOrder(cycles.next().value)) {
      if (contestant.sut === null && !(isOriginCold && blocks === 1)) continue;
      if (isSteady(historyOf(contestant))) continue;
      historyOf(contestant).push(await warmUpBlock(field, contestant, { cycles, allocated }));
    }
    const spentMs = performance.now() - startedAt;
    await onProgress(Math.min(1, spentMs / shape.warmUpMaxMs));
    if (blocks < shape.warmUpMinBlocks) continue;
    const steady = proxies.every((one) => isSteady(historyOf(one)));
    if (!steady && spentMs <= shape.warmUpMaxMs) continue;
    const drifting = proxies.filter((one) => isDrifting(historyOf(one))).map(({ arm }) => arm);
    return { blocks, steady, drifting };
  }
}

/**
 * Asks every proxy for every target, all of them at a time: one that is cold leaves the driver's CPU idle.
 * Resolves when all are done, or the time that the shape gives to each has passed for all.
 */
async function visitTargets(field: Field, proxies: readonly Contestant[]): Promise<void> {
  const { loadedRequests, warmUpVisitMs } = field.shape;
  const endsAt = performance.now() + warmUpVisitMs * proxies.length;
  const visits = proxies.map(async (contestant) => {
    const targets = contestant.client.tour.order.length;
    // The first wave has been there before.
    for (let sent = loadedRequests; sent < targets && performance.now() < endsAt; ) {
      sent += (await field.visitingWave(contestant, sent)).requests;
    }
  });
  // Nothing is sent any more when this is over, whatever ends it.
  const failed = (await Promise.allSettled(visits)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/** Loaded waves to one arm for a while. */
async function warmUpBlock(
  field: Field,
  contestant: Contestant,
  {
    cycles,
    allocated,
  }: { readonly cycles: Iterator<Cycle, never>; readonly allocated: Map<string, number> },
): Promise<WarmUpBlock> {
  const { arm, sut } = contestant;
  const endsAt = performance.now() + field.shape.warmUpBlockMs;
  let requests = 0;
  let requestUs = Number.POSITIVE_INFINITY;
  do {
    const wave = await field.loadedWave(contestant, cycles.next().value);
    requests += wave.requests;
    // The least disturbed wave: a neighbour's burst is no reason to warm up longer.
    requestUs = Math.min(requestUs, (wave.countedMs / wave.counted) * 1000);
  } while (performance.now() < endsAt);
  if (sut === null) return { requestUs, allocatedBytes: null };
  // An arm allocates nothing between its blocks, so one reading ends this one and begins the next.
  const before = allocated.get(arm.id);
  const after = (await sut.memory()).allocatedBytes;
  // What cannot be seen from outside is judged by its time alone.
  if (after === null) return { requestUs, allocatedBytes: null };
  allocated.set(arm.id, after);
  if (before === undefined) return { requestUs, allocatedBytes: null };
  return { requestUs, allocatedBytes: (after - before) / requests };
}

/**
 * A proxy that answers by itself, or asks twice, would be measured as something that it is not:
 * the origin has to see every request once.
 */
async function checkForwarding(field: Field, contestant: Contestant): Promise<void> {
  const { client, sut } = contestant;
  const before = await field.origin.counters();
  const answeredBefore = client.answered;
  const sentAgainBefore = client.sentAgain;
  await field.visitingWave(contestant, 0);
  const after = await field.origin.counters();
  const answered = client.answered - answeredBefore;
  const again = client.sentAgain - sentAgainBefore;
  const seen = after.requests - before.requests;
  const refused =
    after.unknown +
    after.malformed +
    after.wrongBody -
    before.unknown -
    before.malformed -
    before.wrongBody;
  if (refused === 0 && seen >= answered && seen <= answered + again) return;
  throw new HopmarkError(
    sut === null ? 'origin' : 'sut',
    'not-forwarded',
    `${sut?.label ?? 'the origin'} answered ${answered} requests of which the origin saw ${seen}, ${refused} of them not as they were sent.`,
    { remedy: 'A proxy that answers by itself or asks twice is not measured.' },
  );
}

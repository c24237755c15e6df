/**
 * Warms a field up until its arms are steady or a bound is reached. Each arm gets the same time a
 * block, not the same number of requests: a fast one beside a slow one would stay cold. Steady arms
 * sit out. In its first block an arm also shows that it forwards what it is asked, and is asked for every
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
  const startedAt = performance.now();
  for (let blocks = 1; ; blocks += 1) {
    for (const contestant of field.inOrder(cycles.next().value)) {
      // The origin outlives the rounds: once warm it stays so.
      const coldOrigin = blocks === 1 && plan.index === 0;
      if (contestant.sut === null && !coldOrigin) continue;
      if (isSteady(historyOf(contestant))) continue;
      const isFirst = blocks === 1 && contestant.sut !== null;
      const block = (): Promise<WarmUpBlock> =>
        warmUpBlock(field, contestant, { cycles, allocated, isFirst });
      historyOf(contestant).push(
        blocks === 1 ? await checkForwarding(field, contestant, block) : await block(),
      );
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

/** Loaded waves to one arm for a while; in its first block a visit of every target. */
async function warmUpBlock(
  field: Field,
  contestant: Contestant,
  {
    cycles,
    allocated,
    isFirst,
  }: {
    readonly cycles: Iterator<Cycle, never>;
    readonly allocated: Map<string, number>;
    readonly isFirst: boolean;
  },
): Promise<WarmUpBlock> {
  const { arm, sut } = contestant;
  const { loadedRequests, warmUpBlockMs, warmUpVisitMs } = field.shape;
  const targets = isFirst && warmUpVisitMs > 0 ? contestant.client.tour.order.length : 0;
  // Few targets are met in any waves.
  const toVisit = targets > loadedRequests ? targets : 0;
  const endsAt = performance.now() + (toVisit > 0 ? warmUpVisitMs : warmUpBlockMs);
  let requests = 0;
  let requestUs = Number.POSITIVE_INFINITY;
  do {
    const wave =
      isFirst && toVisit > 0
        ? await field.visitingWave(contestant, requests)
        : await field.loadedWave(contestant, cycles.next().value);
    requests += wave.requests;
    // The least disturbed wave: a neighbour's burst is no reason to warm up longer.
    requestUs = Math.min(requestUs, (wave.countedMs / wave.counted) * 1000);
  } while (performance.now() < endsAt && (toVisit === 0 || requests < toVisit));
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
async function checkForwarding(
  field: Field,
  contestant: Contestant,
  block: () => Promise<WarmUpBlock>,
): Promise<WarmUpBlock> {
  const { client, sut } = contestant;
  const before = await field.origin.counters();
  const answeredBefore = client.answered;
  const sentAgainBefore = client.sentAgain;
  const result = await block();
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
  if (refused === 0 && seen >= answered && seen <= answered + again) return result;
  throw new HopmarkError(
    sut === null ? 'origin' : 'sut',
    'not-forwarded',
    `${sut?.label ?? 'the origin'} answered ${answered} requests of which the origin saw ${seen}, ${refused} of them not as they were sent.`,
    { remedy: 'A proxy that answers by itself or asks twice is not measured.' },
  );
}

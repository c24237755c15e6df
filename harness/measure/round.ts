/**
 * One round: fresh processes (but behind URLs), what `round-run.ts` does with them, and their end. Whatever ends it, no
 * process that it started is left.
 */
import type { Upstream } from '../../impls/contract.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import type { RequestStream } from '../drivers/waves.ts';
import type { Arm, Round } from '../model/round.ts';
import type { Warning } from '../model/warning.ts';
import type { Affinity } from '../sut/affinity.ts';
import type { Injection } from '../sut/injection.ts';
import { launchSut } from '../sut/launch.ts';
import type { OriginProcess } from '../sut/origin-process.ts';
import type { SystemUnderTest } from '../sut/system-under-test.ts';
import {
  type Contestant,
  closeContestant,
  directContestant,
  proxyContestant,
} from './contestant.ts';
import { chattyDoubts } from './doubts.ts';
import { Field } from './field.ts';
import type { Phase, RoundPlan, RoundShape } from './plan.ts';
import { RoundRun } from './round-run.ts';
import { stopProxies } from './stopping.ts';

/** What every round of a run shares. */
export interface RoundContext {
  readonly arms: readonly Arm[];
  readonly shape: RoundShape;
  readonly scenario: string;
  readonly origin: OriginProcess;
  readonly stream: RequestStream;
  readonly policy: Policy;
  /** By arm id, what an arm runs in place of that. */
  readonly policies: Readonly<Record<string, Policy>>;
  /** A slowdown put into the candidate on purpose; null: none. */
  readonly injection: Injection | null;
  /** Each proxy's policy is put in force again so often; null: never. */
  readonly reloadEveryMs: number | null;
  readonly affinity: Affinity | null;
  readonly signal: AbortSignal;
  /** Milliseconds since the run began. */
  readonly elapsedMs: () => number;
  readonly onProgress: (progress: RoundProgress) => void | Promise<void>;
  /** Takes an arm's warm times in microseconds, for histograms. */
  readonly onTimes: (arm: Arm, timesUs: Float64Array) => void;
}

/** How far a round has come. */
export interface RoundProgress {
  readonly round: number;
  readonly phase: 'start' | Phase | 'stop';
  /** Of the phase's cycles, 0..1. */
  readonly fraction: number;
}

/** Measures one round. Rejects with a HopmarkError if an arm fails, or when the run is aborted. */
export async function measureRound(context: RoundContext, plan: RoundPlan): Promise<Round> {
  const startedAtMs = context.elapsedMs();
  await context.onProgress({ round: plan.index, phase: 'start', fraction: 0 });
  // Children inherit where this process may run; they start faster on all CPUs.
  context.affinity?.release([process.pid, context.origin.pid]);
  const suts = await launchAll(context, plan);
  try {
    const contestants = contestantsOf(context, suts);
    try {
      const { origin, shape, signal, affinity, onTimes } = context;
      const measured = await new RoundRun(new Field({ contestants, origin, shape, signal }), {
        plan,
        affinity,
        launchMs: context.elapsedMs() - startedAtMs,
        onTimes,
        onProgress: (phase, fraction) => context.onProgress({ round: plan.index, phase, fraction }),
      }).run();
      await context.onProgress({ round: plan.index, phase: 'stop', fraction: 0 });
      const all = [...suts.values()];
      // Some wait for their clients to go away before they end.
      for (const contestant of contestants) closeContestant(contestant);
      const doubts = [...(await heard(all)), ...(await stopProxies(all))];
      return {
        index: plan.index,
        scenario: context.scenario,
        startedAtMs,
        durationMs: context.elapsedMs() - startedAtMs,
        ...measured,
        warnings: [...measured.warnings, ...doubts],
      };
    } finally {
      for (const contestant of contestants) closeContestant(contestant);
    }
  } finally {
    await Promise.all([...suts.values()].map((sut) => sut.kill()));
  }
}

async function launchAll(
  context: RoundContext,
  plan: RoundPlan,
): Promise<Map<string, SystemUnderTest>> {
  const { host, port } = context.origin;
  const upstream: Upstream = { protocol: 'http:', host, port };
  const suts = new Map<string, SystemUnderTest>();
  const launches = plan.launchOrder.flatMap((id) => {
    const arm = context.arms.find((candidate) => candidate.id === id);
    if (arm === undefined || arm.role === 'direct') return [];
    const label = `${arm.name} (${arm.id})`;
    return [
      launchSut({
        spec: arm.spec ?? arm.name,
        label,
        upstream,
        policy: context.policies[id] ?? context.policy,
        signal: context.signal,
        ...(context.reloadEveryMs === null ? {} : { reloadEveryMs: context.reloadEveryMs }),
        ...(arm.role === 'candidate' && context.injection !== null
          ? { injection: context.injection }
          : {}),
      }).then((sut) => {
        suts.set(id, sut);
      }),
    ];
  });
  const failed = (await Promise.allSettled(launches)).find(
    (launch) => launch.status === 'rejected',
  );
  if (failed === undefined && !context.signal.aborted) return suts;
  await Promise.all([...suts.values()].map((sut) => sut.kill()));
  context.signal.throwIfAborted();
  throw failed?.reason;
}

function contestantsOf(
  context: RoundContext,
  suts: ReadonlyMap<string, SystemUnderTest>,
): readonly Contestant[] {
  return context.arms.map((arm) => {
    const sut = suts.get(arm.id);
    return sut === undefined
      ? directContestant(arm, context.origin, context.stream)
      : proxyContestant(arm, sut, context.stream);
  });
}

/** What commands have written is a doubt if it is much. */
async function heard(suts: readonly SystemUnderTest[]): Promise<readonly Warning[]> {
  const doubts = suts.map(async (sut) => chattyDoubts(sut.label, (await sut.outputBytes()) ?? 0));
  return (await Promise.all(doubts)).flat();
}

/**
 * A session of component scenarios: rounds until the decision is made, the planned number is done,
 * the budget is spent, or somebody stops it. It knows nothing of traffic: no origin runs.
 */
import type { Policy } from '../../impls/policy/policy.ts';
import { type ComponentScenario, caseScenario } from '../model/component.ts';
import type { Arm, Round } from '../model/round.ts';
import { detectAffinity, UNPINNED } from '../sut/affinity.ts';
import { readCpuTicks, stealFraction } from '../sut/machine.ts';
import { type ComponentShape, planComponentRound } from './component-plan.ts';
import { type ComponentContext, measureComponentRound } from './component-round.ts';
import { sessionDoubts } from './doubts.ts';
import {
  fitsBeyond,
  forecast,
  momentOf,
  type SessionOptions,
  type SessionResult,
} from './session.ts';

export interface ComponentSessionOptions
  extends Pick<
    SessionOptions,
    'seed' | 'budgetMs' | 'rounds' | 'decide' | 'signal' | 'betweenRounds'
  > {
  /** The reference first; no direct arm. */
  readonly arms: readonly Arm[];
  readonly scenarios: readonly ComponentScenario[];
  readonly shape: ComponentShape;
  /** Other runs of this process go on meanwhile, so that nothing is pinned; default: false. */
  readonly besideOthers?: boolean;
  /** Without rules. */
  readonly policy: Policy;
  /** Called between cases, which go on when it has resolved. */
  readonly onProgress: (progress: ComponentProgress) => void | Promise<void>;
}

/** How far a component session has come. */
export interface ComponentProgress {
  /** From 0. */
  readonly round: number;
  readonly plannedRounds: number | null;
  /** What is measured now, such as `regex-cache/cached-5`. */
  readonly scenario: string;
  readonly elapsedMs: number;
  readonly remainingMs: number | null;
}

/**
 * Measures. A round gives an entry a case, all of the same index. Rejects with a HopmarkError if an
 * arm fails; an abort is not a failure: whole rounds until then are returned as incomplete.
 */
export async function runComponentSession(
  options: ComponentSessionOptions,
): Promise<Omit<SessionResult, 'histograms'>> {
  const { arms, scenarios, shape, seed, policy, signal } = options;
  const startedAt = performance.now();
  let betweenMs = 0;
  const elapsedMs = (): number => performance.now() - startedAt - betweenMs;
  const ticks = readCpuTicks();
  const { affinity, warnings } = options.besideOthers === true ? UNPINNED : detectAffinity();
  const ids = arms.map(({ id }) => id);
  const names = scenarios.flatMap((one) => one.cases.map((each) => caseScenario(one, each)));
  const rounds: Round[] = [];
  const done: { readonly durationMs: number }[] = [];
  let complete = true;
  try {
    for (let index = 0; ; index += 1) {
      const { plannedRounds, remainingMs } = forecast(options, done, elapsedMs());
      const context: ComponentContext = {
        ...{ arms, shape, setting: { seed, policy }, affinity, signal, elapsedMs },
        onCase: (scenario) =>
          options.onProgress({
            ...{ round: index, plannedRounds, scenario, remainingMs },
            elapsedMs: elapsedMs(),
          }),
      };
      const begunMs = elapsedMs();
      const plan = planComponentRound(seed, index, ids, scenarios);
      const measured = await measureComponentRound(context, plan);
      // Tables show them in their own order, not in the one that was drawn.
      const position = ({ scenario }: Round): number => names.indexOf(scenario);
      rounds.push(...measured.toSorted((a, b) => position(a) - position(b)));
      done.push({ durationMs: elapsedMs() - begunMs });
      const moment = momentOf(options, done, elapsedMs());
      const step = options.decide(rounds, moment);
      if (step.done) break;
      if (step.confirming ? !fitsBeyond(options, done, elapsedMs()) : moment.last) {
        complete = options.rounds === null || done.length >= options.rounds;
        break;
      }
      const since = performance.now();
      await options.betweenRounds?.(rounds);
      betweenMs += performance.now() - since;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    complete = false;
  }
  const stolen = stealFraction(ticks, readCpuTicks());
  return {
    rounds,
    complete,
    stealFraction: stolen,
    warnings: [...warnings, ...sessionDoubts(stolen)],
  };
}

/**
 * A session: rounds, one after the other, until the decision is made, the planned number is done,
 * the budget is spent, or somebody stops it. It is handed the decision as a function and does not
 * know how it is reached.
 */
import type { Policy } from '../../impls/policy/policy.ts';
import type { HistogramReport } from '../model/report.ts';
import { type Arm, CONFIRMING_BUDGET, type Round } from '../model/round.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Warning } from '../model/warning.ts';
import { prepareTraffic } from '../scenarios/traffic.ts';
import { detectAffinity, UNPINNED } from '../sut/affinity.ts';
import type { Injection } from '../sut/injection.ts';
import type { LoopbackAddress } from '../sut/loopback-address.ts';
import { readCpuTicks, stealFraction } from '../sut/machine.ts';
import { startOriginProcess } from '../sut/origin-process.ts';
import { sessionDoubts } from './doubts.ts';
import { HopHistograms } from './histograms.ts';
import { planRound, type RoundShape } from './plan.ts';
import { measureRound, type RoundContext, type RoundProgress } from './round.ts';

export interface SessionOptions {
  /** One direct arm, one reference, and any others. */
  readonly arms: readonly Arm[];
  readonly scenario: Scenario;
  readonly policy: Policy;
  /** By arm id, what an arm runs in place of that; it has to answer the traffic all the same. */
  readonly policies?: Readonly<Record<string, Policy>>;
  /** A slowdown put into the candidate on purpose. */
  readonly injection?: Injection;
  /** Where the origin listens; default: on any free port. */
  readonly originAt?: LoopbackAddress;
  /** An integer of 32 bits: the orders and the traffic follow from it alone. */
  readonly seed: number;
  readonly shape: RoundShape;
  /**
   * No round begins that would not end within this many milliseconds, but for those that the
   * decision asks for beyond it: a quarter more is theirs.
   */
  readonly budgetMs: number;
  /** Rounds to measure at most; null: as many as the budget holds. */
  readonly rounds: number | null;
  /** Asked after each round whether more are needed, and told where the run stands. */
  readonly decide: (rounds: readonly Round[], moment: SessionMoment) => SessionStep;
  readonly signal: AbortSignal;
  /** Other runs of this process go on meanwhile, so that it is not pinned; default: false. */
  readonly besideOthers?: boolean;
  /** Called between waves, which go on when it has resolved. */
  readonly onProgress: (progress: SessionProgress) => void | Promise<void>;
  /** Takes an arm's warm times in microseconds; default: nobody does. */
  readonly onTimes?: (arm: Arm, timesUs: Float64Array) => void;
  /** Called after each round; the next begins when it has resolved. Its time is not the budget's. */
  readonly betweenRounds?: (rounds: readonly Round[]) => void | Promise<void>;
}

/** Where a session stands after a round. */
export interface SessionMoment {
  /** Of the budget, or of the rounds asked for where those come first, 0..1. */
  readonly share: number;
  /** True if no further round is planned. */
  readonly last: boolean;
}

/** What the decision wants next. */
export interface SessionStep {
  readonly done: boolean;
  /** The next round may go beyond what was planned. */
  readonly confirming: boolean;
}

/** How far a session has come. */
export interface SessionProgress extends RoundProgress {
  readonly elapsedMs: number;
  /** Best estimate, from the rounds so far; null in the first one. */
  readonly remainingMs: number | null;
  /** Rounds that will be measured, as far as is known. */
  readonly plannedRounds: number | null;
  readonly done: readonly Round[];
}

export interface SessionResult {
  readonly rounds: readonly Round[];
  /** False if it was stopped, or the budget ended before the rounds that were asked for. */
  readonly complete: boolean;
  readonly histograms: readonly HistogramReport[];
  readonly stealFraction: number | null;
  /** What about the machine disturbs the whole run; rounds carry their own. */
  readonly warnings: readonly Warning[];
}

/** On a machine that is shared a round may take longer than those before it. */
const ROUND_MARGIN = 1.05;

/**
 * Measures. Rejects with a HopmarkError if an arm or the origin fails; an abort is not a
 * failure: what was measured until then is returned as incomplete. No process is left either way.
 */
export async function runSession(options: SessionOptions): Promise<SessionResult> {
  const startedAt = performance.now();
  let betweenMs = 0;
  const elapsedMs = (): number => performance.now() - startedAt - betweenMs;
  const ticksBefore = readCpuTicks();
  const { affinity, warnings } = options.besideOthers === true ? UNPINNED : detectAffinity();
  const histograms = new HopHistograms(options.scenario.name);
  const traffic = prepareTraffic(options.scenario, options.seed);
  const origin = await startOriginProcess(options.scenario, options.seed, options.originAt);
  const rounds: Round[] = [];
  const context: RoundContext = {
    arms: options.arms,
    shape: options.shape,
    scenario: options.scenario.name,
    origin,
    stream: traffic,
    policy: options.policy,
    policies: options.policies ?? {},
    injection: options.injection ?? null,
    reloadEveryMs: options.scenario.conditions?.reloadEveryMs ?? null,
    affinity,
    signal: options.signal,
    elapsedMs,
    onTimes: (arm, timesUs) => {
      histograms.record(arm, timesUs);
      options.onTimes?.(arm, timesUs);
    },
    onProgress: (progress) =>
      options.onProgress({ ...progress, ...forecast(options, rounds, elapsedMs()) }),
  };
  let stoppedBy: 'decision' | 'rounds' | 'budget' | 'abort' = 'rounds';
  try {
    const ids = options.arms.map(({ id }) => id);
    for (let index = 0; ; index += 1) {
      if (options.signal.aborted) {
        stoppedBy = 'abort';
        break;
      }
      rounds.push(await measureRound(context, planRound(options.seed, index, ids, options.shape)));
      const moment = momentOf(options, rounds, elapsedMs());
      const step = options.decide(rounds, moment);
      if (step.done) {
        stoppedBy = 'decision';
        break;
      }
      if (step.confirming ? !fitsBeyond(options, rounds, elapsedMs()) : moment.last) {
        stoppedBy = rounds.length === options.rounds ? 'rounds' : 'budget';
        break;
      }
      const since = performance.now();
      await options.betweenRounds?.(rounds);
      betweenMs += performance.now() - since;
    }
  } catch (error) {
    if (!options.signal.aborted) throw error;
    stoppedBy = 'abort';
  } finally {
    affinity?.release([process.pid]);
    await origin.stop();
  }
  const stolen = stealFraction(ticksBefore, readCpuTicks());
  return {
    rounds,
    complete:
      stoppedBy !== 'abort' &&
      (options.rounds === null || rounds.length >= options.rounds || stoppedBy === 'decision'),
    histograms: histograms.report(),
    stealFraction: stolen,
    warnings: [...warnings, ...sessionDoubts(stolen)],
  };
}

/** What the length of a session follows from. */
type Extent = Pick<SessionOptions, 'budgetMs' | 'rounds'>;
type Lasting = Pick<Round, 'durationMs'>;

/** The mean length of at least one round. */
export function meanRoundMs(rounds: readonly Lasting[]): number {
  return rounds.reduce((sum, { durationMs }) => sum + durationMs, 0) / rounds.length;
}

/** Where a session of this extent stands after at least one round. */
export function momentOf(
  { budgetMs, rounds: asked }: Extent,
  done: readonly Lasting[],
  elapsedMs: number,
): SessionMoment {
  const last = (asked !== null && done.length >= asked) || !fits(done, elapsedMs, budgetMs);
  const ofRounds = asked === null ? 0 : done.length / asked;
  return { last, share: last ? 1 : Math.min(1, Math.max(ofRounds, elapsedMs / budgetMs)) };
}

/** Whether another round like these ends within the budget. */
function fits(rounds: readonly Lasting[], elapsedMs: number, budgetMs: number): boolean {
  return elapsedMs + meanRoundMs(rounds) * ROUND_MARGIN <= budgetMs;
}

/**
 * Whether another round like these ends within what a decision may take beyond the budget. It may end a little late:
 * without it, a regression that it would confirm stays in doubt.
 */
export function fitsBeyond(
  { budgetMs }: Pick<Extent, 'budgetMs'>,
  rounds: readonly Lasting[],
  elapsedMs: number,
): boolean {
  return elapsedMs + meanRoundMs(rounds) <= CONFIRMING_BUDGET * budgetMs;
}

/** How long it will still take. */
export function forecast<Done extends Lasting>(
  { budgetMs, rounds: asked }: Extent,
  done: readonly Done[],
  elapsedMs: number,
): Pick<SessionProgress, 'elapsedMs' | 'remainingMs' | 'plannedRounds'> & {
  readonly done: readonly Done[];
} {
  if (done.length === 0) return { elapsedMs, remainingMs: null, plannedRounds: asked, done };
  const meanMs = meanRoundMs(done);
  const within = Math.max(1, Math.floor(budgetMs / meanMs));
  const plannedRounds = asked === null ? within : Math.min(asked, within);
  return {
    elapsedMs,
    plannedRounds: Math.max(plannedRounds, done.length),
    remainingMs: Math.max(0, meanMs * plannedRounds - elapsedMs),
    done,
  };
}

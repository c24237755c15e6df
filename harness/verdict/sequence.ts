/**
 * Decides during a run whether it goes on. It looks at the figures at round counts that are fixed
 * beforehand and spends the run's error over these looks, so that looking often does not make a
 * change out of noise (Lan and DeMets, "Discrete sequential boundaries for clinical trials",
 * Biometrika 70(3), 1983): what has been spent when the share t of the budget has passed is
 * t squared of the whole, after Kim and DeMets (Biometrika 74(1), 1987). Each look is held to what
 * it adds, which is strict whatever the dependence between looks.
 *
 * A regression is not said on the rounds that raised the suspicion: fresh rounds have to show it
 * too. They may go beyond the budget; the session bounds by how much. If they do not show it and the
 * budget holds more rounds, the run goes on to its next look.
 *
 * A gate that is undecided at the end of its budget may go beyond it in the same bounds,
 * and is looked at once more. That look may say that nothing changed; a regression that it raises has
 * no fresh rounds left to confirm it, and stays in doubt.
 */
import type { SequenceReport, Verdict } from '../model/report.ts';
import { CONFIRMING_BUDGET, type Round } from '../model/round.ts';
import type { Block } from '../stats/aligned-rank.ts';
import { mean, median } from '../stats/quantile.ts';
import {
  controlsOf,
  type DecisionOptions,
  decideMetrics,
  type MetricDecision,
  orientAsHarm,
  overallVerdict,
} from './decide-metrics.ts';
import { harmOfFraction } from './effect.ts';
import { pairMetric } from './pairing.ts';

/** How a run looks at its figures. */
export interface SequenceOptions extends Omit<DecisionOptions, 'level'> {
  /** The error over all looks and judged metrics; 0.05 if in doubt. */
  readonly error: number;
  /** Rounds from one look to the next; null: one look, at the end. */
  readonly lookEvery: number | null;
  /** Whether an undecided run goes on beyond its end: one with a budget, not with a number of rounds. */
  readonly goesBeyond?: boolean;
}

/** Where a run stands after a round. */
export interface Moment {
  /** Of the budget, or of the rounds asked for, 0..1. */
  readonly share: number;
  /** True if the budget holds no further round. */
  readonly last: boolean;
}

/** What comes next. */
export interface Step {
  readonly done: boolean;
  /** The next round may go beyond the budget: it confirms a regression, or decides what is open. */
  readonly confirming: boolean;
}

/** Share of the budget after which only the last look is taken. */
const LATEST_EARLY_LOOK = 2 / 3;
/** One fresh round for every so many that raised the suspicion, and at least one. */
const ROUNDS_A_FRESH_ONE = 5;
/** Fresh rounds are few: they have to show this share of the minimum effect. */
const CONFIRMED_SHARE = 0.5;

/** The looks of one run. Told all its rounds, after each. */
export class Sequence {
  readonly #options: SequenceOptions;
  readonly looks: SequenceReport['looks'][number][] = [];
  confirmation: SequenceReport['confirmation'] = null;
  #spent = 0;
  /** The look at the end of the budget that left something open. */
  #undecided: SequenceReport['looks'][number] | null = null;

  constructor(options: SequenceOptions) {
    this.#options = options;
  }

  next(rounds: readonly Round[], { share, last }: Moment): Step {
    if (this.#undecided !== null) return this.#beyond(rounds, this.#undecided);
    if (this.confirmation !== null) {
      const { after, rounds: fresh } = this.confirmation;
      if (rounds.length < after + fresh) return { done: false, confirming: true };
      if (last || this.#isConfirmed(rounds)) return { done: true, confirming: true };
      this.confirmation = null;
    }
    const { lookEvery, error, goesBeyond = false } = this.#options;
    // A look near the end would cost the last one its error and save little.
    const early = share <= LATEST_EARLY_LOOK && rounds.length % (lookEvery ?? Infinity) === 0;
    const looks = last || early;
    if (!looks) return { done: false, confirming: false };
    const spent = error * (last ? 1 : Math.min(1, share) ** 2);
    const look = { rounds: rounds.length, error: Math.max(0, spent - this.#spent) };
    this.#spent = spent;
    this.looks.push(look);
    const verdict = this.#verdict(rounds, look.error);
    if (verdict === 'regressed') {
      const fresh = Math.max(1, Math.floor(rounds.length / ROUNDS_A_FRESH_ONE));
      this.confirmation = { after: rounds.length, rounds: fresh };
      return { done: false, confirming: true };
    }
    if (last && verdict === 'inconclusive' && goesBeyond) {
      this.#undecided = look;
      return { done: false, confirming: true };
    }
    return { done: last || verdict !== 'inconclusive', confirming: false };
  }

  /**
   * Beyond the budget there is one more look, after the last round that fits, held to what the one at
   * the end was held to: they share most of their rounds. Nothing confirms a regression there.
   */
  #beyond(rounds: readonly Round[], undecided: SequenceReport['looks'][number]): Step {
    if (this.looks.at(-1) !== undecided) this.looks.pop();
    this.looks.push({ ...undecided, rounds: rounds.length });
    const most = Math.ceil(CONFIRMING_BUDGET * undecided.rounds);
    return { done: rounds.length >= most, confirming: true };
  }

  /** The confidence of the last look, at which the run is judged. */
  get level(): number {
    return 1 - (this.looks.at(-1)?.error ?? this.#options.error);
  }

  /**
   * Whether fresh rounds bear out what all rounds say of a metric. A decision that is not
   * regressed needs nothing.
   */
  bearsOut(rounds: readonly Round[], decision: MetricDecision): boolean {
    if (decision.verdict !== 'regressed') return true;
    const { confirmation } = this;
    if (confirmation === null) return false;
    const fresh = rounds.slice(confirmation.after);
    return fresh.length >= confirmation.rounds && this.#showsHarm(fresh, rounds, decision);
  }

  #verdict(rounds: readonly Round[], error: number): Verdict {
    if (error <= 0) return 'inconclusive';
    return overallVerdict(this.#decide(rounds, error).map(({ verdict }) => verdict));
  }

  #decide(rounds: readonly Round[], error: number): readonly MetricDecision[] {
    return decideMetrics(rounds, { ...this.#options, level: 1 - error });
  }

  /** All rounds still say that something regressed, and the fresh ones show it. */
  #isConfirmed(rounds: readonly Round[]): boolean {
    return this.#decide(rounds, 1 - this.level).some(
      (decision) => decision.verdict === 'regressed' && this.bearsOut(rounds, decision),
    );
  }

  /** Too few for ranks: their mean has to show a share of the effect that counts. */
  #showsHarm(
    fresh: readonly Round[],
    all: readonly Round[],
    { definition, scenario, minimumEffect }: MetricDecision,
  ): boolean {
    const blocksOf = (rounds: readonly Round[]): readonly Block[] => {
      const own = rounds.filter((round) => round.scenario === scenario);
      const { candidate } = this.#options;
      const pairing = pairMetric(own, definition.name, candidate, controlsOf(this.#options));
      return pairing.state === 'paired' ? orientAsHarm(pairing.blocks, definition.better) : [];
    };
    const blocks = blocksOf(fresh);
    if (blocks.length === 0 || minimumEffect === null) return false;
    // Where rounds have nothing in common, all the run's controls say more than a round's own two.
    const usual = definition.followsMoment
      ? null
      : median(blocksOf(all).flatMap(([, ...controls]) => controls));
    const harms = blocks.map(([own = 0, ...controls]) => own - (usual ?? mean(controls)));
    return mean(harms) > CONFIRMED_SHARE * harmOfFraction(minimumEffect, definition.better);
  }
}

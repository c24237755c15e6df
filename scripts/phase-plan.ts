/**
 * Which part of the optimized proxy stands for which phase of the plan, and where it shows: the case
 * that drives the operation which the part is about. Data for `phases.ts`.
 */

/** A part, measured by leaving it out. */
export interface PhasePlan {
  /** The plan's phase. */
  readonly phase: number;
  readonly part: string;
  /** The component scenario that is run, and the case of it that is shown. */
  readonly scenario: string;
  readonly shown: string;
}

export const PHASES: readonly PhasePlan[] = [
  { phase: 1, part: 'pattern-cache', scenario: 'regex-cache', shown: 'cached-100' },
  { phase: 1, part: 'decision-cache', scenario: 'config-matching', shown: 'rules-100' },
  { phase: 2, part: 'header-ranges', scenario: 'header-processing', shown: 'typical' },
  { phase: 3, part: 'pools', scenario: 'body-processing', shown: '16kb-text' },
  { phase: 4, part: 'snapshot', scenario: 'config-matching', shown: 'rules-100' },
];

/** What a round leaves to be doubted, as warnings on its result. Pure. */
import type { Arm, ArmFigures } from '../model/round.ts';
import type { Warning } from '../model/warning.ts';

/** An arm whose process was on a CPU for less than this share was waiting for something else. */
const BOTTLENECK_SHARE = 0.9;

/** What is known of one arm of a round. */
export interface ArmFacts {
  readonly arm: Arm;
  readonly figures: ArmFigures;
  /** Requests whose connection was closed under them, and that were sent once more. */
  readonly sentAgain: number;
  /** True if its warm-up ended before it was warm. */
  readonly drifting: boolean;
}

/** The doubts about proxies; figures stay out of the texts, so that equal ones are told once. */
export function doubtsOf(facts: readonly ArmFacts[]): readonly Warning[] {
  return facts
    .filter(({ arm }) => arm.role !== 'direct')
    .flatMap(({ arm, figures, sentAgain, drifting }) => {
      const who = `${arm.name} (${arm.id})`;
      const busy = figures.busyFraction ?? 1;
      return [
        ...(busy < BOTTLENECK_SHARE ? [notTheBottleneck(who)] : []),
        ...(drifting ? [notSteady(who)] : []),
        ...(sentAgain > 0 ? [droppedConnections(who)] : []),
      ];
    });
}

function notTheBottleneck(who: string): Warning {
  return {
    code: 'not-the-bottleneck',
    message: `${who} did not keep its CPU busy in its loaded waves: loaded-request-time is partly the driver's and the origin's. cpu-per-request holds all the same.`,
  };
}

function notSteady(who: string): Warning {
  return {
    code: 'not-steady',
    message: `${who} was still getting faster when its warm-up ended at its bound.`,
  };
}

function droppedConnections(who: string): Warning {
  return {
    code: 'dropped-connections',
    message: `${who} closed connections under requests, which were sent once more and not timed.`,
  };
}

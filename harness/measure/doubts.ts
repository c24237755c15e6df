/**
 * What a round, or a whole session, leaves to be doubted, as warnings on its result. Pure. Which of
 * them make a run invalid is not said here but in `harness/verdict/validity.ts`.
 */
import type { Arm, ArmFigures } from '../model/round.ts';
import type { Warning } from '../model/warning.ts';

/** An arm whose process was on a CPU for less than this share was waiting for something else. */
const BOTTLENECK_SHARE = 0.9;
/** Shares that differ by less are the same bottleneck, seen on two sides of the limit. */
const BUSY_TOLERANCE = 0.05;
/** A driver that was on a CPU for more than this share of a wave had no more to give. */
const SATURATED_SHARE = 0.9;
/** A round that was held back for more of its time than this gives no figures to rely on. */
const HARD_THROTTLED_SHARE = 0.1;
/** Where others take more of the machine than this, times are mostly theirs. */
const MUCH_STOLEN = 0.5;

/** What is known of one arm of a round. */
export interface ArmFacts {
  readonly arm: Arm;
  readonly figures: ArmFigures;
  /** Requests whose connection was closed under them, and that were sent once more. */
  readonly sentAgain: number;
  /** True if its warm-up ended before it was warm. */
  readonly drifting: boolean;
  /** True if other processes do its work than when its waves began. */
  readonly changed: boolean;
}

/** What is known of a round. */
export interface RoundFacts {
  readonly arms: readonly ArmFacts[];
  /** Share of the proxies' loaded waves during which the driver was on a CPU; null: no waves. */
  readonly driverBusyFraction: number | null;
  /** Share of the round for which the system held its processes back, null if it is not known. */
  readonly throttledFraction: number | null;
}

/** The doubts about a round; figures stay out of the texts, so that equal ones are told once. */
export function doubtsOf({
  arms,
  driverBusyFraction,
  throttledFraction,
}: RoundFacts): readonly Warning[] {
  return [
    ...throttling(throttledFraction ?? 0),
    ...((driverBusyFraction ?? 0) > SATURATED_SHARE ? [DRIVER_SATURATED] : []),
    ...bottlenecks(arms),
    ...doubtsOfProxies(arms),
  ];
}

/** The doubts about a session: the share of the machine's time that was stolen, or null. */
export function sessionDoubts(stealFraction: number | null): readonly Warning[] {
  if (stealFraction === null || stealFraction <= MUCH_STOLEN) return [];
  const message = `Others took ${Math.round(stealFraction * 100)} % of this machine's time during the run. Ratios hold, but take more rounds to decide; times say little of a quiet machine.`;
  return [{ code: 'much-stolen', message }];
}

const DRIVER_SATURATED: Warning = {
  code: 'driver-saturated',
  message:
    "The driver used up its own CPU in the proxies' loaded waves: loaded-request-time and throughput are partly its own.",
};

const BOTTLENECK_DIFFERS: Warning = {
  code: 'bottleneck-differs',
  message:
    'Only one of reference and candidate kept its CPU busy in its loaded waves: their loaded-request-time and throughput do not compare like with like.',
};

const BOTTLENECKS_DIFFER: Warning = {
  code: BOTTLENECK_DIFFERS.code,
  message:
    'Some arms kept their CPU busy in their loaded waves and others did not: their loaded-request-time and throughput do not compare like with like.',
};

function throttling(fraction: number): readonly Warning[] {
  if (fraction <= 0) return [];
  const held = "The CPU limit of this process's control group held the run back";
  return fraction > HARD_THROTTLED_SHARE
    ? [{ code: 'throttled-hard', message: `${held} for over a tenth of the time.` }]
    : [{ code: 'throttled', message: `${held} now and then.` }];
}

function bottlenecks(arms: readonly ArmFacts[]): readonly Warning[] {
  const busy = (role: 'reference' | 'candidate'): readonly number[] =>
    arms.flatMap(({ arm, figures }) => (arm.role === role ? (figures.busyFraction ?? []) : []));
  const [reference] = busy('reference');
  const candidates = busy('candidate');
  if (reference === undefined || !candidates.some((one) => differs(reference, one))) return [];
  const several = arms.filter(({ arm }) => arm.role === 'candidate').length > 1;
  return [several ? BOTTLENECKS_DIFFER : BOTTLENECK_DIFFERS];
}

function differs(reference: number, candidate: number): boolean {
  const lower = Math.min(reference, candidate);
  const higher = Math.max(reference, candidate);
  return lower < BOTTLENECK_SHARE && higher >= BOTTLENECK_SHARE && higher - lower > BUSY_TOLERANCE;
}

function doubtsOfProxies(arms: readonly ArmFacts[]): readonly Warning[] {
  return arms
    .filter(({ arm }) => arm.role !== 'direct')
    .flatMap(({ arm, figures, sentAgain, drifting, changed }) => {
      const who = `${arm.name} (${arm.id})`;
      const busy = figures.busyFraction ?? 1;
      return [
        ...(busy < BOTTLENECK_SHARE ? [notTheBottleneck(who)] : []),
        ...(drifting ? [notSteady(who)] : []),
        ...(sentAgain > 0 ? [droppedConnections(who)] : []),
        ...(changed ? [processesChanged(who)] : []),
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

function processesChanged(who: string): Warning {
  return {
    code: 'processes-changed',
    message: `${who} started or lost processes while it was measured, whose CPU time is not all counted.`,
  };
}

/** Output beyond this is work of its own. */
const MUCH_OUTPUT_BYTES = 2 ** 20;

/** A doubt about what a command wrote to its output during a round, in bytes; none if it kept quiet. */
export function chattyDoubts(who: string, outputBytes: number): readonly Warning[] {
  if (outputBytes <= MUCH_OUTPUT_BYTES) return [];
  const message = `${who} wrote more than 1 MB to its output, which is measured as its cost: turn its logging off.`;
  return [{ code: 'chatty', message }];
}

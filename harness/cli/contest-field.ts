/**
 * Who competes in a ranking, and whether they may. All are started before any is held against
 * conformance, so that a wrong name among many is told at once. A candidate that does not forward
 * correctly is left out and named; without its reference there is no ranking.
 */
import { basename, extname } from 'node:path';
import type { Warning } from '../model/warning.ts';
import {
  type Contender,
  type Contest,
  type ContestRequest,
  commonGround,
  type Entrant,
  enter,
  enterFloor,
  holdTo,
  loadRules,
  NotConforming,
  type OnStage,
  type Qualified,
} from './contest.ts';

/** What a ranking asks for. */
export interface FieldRequest extends ContestRequest {
  /** Candidates beside the first. */
  readonly others: readonly Contender[];
  /** False: do not measure those that have a policy once more with it on. */
  readonly policyRows?: boolean;
}

/** A path of a module. */
const MODULE = /\.[cm]?[jt]s$/;

/** Named arms, the reference and a floor among them. */
export const MOST_ARMS = 12;

/**
 * Qualifies a field. Throws as `qualify` does for the reference, and for a candidate that is not
 * there, cannot be started or claims nothing.
 */
export async function qualifyField(
  request: FieldRequest,
  signal: AbortSignal,
  onProgress: OnStage,
): Promise<Contest> {
  const rules = await loadRules(request);
  const ranked = [request.reference, request.candidate, ...request.others];
  const named = withDistinctLabels([...ranked, ...(request.floor ? [request.floor] : [])]);
  const entrants: Entrant[] = [];
  for (const contender of named.slice(0, ranked.length)) {
    // The same implementation twice is asked once.
    const known = entrants.find(({ spec }) => spec === contender.spec);
    const { label } = contender;
    entrants.push(known ? { ...known, label } : await enter(contender, signal, onProgress));
  }
  const floor = await enterFloor(named[ranked.length], signal, onProgress);
  const outcomes: Outcome[] = [];
  for (const entrant of entrants) {
    const known = outcomes.find((one) => one.entrant.spec === entrant.spec);
    outcomes.push(known ? { ...known, entrant } : await hold(entrant, request, signal, onProgress));
  }
  const [reference, first, ...others] = standing(outcomes);
  const ground = commonGround([reference, first, ...others], rules);
  const room = MOST_ARMS - 2 - others.length - (floor === null ? 0 : 1);
  const rows =
    request.policyRows === false ? [] : policyRows([reference, first, ...others], ground);
  return {
    reference,
    candidate: first,
    others,
    withPolicy: rows.slice(0, room),
    floor,
    leftOut: outcomes.flatMap(({ entrant: { label, identity }, failure }) =>
      failure === null
        ? []
        : [{ name: label, version: identity.version, reason: failure.failures }],
    ),
    ...ground,
    warnings: [...ground.warnings, ...noRoomFor(rows.slice(room))],
  };
}

/** What conformance made of an entrant. */
interface Outcome {
  readonly entrant: Entrant;
  /** Null if it failed. */
  readonly qualified: Qualified | null;
  readonly failure: NotConforming | null;
}

async function hold(
  entrant: Entrant,
  request: FieldRequest,
  signal: AbortSignal,
  onProgress: OnStage,
): Promise<Outcome> {
  try {
    const fast = request.fullConformance !== true;
    const qualified = await holdTo(entrant, { ...request, fast }, signal, onProgress);
    return { entrant, qualified, failure: null };
  } catch (error) {
    if (error instanceof NotConforming) return { entrant, qualified: null, failure: error };
    throw error;
  }
}

/** Those that may be measured, the reference first: without it or any candidate there is no ranking. */
function standing(
  outcomes: readonly Outcome[],
): readonly [reference: Qualified, first: Qualified, ...others: Qualified[]] {
  const [reference, ...candidates] = outcomes.map(({ entrant: { label }, qualified, failure }) => ({
    qualified: qualified && { ...qualified, label },
    failure,
  }));
  const [first, ...others] = candidates.flatMap(({ qualified }) => qualified ?? []);
  if (reference?.qualified && first !== undefined) return [reference.qualified, first, ...others];
  throw reference?.failure ?? candidates[0]?.failure ?? new Error('a ranking needs arms');
}

/**
 * `optimized`, `optimized (2)`, and `my-proxy` of `./src/my-proxy.ts`: short names, since tables of
 * many arms have little room, but no two of them the same.
 */
function withDistinctLabels(
  contenders: readonly Contender[],
): readonly (Contender & { readonly label: string })[] {
  const specs = [...new Set(contenders.map(({ spec }) => spec))];
  const nameOf = (spec: string): string =>
    MODULE.test(spec) ? basename(spec, extname(spec)) : spec;
  const short = (spec: string): string =>
    specs.some((other) => other !== spec && nameOf(other) === nameOf(spec)) ? spec : nameOf(spec);
  const taken = new Set<string>();
  return contenders.map(({ spec, label = short(spec) }) => {
    let distinct = label;
    for (let number = 2; taken.has(distinct); number += 1) distinct = `${label} (${number})`;
    taken.add(distinct);
    return { spec, label: distinct };
  });
}

/** Where the policy is off for the sake of those that have none: each other one with it on. */
function policyRows(
  field: readonly Qualified[],
  { tier }: Pick<Contest, 'tier'>,
): readonly Qualified[] {
  if (tier === 'policy') return [];
  return field
    .filter((one, index) => field.findIndex(({ spec }) => spec === one.spec) === index)
    .filter((one) => one.tier === 'policy')
    .map((one) => ({ ...one, label: `${one.label} (policy on)` }));
}

function noRoomFor(rows: readonly Qualified[]): readonly Warning[] {
  if (rows.length === 0) return [];
  const names = rows.map(({ label }) => label).join(', ');
  const message = `Not measured, since a run has at most ${MOST_ARMS} arms: ${names}.`;
  return [{ code: 'no-policy-row', message }];
}

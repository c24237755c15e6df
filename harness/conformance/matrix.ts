/**
 * What a matrix of implementations and cases says: counts by tier and family, what failed, and which
 * tiers and families there are. Pure; it renders nothing.
 */
import type { Tier } from '../../impls/contract.ts';
import type {
  ConformanceMatrix,
  FailedCase,
  HeldRow,
  MatrixCase,
  UnavailableRow,
} from '../model/conformance.ts';

/** A tier or a family of it: cases of several implementations. */
export interface MatrixLine {
  readonly tier: Tier;
  /** Null for all families of the tier. */
  readonly family: string | null;
}

/** What one implementation did in a line. */
export interface MatrixCount {
  /** Cases that it claims to meet, and how many of them hold. */
  readonly claimed: number;
  readonly passed: number;
  /** Cases that it declares it cannot meet, in a tier that it claims. */
  readonly declared: number;
  /** Cases of a tier that it does not claim, and how many of them hold all the same. */
  readonly unclaimed: number;
  readonly unclaimedPassed: number;
}

const TIERS: readonly Tier[] = ['forwarding', 'strict', 'policy'];

/** The implementations that were held to cases. */
export function heldRows({ rows }: ConformanceMatrix): readonly HeldRow[] {
  return rows.filter((row) => row.state === 'held');
}

/** The implementations that could not be started. */
export function unavailableRows({ rows }: ConformanceMatrix): readonly UnavailableRow[] {
  return rows.filter((row) => row.state === 'unavailable');
}

/** Each tier that any implementation was held to, followed by its families, in the suite's order. */
export function matrixLines(matrix: ConformanceMatrix): readonly MatrixLine[] {
  const cases = heldRows(matrix).flatMap((row) => row.cases);
  return TIERS.flatMap((tier): MatrixLine[] => {
    const families = new Set(cases.filter((one) => one.tier === tier).map(({ family }) => family));
    if (families.size === 0) return [];
    return [{ tier, family: null }, ...[...families].map((family) => ({ tier, family }))];
  });
}

/** What an implementation did in a line; null if it was held to no case of it. */
export function countIn(row: HeldRow, { tier, family }: MatrixLine): MatrixCount | null {
  const cases = row.cases.filter(
    (one) => one.tier === tier && (family === null || one.family === family),
  );
  if (cases.length === 0) return null;
  const claimed = cases.filter((one) => one.claimed);
  const rest = cases.filter((one) => !one.claimed && one.declared === null);
  return {
    claimed: claimed.length,
    passed: claimed.filter(holds).length,
    declared: cases.length - claimed.length - rest.length,
    unclaimed: rest.length,
    unclaimedPassed: rest.filter(holds).length,
  };
}

function holds({ status }: MatrixCase): boolean {
  return status === 'passed';
}

/** A case that failed. */
export type Unmet = MatrixCase & FailedCase;

/** Cases that an implementation claims to meet and does not. */
export function brokenClaims(row: HeldRow): readonly Unmet[] {
  return row.cases.filter(isUnmet).filter((one) => one.claimed);
}

/** Cases that an implementation does not meet and does not claim to. */
export function unmetAsSaid(row: HeldRow): readonly Unmet[] {
  return row.cases.filter(isUnmet).filter((one) => !one.claimed);
}

/** Cases that an implementation meets although it declares that it cannot. */
export function metAfterAll(row: HeldRow): readonly MatrixCase[] {
  return row.cases.filter((one) => one.declared !== null && one.status === 'passed');
}

/** What could not be tried on an implementation, by the reason. */
export function untriedByReason({ untried }: HeldRow): ReadonlyMap<string, readonly string[]> {
  const byReason = Map.groupBy(untried, ({ reason }) => reason);
  return new Map([...byReason].map(([reason, some]) => [reason, some.map(({ id }) => id)]));
}

function isUnmet(one: MatrixCase): one is Unmet {
  return one.status === 'failed';
}

/** A count as tables show it: `6/6 -2`, passed of claimed, and two more declared; `(3/8)` unclaimed. */
export function describeCount(count: MatrixCount | null): string {
  if (count === null) return '-';
  const claimed = count.claimed > 0 ? [`${count.passed}/${count.claimed}`] : [];
  const declared = count.declared > 0 ? [`-${count.declared}`] : [];
  const rest = count.unclaimed > 0 ? [`(${count.unclaimedPassed}/${count.unclaimed})`] : [];
  return [...claimed, ...declared, ...rest].join(' ');
}

/** Why an implementation does not meet a case that it does not claim. */
export function reasonOf({ declared, failures }: Unmet): string {
  return declared ?? failures[0] ?? '';
}

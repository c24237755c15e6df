/**
 * What grew, after a comparison that regressed. It may fail: the verdict stands without it.
 */
import { basename, resolve } from 'node:path';
import { attribute, USUAL_EXTENT } from '../attribution/attribute.ts';
import type { Attribution } from '../model/attribution.ts';
import type { ReportDocument } from '../model/report.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Injection } from '../sut/injection.ts';
import type { Contest, Qualified } from './contest.ts';
import { packageRoot } from './version.ts';

/** The comparison that was judged. */
export interface Judged {
  readonly contest: Pick<Contest, 'reference' | 'candidate' | 'policy'>;
  readonly scenario: Scenario;
  /** A slowdown put into the candidate on purpose. */
  readonly injection?: Injection | undefined;
  readonly seed: number;
  /** The report's own folder, absolute, which gets the profiles. */
  readonly folder: string;
  /** What is left of the run's time, in milliseconds. */
  readonly leftMs: number;
  readonly signal: AbortSignal;
}

/** Less shows nothing: processes have to start and to get warm. */
const LEAST_MS = 2000;
/** With less than this, fewer processes get warm that are enough to tell what grew. */
const HURRIED_MS = 6000;
const PROCESSES_IN_A_HURRY = 2;

/** Profiles both sides as they were measured. Rejects as {@link attribute} does. */
export function attributeJudged(judged: Judged): Promise<Attribution> {
  const { contest, injection, leftMs, ...rest } = judged;
  const boundMs = Math.min(USUAL_EXTENT.boundMs, Math.max(LEAST_MS, leftMs));
  const { processes: usual } = USUAL_EXTENT;
  return attribute({
    ...rest,
    extent: {
      ...USUAL_EXTENT,
      boundMs,
      processes: boundMs < HURRIED_MS ? PROCESSES_IN_A_HURRY : usual,
    },
    reference: sideOf(contest.reference),
    candidate: {
      ...sideOf(contest.candidate),
      ...(injection === undefined ? {} : { injection }),
    },
    policy: contest.policy,
    roots: [process.cwd(), packageRoot()],
  });
}

function sideOf({ spec, label }: Qualified): { readonly spec: string; readonly label: string } {
  const builtIn = basename(spec) === spec && !spec.includes('.');
  return { spec: builtIn ? spec : resolve(spec), label };
}

/** The report with what grew if it regressed, or with the doubt `attribution-failed`. Never rejects. */
export async function withAttribution(
  report: ReportDocument,
  find: () => Promise<Attribution>,
): Promise<ReportDocument> {
  if (report.verdict !== 'regressed') return report;
  try {
    return { ...report, attribution: await find() };
  } catch (error) {
    const warning = {
      code: 'attribution-failed',
      message: `What grew could not be found: ${reasonOf(error)}. The verdict does not depend on it.`,
    };
    const { validity } = report;
    return { ...report, validity: { ...validity, warnings: [...validity.warnings, warning] } };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'AbortError' ? 'it was interrupted' : error.message.replace(/\.$/, '');
}

/** The verdict of a run as one sentence, which every rendering shows first or last. */
import type { Comparison, ReportDocument } from '../model/report.ts';
import { figureName, isCase } from './component-table.ts';
import { formatList, formatPercent, formatRatio } from './number.ts';
import { rankedContestants, rankingSentence } from './ranking-sentence.ts';

/** `Improved, optimized against baseline: hop-p50 0.561x and cpu-per-request 0.312x.` */
export function verdictSentence(report: ReportDocument): string {
  if (report.ranking !== undefined) return rankingSentence(report, report.ranking);
  const subject = contestants(report);
  const judged = report.comparisons.filter((one) => one.verdict !== null);
  const withVerdict = (verdict: Comparison['verdict']): Comparison[] =>
    judged.filter((one) => one.verdict === verdict);
  switch (report.verdict) {
    case 'improved':
      return `Improved, ${subject}: ${ratios(withVerdict('improved'), report)}${aside(withVerdict('unchanged'))}.`;
    case 'regressed':
      return `Regressed, ${subject}: ${ratios(withVerdict('regressed'), report)}.`;
    case 'unchanged':
      return `Unchanged, ${subject}: ${claims(judged)}.`;
    case 'inconclusive':
      return `Inconclusive, ${subject}: ${whyInconclusive(report, withVerdict('inconclusive'))}.`;
  }
}

/** `optimized against baseline`, or `optimized against itself`; of a ranking, the field. */
export function contestants(report: ReportDocument): string {
  if (report.ranking !== undefined) return rankedContestants(report, report.ranking);
  const name = (role: string): string | undefined =>
    report.arms.find((arm) => arm.role === role)?.name;
  const reference = name('reference') ?? 'no reference';
  const candidate = name('candidate');
  if (candidate === undefined) return reference;
  return `${candidate} against ${candidate === reference ? 'itself' : reference}`;
}

function ratios(comparisons: readonly Comparison[], report: ReportDocument): string {
  const several = report.scenarios.length > 1;
  return formatList(
    comparisons.map(({ metric, ratio, scenario }) => {
      const where = several && !isCase(scenario) ? ` in ${scenario}` : '';
      const name = figureName(scenario, metric);
      return `${name} ${ratio === null ? 'n/a' : formatRatio(ratio)}${where}`;
    }),
  );
}

function names(comparisons: readonly Comparison[]): string {
  return formatList([...new Set(comparisons.map(({ metric }) => metric))]);
}

function aside(unchanged: readonly Comparison[]): string {
  return unchanged.length === 0 ? '' : `; ${names(unchanged)} unchanged`;
}

/** What "unchanged" claims: of each metric its own minimum effect, metrics of one claim together. */
function claims(judged: readonly Comparison[]): string {
  const byClaim = Map.groupBy(judged, ({ minimumEffect }) => formatPercent(minimumEffect ?? 0));
  const [first, ...others] = [...byClaim].map(([claim, same]) => ({ claim, of: names(same) }));
  if (first === undefined) return 'nothing was judged';
  const rest = others.map(({ claim, of }) => `, nor ${of} by ${claim}`).join('');
  return `${first.of} did not get worse by ${first.claim} or more${rest}`;
}

function whyInconclusive(report: ReportDocument, undecided: readonly Comparison[]): string {
  const has = (code: string): boolean =>
    report.validity.warnings.some((warning) => warning.code === code);
  if (!report.validity.complete) return 'the run ended before its rounds were done';
  if (has('too-few-rounds')) return 'too few rounds';
  if (has('control-differs'))
    return 'two identical references differed, so this run proves nothing';
  if (!report.validity.valid) return 'the run is not valid';
  return undecided.length === 0
    ? 'no metric that decides could be had'
    : `${names(undecided)} could not be decided`;
}

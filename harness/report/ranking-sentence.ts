/** A ranking as one or two sentences, which every rendering shows first or last. */
import type { Ranking, ReportDocument } from '../model/report.ts';
import { formatCount, formatList, formatRatio } from './number.ts';
import { rankingTables } from './ranking-rows.ts';

/** `Ranked by cpu-per-request: 1 optimized, 2-3 nginx, 2-3 haproxy, 4 baseline.` */
export function rankingSentence(report: ReportDocument, ranking: Ranking): string {
  const { valid, complete } = report.validity;
  const [table] = rankingTables(report, ranking);
  if (!valid || table === undefined) return `Not ranked: ${whyNot(report)}.`;
  const places = table.rows
    .filter(({ placed }) => placed)
    .map(({ rank, arm }) => `${rank} ${arm.name}`);
  const early = complete ? '' : ' The run ended before its rounds were done.';
  return `Ranked by ${table.metric}: ${places.join(', ')}.${judgement(report, ranking)}${early}`;
}

/** `7 proxies against optimized`. */
export function rankedContestants(report: ReportDocument, ranking: Ranking): string {
  const reference = report.arms.find(({ role }) => role === 'reference')?.name ?? 'no reference';
  const others = ranking.against.filter(
    ({ arm }) => !ranking.unranked.some((one) => one.arm === arm),
  );
  return `${reference} and ${formatCount(others.length, 'other')}`;
}

function whyNot({ validity }: ReportDocument): string {
  const [first] = validity.warnings.filter(({ code }) =>
    ['too-few-rounds', 'control-differs'].includes(code),
  );
  const why = first ?? validity.warnings[0];
  return why === undefined ? 'no round was done' : why.message.replace(/\.$/, '');
}

/** What the given thresholds say; empty without any. */
function judgement(report: ReportDocument, { judged, against }: Ranking): string {
  if (!judged) return '';
  const nameOf = (id: string): string => report.arms.find((arm) => arm.id === id)?.name ?? id;
  const found = (['regressed', 'inconclusive'] as const).flatMap((verdict) => {
    const own = against.flatMap(({ arm, comparisons }) =>
      comparisons
        .filter((one) => one.verdict === verdict)
        .map(({ metric, ratio }) => {
          const by = ratio === null ? '' : ` ${formatRatio(ratio)}`;
          return `${nameOf(arm)} ${metric}${by}`;
        }),
    );
    return own.length === 0 ? [] : [`${verdict} ${formatList(own)}`];
  });
  const said = found.length === 0 ? 'all kept to' : found.join('; ');
  return ` By the given thresholds: ${said}.`;
}

/**
 * The report as Markdown for a pull request or a file: the verdict first, then what decides, and
 * all the rest folded. GitHub's dialect; no marker, no upload, no size limit here.
 */
import type { MetricName, MetricUnit } from '../model/metric.ts';
import type { Comparison, Ranking, ReportDocument } from '../model/report.ts';
import { describeCalibration } from './calibration-line.ts';
import { foldDoubts } from './fold-doubts.ts';
import { growthTables, NOTHING_GREW } from './growth-table.ts';
import { escapeMarkup, tableOf } from './markdown-table.ts';
import { chooseUnit, formatCount, formatDuration, formatIn, formatPercent } from './number.ts';
import { allAgainstReference, outsideOfRanking, rankingTable } from './ranking-markdown.ts';
import { comparisonRows, type MetricRow } from './rows.ts';
import { contestants, verdictSentence } from './sentence.ts';
import { disturbedSentences, targetCells, targetSentence } from './target-table.ts';
import { describeConformance } from './terminal.ts';

const MARKS = { improved: '✅', unchanged: '🟰', regressed: '❌', inconclusive: '❔' } as const;

/** The whole report. */
export function renderMarkdown(report: ReportDocument): string {
  if (report.ranking !== undefined) return renderRanking(report, report.ranking);
  const table = comparisonRows(report);
  const several = table.scenarios.length > 1;
  const rows = table.scenarios.flatMap(({ scenario, rows }) =>
    rows.map((row) => ({ ...row, metric: several ? `${row.metric} (${scenario})` : row.metric })),
  );
  const footnotes = table.footnotes.map((note, index) => `[${index + 1}] ${escapeMarkup(note)}`);
  const sections = [
    `## ${MARKS[report.verdict]} ${escapeMarkup(verdictSentence(report))}`,
    counts(report),
    metricTable(
      report,
      rows.filter((row) => row.verdict !== null),
    ),
    report.validity.warnings.map(({ message }) => `- ⚠️ ${escapeMarkup(message)}`).join('\n'),
    grown(report),
    targets(report),
    folded('All metrics', [metricTable(report, rows), footnotes.join('<br>')]),
    folded('What counts, and what this run could have seen', [judgedTable(report)]),
    folded('Contestants and conformance', [contestantTable(report), skippedCases(report)]),
    folded('Environment', [environmentTable(report)]),
    folded(`Rounds (${report.run.rounds})`, roundTables(report, decisiveFigures(report))),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function renderRanking(report: ReportDocument, ranking: Ranking): string {
  const { rounds, durationMs, seed } = report.run;
  const sections = [
    `## ${escapeMarkup(verdictSentence(report))}`,
    `${escapeMarkup(contestants(report))}, ${formatCount(rounds, 'round')} in ${formatDuration(durationMs)}, seed ${seed}. Common tier: ${ranking.tier}.`,
    rankingTable(report, ranking),
    outsideOfRanking(report, ranking),
    foldDoubts(report.validity.warnings, report.arms)
      .map((message) => `- ⚠️ ${escapeMarkup(message)}`)
      .join('\n'),
    folded('All metrics', [allAgainstReference(report, ranking)]),
    folded('Contestants and conformance', [contestantTable(report), skippedCases(report)]),
    folded('Environment', [environmentTable(report)]),
    folded(`Rounds (${rounds})`, roundTables(report, rankedFigures(report, ranking))),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** The figures that arms are ranked by, with the values that choose their unit. */
function rankedFigures(report: ReportDocument, ranking: Ranking): readonly DecisiveFigure[] {
  return ranking.orders.map(({ metric, scenario }) => {
    const own = report.arms.flatMap((arm) =>
      arm.metrics.filter((one) => one.metric === metric && one.scenario === scenario),
    );
    return {
      metric,
      scenario,
      unit: own[0]?.unit ?? 'us',
      values: own.map(({ value }) => value),
    };
  });
}

function counts(report: ReportDocument): string {
  const judged = report.comparisons.filter((one) => one.verdict !== null);
  const shares = (['improved', 'unchanged', 'regressed', 'inconclusive'] as const).map(
    (verdict) => `${judged.filter((one) => one.verdict === verdict).length} ${verdict}`,
  );
  const { rounds, durationMs, seed } = report.run;
  return `${shares.join(', ')}. ${escapeMarkup(contestants(report))}, ${formatCount(rounds, 'round')} in ${formatDuration(durationMs)}, seed ${seed}.`;
}

function metricTable(report: ReportDocument, rows: readonly MetricRow[]): string {
  if (rows.length === 0) return '';
  const name = (role: string): string =>
    escapeMarkup(report.arms.find((arm) => arm.role === role)?.name ?? role);
  const level = formatPercent(report.comparisons[0]?.level ?? 0);
  return tableOf(
    [
      '',
      'metric',
      `reference ${name('reference')}`,
      `candidate ${name('candidate')}`,
      `ratio (${level} interval)`,
      'twin',
    ],
    rows.map((row) => [
      row.verdict === null ? '' : MARKS[row.verdict],
      escapeMarkup(row.metric),
      withUnit(row.reference, row.unit),
      withUnit(row.candidate, row.unit),
      `${row.ratio} ${row.interval}`.trim(),
      row.twin,
    ]),
    'llrrrr',
  );
}

function withUnit(figure: string, unit: string): string {
  return figure.startsWith('n/a') ? figure : `${figure} ${unit}`;
}

function judgedTable(report: ReportDocument): string {
  const share = (fraction: number | null): string =>
    fraction === null ? 'n/a' : formatPercent(fraction);
  const judged = report.comparisons.filter((one) => one.verdict !== null);
  if (judged.length === 0) return '';
  return tableOf(
    ['metric', 'scenario', 'verdict', 'threshold', 'noise floor', 'counts from', 'detectable'],
    judged.map((one: Comparison) => [
      one.metric,
      escapeMarkup(one.scenario),
      one.verdict ?? '',
      share(one.threshold),
      share(one.noiseFloor),
      share(one.minimumEffect),
      share(one.detectable),
    ]),
    'lllrrrr',
  );
}

function targets(report: ReportDocument): string {
  const [head, ...rows] = targetCells(report.targets);
  if (head === undefined) return '';
  const table = tableOf(
    head,
    rows.map((row) => row.map(escapeMarkup)),
    'llrrll',
  );
  return folded(targetSentence(report.targets), [
    table,
    ...disturbedSentences(report.targets).map(escapeMarkup),
  ]);
}

/** The functions that grew, if a profile of both sides was taken. */
function grown({ attribution }: ReportDocument): string {
  if (attribution === undefined) return '';
  const tables = growthTables(attribution).map(({ title, rows, total }) =>
    rows.length === 0
      ? `${title}: ${NOTHING_GREW}.`
      : tableOf(
          [`grew: ${title}`, '', 'reference', 'candidate', 'growth'],
          [...rows, { name: 'all functions', place: '', ...total }].map((row) => [
            escapeMarkup(row.name),
            escapeMarkup(row.place),
            row.reference,
            row.candidate,
            row.growth,
          ]),
          'llrrr',
        ),
  );
  return tables.join('\n\n');
}

function contestantTable(report: ReportDocument): string {
  return tableOf(
    ['arm', 'implementation', 'version', 'conformance'],
    report.arms.map((arm) => [
      arm.id,
      escapeMarkup(arm.name),
      escapeMarkup(arm.version ?? 'n/a'),
      arm.role === 'direct' || arm.role === 'twin' ? '' : describeConformance(arm),
    ]),
    'llll',
  );
}

function skippedCases(report: ReportDocument): string {
  return report.arms
    .flatMap((arm) =>
      (arm.conformance?.skipped ?? []).map(
        ({ case: id, reason }) =>
          `- ${escapeMarkup(arm.name)} skips \`${id}\`: ${escapeMarkup(reason)}`,
      ),
    )
    .join('\n');
}

function environmentTable(report: ReportDocument): string {
  const { environment, policy, validity, run } = report;
  const { commit, dirty, stealFraction } = environment;
  return tableOf(
    ['', ''],
    [
      ['CPU', `${escapeMarkup(environment.cpuModel)}, ${environment.cpuCount} usable`],
      ['system', escapeMarkup(environment.os)],
      ['Node, V8', `${environment.node}, ${environment.v8}`],
      ['stolen time', stealFraction === null ? 'n/a' : formatPercent(stealFraction)],
      ['commit', commit === null ? 'n/a' : `${commit}${dirty ? ', with changes' : ''}`],
      ['noise', describeCalibration(report.calibration)],
      ['policy', `${escapeMarkup(policy.file)}, ${formatCount(policy.rules, 'rule')}`],
      ...report.scenarios.map((one) => [
        'scenario',
        `${escapeMarkup(one.name)}: ${escapeMarkup(one.title)} (${one.hash})`,
      ]),
      ['cycles left out', `${validity.discarded}`],
      ['command', `\`${run.command.replaceAll('`', "'")}\``],
    ],
    'll',
  );
}

interface DecisiveFigure {
  readonly metric: MetricName;
  readonly scenario: string;
  readonly unit: MetricUnit;
  readonly values: readonly (number | null)[];
}

function decisiveFigures({ comparisons }: ReportDocument): readonly DecisiveFigure[] {
  return comparisons
    .filter((one) => one.primary && one.ratio !== null)
    .map(({ reference, candidate, ...one }) => ({ ...one, values: [reference, candidate] }));
}

/** The figures that decide, round by round, so that a reader can judge again. */
function roundTables(report: ReportDocument, decisive: readonly DecisiveFigure[]): string[] {
  return decisive.map(({ metric, scenario, unit, values }) => {
    const shown = chooseUnit(unit, values);
    const arms = report.arms.filter((arm) => arm.role !== 'direct' && arm.role !== 'floor');
    const rounds = report.rounds.filter((round) => round.scenario === scenario);
    const table = tableOf(
      ['round', ...arms.map((arm) => arm.id), 'stolen time'],
      rounds.map((round) => [
        `${round.index + 1}`,
        ...arms.map((arm) => {
          const value = round.arms[arm.id]?.values[metric];
          return value === undefined ? 'n/a' : formatIn(shown, value);
        }),
        round.signals.stealFraction === null ? 'n/a' : formatPercent(round.signals.stealFraction),
      ]),
      `r${'r'.repeat(arms.length)}r`,
    );
    return `${metric} of ${escapeMarkup(scenario)}, ${shown.label}\n\n${table}`;
  });
}

function folded(summary: string, parts: readonly string[]): string {
  const inside = parts.filter((part) => part !== '');
  if (inside.length === 0) return '';
  return `<details>\n<summary>${summary}</summary>\n\n${inside.join('\n\n')}\n\n</details>`;
}

/**
 * The charts of a report's page: what uPlot draws, and what is told to those who do not see it.
 */
import type { MetricName } from '../model/metric.ts';
import type { ReportDocument } from '../model/report.ts';
import { chooseUnit, formatPercent, formatQuantity, formatRatioWithInterval } from './number.ts';
import type { Chart } from './page-parts.ts';
import { percentileCharts } from './percentile-chart.ts';

/** Those that this report has something for. */
export function chartsOf(report: ReportDocument): readonly Chart[] {
  return [
    ...percentileChart(report),
    ...pairedCharts(report),
    ...timelineChart(report),
    ...roundChart(report, 'allocated-per-request', 'Allocated a request, round by round'),
    ...roundChart(report, 'gc-time-per-request', 'Garbage collection a request, round by round'),
    ...roundChart(report, 'cache-hit-rate', 'Cache hits, round by round'),
  ];
}

const PAINTS = ['reference', 'candidate', 'improved', 'inconclusive', 'regressed', 'direct'];

/** The arms that are shown, each with its colour. */
function shownArms({ arms }: ReportDocument) {
  return arms
    .filter(({ role }) => role !== 'direct' && role !== 'twin')
    .map((arm, at) => ({ ...arm, paint: PAINTS[at % PAINTS.length] ?? 'candidate' }));
}

function percentileChart(report: ReportDocument): readonly Chart[] {
  return percentileCharts(
    'Single warm requests by percentile',
    shownArms(report).map(({ id, name, paint }) => {
      const own = report.histograms.find((one) => one.arm === id);
      return { name, paint, count: own?.count ?? 0, encoded: own?.encoded ?? '' };
    }),
  );
}

/** Component runs judge a hundred figures: their table has them all. */
const MOST_PAIRED = 12;

/** Each round's ratio beside the estimate and its interval. */
function pairedCharts(report: ReportDocument): readonly Chart[] {
  return report.comparisons
    .filter(({ primary, ratio }) => primary && ratio !== null)
    .slice(0, MOST_PAIRED)
    .flatMap(({ metric, scenario, ratio, ratioInterval, threshold }): readonly Chart[] => {
      const rounds = report.rounds.filter((round) => round.scenario === scenario);
      const ratios = rounds.map(({ arms }) => {
        const [mine, theirs] = [arms.candidate?.values[metric], arms.reference?.values[metric]];
        return mine === undefined || theirs === undefined ? null : mine / theirs;
      });
      if (ratio === null || rounds.length < 2) return [];
      const flat = (value: number): number[] => rounds.map(() => value);
      const [low, high] = ratioInterval ?? [ratio, ratio];
      const bar = threshold === null ? '' : `; ${formatPercent(threshold)} is let pass`;
      return [
        {
          id: `paired-${metric}-${scenario}`.replace(/[^\w-]/g, '-'),
          title: `${metric}: candidate over reference, round by round`,
          told: `All rounds together: ${formatRatioWithInterval(ratio, ratioInterval)}${bar}.`,
          drawing: {
            labelX: 'round',
            wholeX: true,
            labelY: 'ratio',
            series: [
              { label: 'round', paint: 'candidate', points: true },
              { label: 'estimate', paint: 'candidate' },
              { label: 'low', paint: 'twin', dash: true },
              { label: 'high', paint: 'twin', dash: true },
              { label: 'no change', paint: 'direct' },
            ],
            values: [
              rounds.map(({ index }) => index + 1),
              ...[ratios, flat(ratio), flat(low), flat(high), flat(1)],
            ],
          },
        },
      ];
    });
}

function timelineChart({ rounds, timeline }: ReportDocument): readonly Chart[] {
  const stolen = timeline.map(({ stealFraction }) =>
    stealFraction === null ? null : 100 * stealFraction,
  );
  const known = stolen.flatMap((one) => one ?? []);
  if (known.length < 2) return [];
  const discarded = rounds.map(
    ({ signals }) => (100 * signals.cyclesDiscarded) / Math.max(1, signals.cycles),
  );
  const most = formatPercent(Math.max(...known) / 100);
  return [
    {
      id: 'timeline',
      title: 'What disturbed the run',
      told: `Neighbours took at most ${most} of a round’s CPU time; up to ${formatPercent(Math.max(...discarded) / 100)} of a round’s cycles were discarded.`,
      drawing: {
        labelX: 'seconds',
        labelY: '%',
        series: [
          { label: 'stolen time', paint: 'regressed' },
          { label: 'cycles discarded', paint: 'inconclusive', dash: true },
        ],
        values: [timeline.map(({ atMs }) => atMs / 1000), stolen, discarded],
      },
    },
  ];
}

/** A metric of each arm over the rounds of the first scenario that has it. */
function roundChart(report: ReportDocument, metric: MetricName, title: string): readonly Chart[] {
  const arms = shownArms(report);
  const scenario = report.rounds.find((round) =>
    arms.some(({ id }) => round.arms[id]?.values[metric] !== undefined),
  )?.scenario;
  const rounds = report.rounds.filter((round) => round.scenario === scenario);
  if (rounds.length < 2) return [];
  const series = arms.flatMap(({ id, name, paint, metrics }) => {
    const values = rounds.map((round) => round.arms[id]?.values[metric] ?? null);
    const own = metrics.find((one) => one.metric === metric && one.scenario === scenario);
    if (values.every((value) => value === null) || own === undefined) return [];
    return [{ name, paint, values, own }];
  });
  const unit = series[0]?.own.unit;
  if (unit === undefined) return [];
  const shown = chooseUnit(
    unit,
    series.flatMap(({ values }) => values),
  );
  const told = series.map(
    ({ name, own }) => `${name}: ${own.value === null ? 'n/a' : formatQuantity(unit, own.value)}`,
  );
  return [
    {
      id: `rounds-${metric}`,
      title,
      told: `${told.join('; ')}.`,
      drawing: {
        labelX: 'round',
        wholeX: true,
        labelY: shown.label,
        ...(unit === 'fraction' ? { rangeY: [0, 105] as const } : {}),
        series: series.map(({ name, paint }) => ({ label: name, paint })),
        values: [
          rounds.map(({ index }) => index + 1),
          ...series.map(({ values }) =>
            values.map((value) => (value === null ? null : value / shown.divisor)),
          ),
        ],
      },
    },
  ];
}

/** A load report as one self-contained page: the verdict, the figures, and charts over time, rate or load. */
import type {
  AnyLoadReport,
  LoadVerdict,
  OpenLoopFigures,
  SaturationReport,
  SoakReport,
  SweepReport,
  TimelineWindow,
} from '../model/load-report.ts';
import type { MetricName } from '../model/metric.ts';
import type { Verdict } from '../model/report.ts';
import {
  describeFailures,
  describeMetric,
  describeRate,
  loadVerdictSentence,
  metricOf,
} from './load-sentence.ts';
import { describeLoad } from './load-text.ts';
import {
  formatCount,
  formatDuration,
  formatPercent,
  formatQuantity,
  formatSignificant,
  formatWhole,
} from './number.ts';
import {
  type Chart,
  chartsHtml,
  doubtsHtml,
  escapeHtml,
  factsHtml,
  machineFacts,
  pageOf,
  tableHtml,
} from './page-parts.ts';
import { percentileCharts } from './percentile-chart.ts';

/** Marked as the verdicts of comparisons are. */
const AS_VERDICT: Readonly<Record<LoadVerdict, Verdict>> = {
  met: 'improved',
  missed: 'regressed',
  measured: 'unchanged',
  inconclusive: 'inconclusive',
};

/** The whole file. The same report gives the same bytes. */
export function renderLoadPage(report: AnyLoadReport): string {
  const { run, policy, scenario, implementation, environment, validity } = report;
  const charts = chartsOf(report);
  return pageOf({
    sentence: loadVerdictSentence(report),
    verdict: AS_VERDICT[report.verdict],
    charts,
    body: `<p class="about">${escapeHtml(describeLoad(report))}: ${formatDuration(run.durationMs)}, seed ${run.seed}, ${escapeHtml(run.startedAt)}.<br><code>${escapeHtml(run.command)}</code></p>
${doubtsHtml(validity.warnings.map(({ message }) => message))}
<h2>Figures</h2>
${tableOfFigures(report)}
<h2>Charts</h2>
${chartsHtml(charts)}
${factsHtml([
  ...machineFacts(environment),
  ['proxy', `${implementation.name} ${implementation.version ?? ''}`.trim()],
  ['policy', `${policy.file}, ${formatCount(policy.rules, 'rule')}`],
  ['scenario', `${scenario.name}: ${scenario.title}`],
])}`,
  });
}

function chartsOf(report: AnyLoadReport): readonly Chart[] {
  switch (report.kind) {
    case 'load':
      return [
        ...percentileCharts('Latency by percentile, from the intended moment', [
          curve('direct', 'direct', report.direct),
          curve(report.implementation.name, 'candidate', report.proxy),
        ]),
        ...overTime(report.timeline),
      ];
    case 'soak':
      return [
        ...memoryChart(report),
        ...percentileCharts('Latency by percentile, from the intended moment', [
          curve(report.implementation.name, 'candidate', report.proxy),
        ]),
        ...overTime(report.timeline),
      ];
    case 'sweep':
      return sweepChart(report);
    case 'saturation':
      return saturationChart(report);
  }
}

function curve(name: string, paint: string, { histogram }: OpenLoopFigures) {
  return { name, paint, count: histogram.count, encoded: histogram.encoded };
}

function overTime(timeline: readonly TimelineWindow[]): readonly Chart[] {
  const own = timeline.filter(({ arm }) => arm === 'proxy');
  if (own.length < 2) return [];
  const worst = Math.max(...own.map(({ p99Us }) => p99Us ?? 0));
  const failed = own.reduce((sum, window) => sum + window.failed, 0);
  const disturbed = own.map(({ stealFraction, othersFraction }) =>
    stealFraction === null && othersFraction === null
      ? null
      : 100 * ((stealFraction ?? 0) + (othersFraction ?? 0)),
  );
  const seconds = own.map(({ atMs }) => atMs / 1000);
  const latency: Chart = {
    id: 'over-time',
    title: 'Latency over time',
    told: `The 99th percentile of a second was ${formatQuantity('us', worst)} at most; ${failed === 0 ? 'nothing failed' : `${formatWhole(failed)} failed`}.`,
    drawing: {
      labelX: 'seconds',
      labelY: 'µs',
      logY: true,
      series: [
        { label: 'p50', paint: 'candidate' },
        { label: 'p99', paint: 'reference' },
        { label: 'longest', paint: 'twin', dash: true },
      ],
      values: [
        seconds,
        own.map(({ p50Us }) => p50Us),
        own.map(({ p99Us }) => p99Us),
        own.map(({ maxUs }) => maxUs),
      ],
    },
  };
  if (disturbed.every((one) => one === null)) return [latency];
  const most = Math.max(...disturbed.map((one) => one ?? 0));
  return [
    latency,
    {
      id: 'disturbed',
      title: 'What others took of the machine',
      told: `At most ${formatPercent(most / 100)} of the time, in a second.`,
      drawing: {
        labelX: 'seconds',
        labelY: '%',
        series: [{ label: 'others', paint: 'regressed' }],
        values: [seconds, disturbed],
      },
    },
  ];
}

function memoryChart({ readings, leak }: SoakReport): readonly Chart[] {
  if (readings.length < 2) return [];
  const megabytes = (bytes: number | null): number | null => (bytes === null ? null : bytes / 1e6);
  const slope =
    leak.bytesPerRequest === null
      ? 'too few readings for a slope'
      : `${formatSignificant(leak.bytesPerRequest)} bytes a request stay behind`;
  return [
    {
      id: 'memory',
      title: 'Memory after a forced collection',
      told: `${formatCount(readings.length, 'reading')}: ${slope}.`,
      drawing: {
        labelX: 'thousand requests',
        labelY: 'MB',
        series: [
          { label: 'held', paint: 'candidate' },
          { label: 'resident', paint: 'reference' },
          { label: 'resident before it', paint: 'twin', dash: true },
        ],
        values: [
          readings.map(({ requests }) => requests / 1000),
          readings.map(({ heldBytes }) => megabytes(heldBytes)),
          readings.map(({ settledRssBytes }) => megabytes(settledRssBytes)),
          readings.map(({ rssBytes }) => megabytes(rssBytes)),
        ],
      },
    },
  ];
}

function sweepChart({ steps, knee }: SweepReport): readonly Chart[] {
  if (steps.length < 2) return [];
  const told =
    knee === null ? 'There is no knee.' : `The knee is at ${describeRate(knee.ratePerSecond)}.`;
  return [
    {
      id: 'sweep',
      title: 'Latency against rate',
      told,
      drawing: {
        labelX: 'requests a second',
        labelY: 'µs',
        logY: true,
        series: [
          { label: 'p50', paint: 'candidate' },
          { label: 'p99', paint: 'reference' },
          ...(knee === null ? [] : [{ label: 'limit of the knee', paint: 'twin', dash: true }]),
        ],
        values: [
          steps.map(({ ratePerSecond }) => ratePerSecond),
          steps.map(({ p50Us }) => p50Us),
          steps.map(({ p99Us }) => p99Us),
          ...(knee === null ? [] : [steps.map(() => knee.limitP99Us)]),
        ],
      },
    },
  ];
}

function saturationChart({ steps }: SaturationReport): readonly Chart[] {
  if (steps.length < 2) return [];
  const peak = Math.max(...steps.map(({ requestsPerSecond }) => requestsPerSecond));
  return [
    {
      id: 'saturation',
      title: 'Throughput by connections',
      told: `At most ${describeRate(peak)}.`,
      drawing: {
        labelX: 'connections',
        labelY: 'requests a second',
        series: [{ label: 'requests a second', paint: 'candidate' }],
        values: [
          steps.map(({ connections }) => connections),
          steps.map(({ requestsPerSecond }) => requestsPerSecond),
        ],
      },
    },
  ];
}

function tableOfFigures(report: AnyLoadReport): string {
  const us = (value: number | null): string =>
    value === null ? 'n/a' : formatQuantity('us', value);
  switch (report.kind) {
    case 'load':
      return armsTable([
        { name: 'direct', figures: report.direct },
        { name: report.implementation.name, figures: report.proxy },
      ]);
    case 'soak':
      return armsTable([{ name: report.implementation.name, figures: report.proxy }]);
    case 'sweep':
      return tableHtml(
        'Rates',
        ['rate', 'of the capacity', 'answers a second', 'p50', 'p99', 'held', 'failed'],
        report.steps.map((step) => [
          describeRate(step.ratePerSecond),
          formatPercent(step.ofCapacity),
          formatSignificant(step.figures.achievedPerSecond),
          us(step.p50Us),
          us(step.p99Us),
          step.held ? 'yes' : step.driverLate ? 'the driver was late' : 'no',
          describeFailures(step.figures.failures),
        ]),
      );
    case 'saturation':
      return tableHtml(
        'Closed loop: service times are no latencies at a rate',
        ['connections', 'requests a second', 'service p50', 'service p99', 'longest', 'failed'],
        report.steps.map((step) => [
          String(step.connections),
          formatSignificant(step.requestsPerSecond),
          ...[step.serviceP50Ms, step.serviceP99Ms, step.serviceMaxMs].map((ms) => `${ms} ms`),
          describeFailures(step.failures),
        ]),
      );
  }
}

function armsTable(
  arms: readonly { readonly name: string; readonly figures: OpenLoopFigures }[],
): string {
  const row = (name: string, of: (figures: OpenLoopFigures) => string): string[] => [
    name,
    ...arms.map(({ figures }) => of(figures)),
  ];
  const latency =
    (name: MetricName) =>
    (figures: OpenLoopFigures): string => {
      const metric = metricOf(figures, name);
      return metric === undefined || metric.value === null ? 'n/a' : describeMetric(metric);
    };
  return tableHtml(
    'From the intended moment of each request',
    ['figure', ...arms.map(({ name }) => name)],
    [
      row('latency-p50', latency('latency-p50')),
      row('latency-p99', latency('latency-p99')),
      row('latency-p999', latency('latency-p999')),
      row('p99 of the quietest half', ({ quiet }) =>
        quiet === null ? 'n/a' : formatQuantity('us', quiet.p99Us),
      ),
      row('answers a second', ({ achievedPerSecond }) => formatSignificant(achievedPerSecond)),
      row('requests', ({ requests }) => formatWhole(requests)),
      row('failed', ({ failures }) => describeFailures(failures)),
      row('waited for a connection', ({ waited }) => formatWhole(waited)),
      row('given up', ({ unanswered }) => formatWhole(unanswered)),
      row('release lag, p99', ({ lag }) => formatQuantity('us', lag.p99Us)),
      row('driver busy', ({ driverBusyFraction }) => formatPercent(driverBusyFraction)),
    ],
  );
}

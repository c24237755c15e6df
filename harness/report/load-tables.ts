/** The tables of load reports as lines of text, one function a kind. */
import type {
  LoadReport,
  OpenLoopFigures,
  ProcessHandles,
  SaturationReport,
  SoakReport,
  SweepReport,
  TimelineWindow,
} from '../model/load-report.ts';
import { type Cell, type Column, layoutTable } from './layout.ts';
import { describeFailures } from './load-sentence.ts';
import { formatDuration, formatPercent, formatSignificant, formatWhole } from './number.ts';
import type { Paint } from './style.ts';

export interface Canvas {
  readonly width: number;
  readonly paint: Paint;
}

const LEFT: Column = { align: 'left' };
const RIGHT: Column = { align: 'right' };
const BAR_CELLS = 16;
/** A full bar is this many times what the knee lets pass. */
const TIMES_LIMIT = 2;
/** Rows of a timeline; longer ones are summed up. */
const MOST_ROWS = 12;

/** Percentiles of both arms, and what the driver was like. */
export function loadTables(report: LoadReport, canvas: Canvas): string[][] {
  const { direct, proxy, implementation } = report;
  const columns = [
    { name: 'direct', figures: direct },
    { name: shortName(implementation.name), figures: proxy },
  ];
  return [figuresTable(columns, canvas), timelineTable(report.timeline, canvas)];
}

function figuresTable(
  columns: readonly { readonly name: string; readonly figures: OpenLoopFigures }[],
  canvas: Canvas,
): string[] {
  const row = (name: string, unit: string, of: (figures: OpenLoopFigures) => string): string[] => [
    `  ${name}`,
    unit,
    ...columns.map(({ figures }) => of(figures)),
  ];
  const latency = (metric: string) => (figures: OpenLoopFigures) => {
    const found = figures.latency.find((one) => one.metric === metric);
    if (found === undefined || found.value === null) return 'n/a';
    const [low, high] = found.interval ?? [];
    const value = formatSignificant(found.value);
    return low === undefined || high === undefined
      ? value
      : `${value} (${formatSignificant(low)} to ${formatSignificant(high)})`;
  };
  return textTable(
    [LEFT, LEFT, ...columns.map(() => RIGHT)],
    [
      ['  from the intended moment', '', ...columns.map(({ name }) => name)],
      row('latency-p50', 'µs', latency('latency-p50')),
      row('latency-p99', 'µs', latency('latency-p99')),
      row('latency-p999', 'µs', latency('latency-p999')),
      row('p99, quietest half', 'µs', ({ quiet }) =>
        quiet === null ? 'n/a' : formatSignificant(quiet.p99Us),
      ),
      row('answers', '1/s', ({ achievedPerSecond }) => formatSignificant(achievedPerSecond)),
      row('requests', '', ({ requests }) => formatWhole(requests)),
      row('failed', '', ({ failures }) => describeFailures(failures)),
      row('waited, given up', '', ({ waited, unanswered }) =>
        [waited, unanswered].map(formatWhole).join(', '),
      ),
      row('release lag p50, p99', 'µs', ({ lag }) =>
        [lag.p50Us, lag.p99Us].map(formatSignificant).join(', '),
      ),
      row('driver busy', '%', ({ driverBusyFraction }) =>
        formatSignificant(driverBusyFraction * 100),
      ),
    ],
    canvas,
  );
}

/** The proxy's windows over time, in at most a dozen rows. */
function timelineTable(timeline: readonly TimelineWindow[], canvas: Canvas): string[] {
  const own = timeline.filter(({ arm }) => arm === 'proxy');
  const size = Math.max(1, Math.ceil(own.length / MOST_ROWS));
  const rows: string[][] = [];
  for (let at = 0; at < own.length; at += size) rows.push(timelineRow(own.slice(at, at + size)));
  return textTable(
    [LEFT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT],
    [['  over time', 'p50 µs', 'p99 µs', 'max µs', 'failed', 'stolen', 'others'], ...rows],
    canvas,
  );
}

/** Percentiles are the median of the windows' own. */
function timelineRow(windows: readonly TimelineWindow[]): string[] {
  const [first] = windows;
  const middle = (of: (window: TimelineWindow) => number | null): number | null => {
    const values = windows.flatMap((window) => of(window) ?? []).sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)] ?? null;
  };
  const most = windows.reduce((max, { maxUs }) => Math.max(max, maxUs ?? 0), 0);
  const failed = windows.reduce((sum, window) => sum + window.failed, 0);
  return [
    `  from ${formatDuration(first?.atMs ?? 0)}`,
    shown(middle(({ p50Us }) => p50Us)),
    shown(middle(({ p99Us }) => p99Us)),
    shown(most),
    String(failed),
    share(middle(({ stealFraction }) => stealFraction)),
    share(middle(({ othersFraction }) => othersFraction)),
  ];
}

/** Latency against rate, with a bar for the 99th percentile. */
export function sweepTables(report: SweepReport, canvas: Canvas): string[][] {
  const full =
    report.knee === null
      ? Math.max(1, ...report.steps.map(({ p99Us }) => p99Us ?? 0))
      : TIMES_LIMIT * report.knee.limitP99Us;
  const rows = report.steps.map((step) => {
    const { figures, ratePerSecond, ofCapacity, p50Us, p99Us, held, driverLate } = step;
    const knee = report.knee?.ratePerSecond === ratePerSecond;
    return [
      `${knee ? '>' : ' '} ${formatSignificant(ratePerSecond)}`,
      formatPercent(ofCapacity),
      formatSignificant(figures.achievedPerSecond),
      shown(p50Us),
      shown(p99Us),
      bar(p99Us, full),
      held ? 'yes' : driverLate ? 'late' : 'no',
      describeFailures(figures.failures),
      formatSignificant(figures.lag.p99Us),
    ];
  });
  const head = [
    '  rate 1/s',
    'capacity',
    'answers',
    'p50 µs',
    'p99 µs',
    '',
    'held',
    'failed',
    'lag p99',
  ];
  return [
    textTable([LEFT, RIGHT, RIGHT, RIGHT, RIGHT, LEFT, LEFT, LEFT, RIGHT], [head, ...rows], canvas),
  ];
}

/** In proportion to the latency, up to a full bar; beyond it an arrow. */
function bar(us: number | null, full: number): string {
  if (us === null) return '';
  const cells = Math.max(1, Math.round((us / full) * BAR_CELLS));
  return cells > BAR_CELLS ? `${'#'.repeat(BAR_CELLS - 1)}>` : '#'.repeat(cells);
}

/** Latency, memory over time, and handles. */
export function soakTables(report: SoakReport, canvas: Canvas): string[][] {
  const columns = [{ name: shortName(report.implementation.name), figures: report.proxy }];
  return [
    figuresTable(columns, canvas),
    timelineTable(report.timeline, canvas),
    memoryTable(report, canvas),
    handlesTable(report.handles, canvas),
  ];
}

function memoryTable({ readings }: SoakReport, canvas: Canvas): string[] {
  const size = Math.max(1, Math.ceil((readings.length - 1) / MOST_ROWS));
  const chosen = readings.filter((_, at) => at % size === 0 || at === readings.length - 1);
  const megabytes = (bytes: number | null): string =>
    bytes === null ? 'n/a' : (bytes / 1e6).toFixed(2);
  return textTable(
    [LEFT, RIGHT, RIGHT, RIGHT, RIGHT],
    [
      ['  memory, after collection', 'requests', 'held MB', 'resident MB', 'before it MB'],
      ...chosen.map((reading) => [
        `  at ${formatDuration(reading.atMs)}`,
        formatWhole(reading.requests),
        megabytes(reading.heldBytes),
        megabytes(reading.settledRssBytes),
        megabytes(reading.rssBytes),
      ]),
    ],
    canvas,
  );
}

function handlesTable(handles: SoakReport['handles'], canvas: Canvas): string[] {
  const row = (name: string, counts: ProcessHandles | null): string[] => [
    `  ${name}`,
    ...(counts === null
      ? ['n/a', 'n/a', 'n/a', 'n/a']
      : [counts.clientSockets, counts.upstreamSockets, counts.otherSockets, counts.descriptors].map(
          String,
        )),
  ];
  return textTable(
    [LEFT, RIGHT, RIGHT, RIGHT, RIGHT],
    [
      ['  open handles', 'clients', 'upstream', 'other sockets', 'descriptors'],
      row('before any request', handles.before),
      row('under load', handles.during),
      row('after all have left', handles.after),
    ],
    canvas,
  );
}

/** Peak throughput. */
export function saturationTables(report: SaturationReport, canvas: Canvas): string[][] {
  const rows = report.steps.map((step) => [
    `  ${step.name}`,
    formatSignificant(step.requestsPerSecond),
    ...[step.serviceP50Ms, step.serviceP99Ms, step.serviceMaxMs].map(formatSignificant),
    formatWhole(step.requests),
    describeFailures(step.failures),
  ]);
  return [
    textTable(
      [LEFT, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, LEFT],
      [
        ['  closed loop', '1/s', 'service p50 ms', 'p99 ms', 'max ms', 'requests', 'failed'],
        ...rows,
      ],
      canvas,
    ),
  ];
}

function textTable(
  columns: readonly Column[],
  [head = [], ...rows]: readonly (readonly string[])[],
  canvas: Canvas,
): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => row.map((text): Cell => ({ text })));
  return layoutTable(
    columns,
    [head.map((text): Cell => ({ text, style: 'dim' })), ...cells],
    canvas,
  );
}

function shown(us: number | null): string {
  return us === null ? 'n/a' : formatSignificant(us);
}

function share(fraction: number | null): string {
  return fraction === null ? 'n/a' : formatPercent(fraction);
}

const MOST_NAME = 24;

/** The end of a long path says more than its beginning. */
function shortName(name: string): string {
  return name.length <= MOST_NAME ? name : `...${name.slice(3 - MOST_NAME)}`;
}

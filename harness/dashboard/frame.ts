/**
 * One frame of the dashboard as lines of text: never wider than the terminal, never higher than its
 * rows less one. Pure; drawing lines is `dashboard.ts`.
 */
import type { FigureSoFar, LoadAdvanced } from '../model/run-event.ts';
import { type Cell, type Column, layoutTable } from '../report/layout.ts';
import { boundsOf, columns, meter, rebin, sparkline } from '../report/marks.ts';
import {
  chooseUnit,
  formatCount,
  formatDuration,
  formatIn,
  formatPercent,
  formatQuantity,
  formatRatio,
  formatRatioInterval,
  formatSignificant,
} from '../report/number.ts';
import { createPaint, type Paint } from '../report/style.ts';
import { VERDICT_MARKS } from '../report/verdict-mark.ts';
import { type RunView, shownContestants } from './run-view.ts';

/** What a frame has to fit, and what its reader has chosen. */
export interface FrameOptions {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
  /** Which group of figures is shown: this one of all, over and over. */
  readonly group: number;
  /** Explains keys and columns in place of the details. */
  readonly help: boolean;
}

interface Canvas extends FrameOptions {
  readonly paint: Paint;
}

const BAR_WIDTH = 24;
const METER_WIDTH = 10;
const WIDEST = 120;
const LEFT: Column = { align: 'left' };
const RIGHT: Column = { align: 'right' };

/** The frame of a view. */
export function frame(view: RunView, options: FrameOptions): readonly string[] {
  const canvas = { ...options, paint: createPaint(options.color) };
  const height = Math.max(1, options.rows - 1);
  const head = [title(view, canvas), progress(view, canvas)];
  const foot = [keys(view, canvas)];
  const room = height - head.length - foot.length;
  const body = options.help ? explanation(view, canvas) : bodyOf(view, canvas, room);
  const fitting = body.slice(0, Math.max(0, room));
  // The keys stay where they are, however much there is above them.
  const filling = Array.from({ length: Math.max(0, room - fitting.length) }, () => '');
  return [...head, ...fitting, ...filling, ...foot].slice(0, height);
}

/** The groups of figures that there are to choose from. */
function groupsOf({ figures }: RunView): readonly string[] {
  return [...new Set(figures.map(({ group }) => group))];
}

function title(view: RunView, { paint, columns: width }: Canvas): string {
  const { command, scenario } = view;
  const [reference, ...others] = shownContestants(view);
  const names =
    others.length === 1
      ? `${reference?.name ?? ''} → ${others[0]?.name ?? ''}`
      : [reference, ...others].map((one) => one?.name ?? '').join(', ');
  const left = `hopmark ${command}  ${names}`;
  const right = cut(scenario, Math.max(0, width - left.length - 2));
  return `${paint('bold', cut(left, width))}  ${paint('dim', right)}`.trimEnd();
}

function progress(view: RunView, { paint, columns: width }: Canvas): string {
  const { advanced, load, stage, pause } = view;
  if (stage !== '') return paint('dim', cut(stage, width));
  const done = load ?? advanced;
  if (done === null) return '';
  const totalMs =
    load === null
      ? advanced === null || advanced.remainingMs === null
        ? 0
        : advanced.elapsedMs + advanced.remainingMs
      : load.totalMs;
  const share = totalMs > 0 ? done.elapsedMs / totalMs : 0;
  const left = totalMs > 0 ? `${formatDuration(Math.max(0, totalMs - done.elapsedMs))} left` : '';
  const what = load?.phase ?? roundText(view);
  const text = [what, left].filter((part) => part !== '').join(', ');
  const paused = { none: '', asked: '  pausing after this round', paused: '  paused' }[pause];
  const barWidth = Math.min(BAR_WIDTH, Math.floor(width / 3));
  const room = width - barWidth - 2;
  return `${paint('green', meter(share, barWidth))}  ${cut(text, room)}${paint('yellow', cut(paused, Math.max(0, room - text.length)))}`;
}

function roundText({ advanced }: RunView): string {
  if (advanced === null) return '';
  const { round, plannedRounds, doing } = advanced;
  const of = plannedRounds === null ? '' : ` of about ${plannedRounds}`;
  return `round ${round + 1}${of}: ${doing}`;
}

function keys({ pause, load }: RunView, canvas: Canvas): string {
  const { paint, columns: width, help } = canvas;
  const parts = [
    'q stop and report',
    ...(load === null ? [pause === 'none' ? 'p pause' : 'p go on'] : []),
    ...(load === null ? ['tab next scenario'] : []),
    help ? '? back' : '? keys',
  ];
  return paint('dim', cut(parts.join('   '), width));
}

function explanation({ load }: RunView, { columns: width }: Canvas): string[] {
  const lines = [
    '',
    'q       stop here: what was measured is reported as incomplete, exit code 3',
    ...(load === null
      ? [
          'p       pause after this round, or go on; time that is paused is not counted',
          'tab     the figures of the next scenario, or of the next metric of a ranking',
        ]
      : []),
    '?       this help, or back',
    'ctrl-c  as q, exit code 130; twice: end at once',
    '',
    ...(load === null
      ? [
          'so far  what all rounds until now say, which rounds to come may change; or how',
          '        much of the evidence is there that a verdict on the metric needs',
          'stolen  CPU time that this machine’s neighbours took',
          'busy    share of loaded waves in which the candidate was on a CPU; far below 100 %',
          '        something else is the bottleneck',
        ]
      : [
          'p50 and p99 are of the last second, from the moment when a request was due',
          'failed counts since the beginning',
        ]),
  ];
  return lines.map((line) => cut(line, width));
}

function bodyOf(view: RunView, canvas: Canvas, room: number): string[] {
  if (view.load !== null) return loadBody(view, view.load, canvas);
  const details = [...hopLines(view, canvas), ...healthLines(view, canvas)];
  const table = figureTable(view, canvas, room - details.length);
  // In little room what is judged comes before what explains it.
  return [...table, ...details];
}

function figureTable(view: RunView, canvas: Canvas, room: number): string[] {
  const groups = groupsOf(view);
  const group = groups[canvas.group % Math.max(1, groups.length)];
  const own = view.figures.filter((figure) => figure.group === group);
  if (own.length === 0) return ['', canvas.paint('dim', cut(WAITING, canvas.columns))];
  const judged = own.filter(({ decided }) => decided !== null);
  const shown = own.filter(({ decided }) => decided === null);
  const most = Math.max(judged.length, room - 3);
  const rows = [...judged, ...shown].slice(0, Math.max(1, most));
  const named = shownContestants(view);
  const ofTwo = named.length <= 2;
  const heading = [
    groups.length > 1 ? (group ?? '') : '',
    ...(ofTwo ? ['reference', 'candidate'] : ['cost', '']),
    'ratio',
    '',
    'so far',
  ].map((text): Cell => ({ text, style: 'dim' }));
  const table = layoutTable(
    [LEFT, RIGHT, RIGHT, RIGHT, LEFT, LEFT],
    [heading, ...rows.map((figure) => cellsOf(figure, ofTwo))],
    { width: Math.min(WIDEST, canvas.columns), paint: (_style, text) => text },
  );
  return [
    '',
    ...table.map((line, index) => {
      const verdict = index === 0 ? null : rows[index - 1]?.verdict;
      const style = index === 0 ? 'dim' : verdict ? VERDICT_MARKS[verdict].style : 'plain';
      return canvas.paint(style, cut(line, canvas.columns));
    }),
    '',
  ];
}

const WAITING = 'Figures come with the first round that is done.';

function cellsOf(figure: FigureSoFar, ofTwo: boolean): Cell[] {
  const { label, unit, reference, candidate, ratio, interval, verdict, decided } = figure;
  const shown = chooseUnit(unit, [reference, candidate]);
  const value = (one: number | null): string =>
    one === null ? 'n/a' : `${formatIn(shown, one)} ${shown.label}`;
  const texts = [
    label,
    ...(ofTwo ? [value(reference), value(candidate)] : [value(candidate), '']),
    ratio === null ? '' : formatRatio(ratio),
    ratio === null || interval === null ? '' : formatRatioInterval(ratio, interval),
    decided === null || verdict === null
      ? ''
      : verdict === 'inconclusive'
        ? meter(decided, METER_WIDTH)
        : verdict,
  ];
  return texts.map((text) => ({ text }));
}

/** The hop of each contestant over rounds, and how its single hops are distributed. */
function hopLines(view: RunView, canvas: Canvas): string[] {
  const { rounds, distribution } = view;
  const named = shownContestants(view).slice(0, 2);
  const series = named.map(({ id, name }) => ({
    id,
    name,
    values: rounds.flatMap(({ hopUs }) => hopUs[id] ?? []),
  }));
  const all = series.flatMap(({ values }) => values);
  if (all.length === 0) return [];
  const { columns: width, paint } = canvas;
  const nameWidth = Math.min(24, Math.max(...named.map(({ name }) => name.length)));
  const room = Math.max(8, Math.min(WIDEST, width) - nameWidth - 16);
  const lines = series.map(({ id, name, values }) => {
    const last = values.at(-1);
    const shown = last === undefined ? '' : formatQuantity('us', last);
    const counts = distribution?.counts[id];
    const shape = counts === undefined ? '' : columns(rebin(counts, Math.floor(room / 2)));
    const half = Math.max(4, room - Math.floor(room / 2) - 2);
    const line = sparkline(values, half, boundsOf(all)).padEnd(half);
    return cut(
      `${cut(name, nameWidth).padEnd(nameWidth)} ${shown.padStart(9)}  ${line}  ${shape}`,
      width,
    );
  });
  const range =
    distribution === null
      ? ''
      : `; single hops, ${formatSignificant(distribution.fromUs)} to ${formatSignificant(distribution.toUs)} µs`;
  return [paint('dim', cut(`hop, round by round${range}`, width)), ...lines];
}

function healthLines({ rounds }: RunView, { columns: width, paint }: Canvas): string[] {
  const last = rounds.at(-1);
  if (last === undefined) return [];
  const { stolen, busy } = last;
  const cycles = rounds.reduce((sum, round) => sum + round.cycles, 0);
  const discarded = rounds.reduce((sum, round) => sum + round.cyclesDiscarded, 0);
  const parts = [
    stolen === null ? '' : `stolen ${formatPercent(stolen)}`,
    busy === null ? '' : `candidate busy ${formatPercent(Math.min(1, busy))}`,
    `${formatCount(discarded, 'cycle')} of ${cycles} discarded`,
  ];
  return ['', paint('dim', cut(parts.filter((part) => part !== '').join('   '), width))];
}

function loadBody({ moments }: RunView, { live, note }: LoadAdvanced, canvas: Canvas): string[] {
  const { columns: width, paint } = canvas;
  const room = Math.max(8, Math.min(WIDEST, width) - 24);
  const line = (label: string, value: string, values: readonly number[]): string =>
    cut(`${label.padEnd(9)} ${value.padStart(11)}  ${sparkline(values, room)}`, width);
  const latency = (us: number | null): string =>
    us === null ? '-' : `${formatSignificant(us / 1000)} ms`;
  const of = (pick: (moment: NonNullable<LoadAdvanced['live']>) => number | null): number[] =>
    moments.flatMap((moment) => (moment.live === null ? [] : (pick(moment.live) ?? [])));
  const failed = live?.failed ?? 0;
  return [
    '',
    ...(live === null
      ? []
      : [
          line(
            'answers',
            `${formatSignificant(live.answersPerSecond)}/s`,
            of((one) => one.answersPerSecond),
          ),
          line(
            'p50',
            latency(live.p50Us),
            of((one) => one.p50Us),
          ),
          line(
            'p99',
            latency(live.p99Us),
            of((one) => one.p99Us),
          ),
          paint(failed > 0 ? 'red' : 'plain', line('failed', String(failed), [])),
        ]),
    ...(note === '' ? [] : ['', cut(note, width)]),
  ];
}

/** At most `width` characters of a text; the last of them says that there was more. */
function cut(text: string, width: number): string {
  if (width <= 0) return '';
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

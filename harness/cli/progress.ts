/**
 * The line reporter: what runs now and how long it will still take. On a terminal one line that is
 * redrawn, elsewhere one line a second at most. It is called between waves and never sets a timer,
 * which could go off within one.
 */
import { type RunView, shownContestants } from '../dashboard/run-view.ts';
import type {
  FigureSoFar,
  LoadAdvanced,
  RoundAdvanced,
  RunContestant,
} from '../model/run-event.ts';
import { formatList, formatRatio } from '../report/number.ts';

const TERMINAL_INTERVAL_MS = 200;
const PIPE_INTERVAL_MS = 1000;
const ERASE_LINE = '\r\u001b[2K';
const BAR_WIDTH = 10;

export interface ProgressOptions {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly nowMs: () => number;
}

/** Shows progress until it is ended. */
export class ProgressLine {
  readonly #options: ProgressOptions;
  #shownAtMs = Number.NEGATIVE_INFINITY;
  #stage = '';
  #drawn = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Shows a line if the last one is old enough, and the first one of a stage in any case. */
  show(stage: string, line: () => string): void {
    const { write, isTerminal, columns, nowMs } = this.#options;
    const now = nowMs();
    const interval = isTerminal ? TERMINAL_INTERVAL_MS : PIPE_INTERVAL_MS;
    if (stage === this.#stage && now - this.#shownAtMs < interval) return;
    this.#stage = stage;
    this.#shownAtMs = now;
    if (isTerminal) {
      write(`${ERASE_LINE}${line().slice(0, Math.max(1, columns - 1))}`);
      this.#drawn = true;
    } else write(`${line()}\n`);
  }

  /** Clears the line, so that what comes next begins at the margin. */
  end(): void {
    if (this.#drawn) this.#options.write(ERASE_LINE);
    this.#drawn = false;
  }
}

/** A run in one line. */
export function runLine(view: RunView): string {
  const { stage, load, advanced } = view;
  if (stage !== '') return stage;
  if (load !== null) return loadLine(load);
  return advanced === null ? '' : roundLine(advanced, interim(view));
}

function roundLine(
  { round, doing, elapsedMs, remainingMs, plannedRounds }: RoundAdvanced,
  found: string,
): string {
  const of = plannedRounds === null ? '' : `/${plannedRounds}`;
  const rest = found === '' ? '' : `; ${found}`;
  return `${progressBar(elapsedMs, remainingMs)} round ${round + 1}${of}: ${doing}${rest}`;
}

/** What is known so far of two sides, or the order of more. */
function interim(view: RunView): string {
  const { figures } = view;
  const named = shownContestants(view);
  if (named.length > 2) return interimOrder(named, figures);
  const shown = { 'hop-p50': 'hop', 'cpu-per-request': 'cpu' };
  return Object.entries(shown)
    .flatMap(([metric, word]) => {
      const ratio = figures.find(({ label }) => label === metric)?.ratio ?? null;
      return ratio === null ? [] : [`${word} ${formatRatio(ratio)}`];
    })
    .join(', ');
}

function interimOrder(named: readonly RunContestant[], figures: readonly FigureSoFar[]): string {
  if (figures.length === 0) return formatList(named.map(({ name }) => name));
  const costs = figures.filter(({ group }) => group === 'cpu-per-request');
  const ordered = costs.toSorted((a, b) => (a.ratio ?? Infinity) - (b.ratio ?? Infinity));
  const texts = ordered.map(({ label, ratio }) =>
    ratio === null ? label : `${label} ${formatRatio(ratio)}`,
  );
  return `cpu ${texts.join(', ')}`;
}

/** How much is done, and how long it will still take where that is known. */
function progressBar(elapsedMs: number, remainingMs: number | null): string {
  const share = remainingMs === null ? 0 : elapsedMs / Math.max(1, elapsedMs + remainingMs);
  const left = remainingMs === null ? '' : ` ${Math.ceil(remainingMs / 1000)} s left,`;
  return `${bar(share)}${left}`;
}

function bar(share: number): string {
  const filled = Math.round(Math.min(1, share) * BAR_WIDTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`;
}

/** A load session's line, short enough for 80 columns. */
function loadLine({ phase, elapsedMs, totalMs, live, note }: LoadAdvanced): string {
  if (totalMs === 0) return `${phase}`;
  const left = ` ${Math.ceil(Math.max(0, totalMs - elapsedMs) / 1000)} s left`;
  const latency = (us: number | null): string => (us === null ? '-' : `${(us / 1000).toFixed(2)}`);
  const figures =
    live === null
      ? phase
      : [
          `${phase} ${Math.round(live.answersPerSecond)}/s`,
          ...(live.p50Us === null
            ? []
            : [`p50 ${latency(live.p50Us)} p99 ${latency(live.p99Us)} ms`]),
          ...(live.failed > 0 ? [`${live.failed} failed`] : []),
        ].join(', ');
  return `${bar(elapsedMs / totalMs)}${left}, ${figures}${note === '' ? '' : `; ${note}`}`;
}

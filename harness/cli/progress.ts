/**
 * The line reporter: what runs now and how long it will still take. On a terminal one line that is
 * redrawn, elsewhere one line a second at most. It is called between waves and never sets a timer,
 * which could go off within one.
 */
import type { LoadProgress } from '../load/progress.ts';
import type { SessionProgress } from '../measure/session.ts';

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

const PHASE_WORDS: Readonly<Record<SessionProgress['phase'], string>> = {
  start: 'starting',
  'warm-up': 'warm-up',
  loaded: 'many in flight',
  sequential: '1 in flight',
  stop: 'stopping',
};

/** A measuring session's line, short enough for 80 columns. */
export function sessionLine(progress: SessionProgress, interim: string): string {
  const { round, phase, elapsedMs, remainingMs, plannedRounds } = progress;
  const of = plannedRounds === null ? '' : `/${plannedRounds}`;
  const found = interim === '' ? '' : `; ${interim}`;
  return `${progressBar(elapsedMs, remainingMs)} round ${round + 1}${of}: ${PHASE_WORDS[phase]}${found}`;
}

/** How much is done, and how long it will still take where that is known. */
export function progressBar(elapsedMs: number, remainingMs: number | null): string {
  const share = remainingMs === null ? 0 : elapsedMs / Math.max(1, elapsedMs + remainingMs);
  const left = remainingMs === null ? '' : ` ${Math.ceil(remainingMs / 1000)} s left,`;
  return `${bar(share)}${left}`;
}

function bar(share: number): string {
  const filled = Math.round(Math.min(1, share) * BAR_WIDTH);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`;
}

/** A load session's line, short enough for 80 columns. */
export function loadLine({ phase, elapsedMs, totalMs, live, note }: LoadProgress): string {
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

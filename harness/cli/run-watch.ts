/**
 * Whoever watches a run: the dashboard on a terminal, the line reporter elsewhere, or nobody. Both
 * live on the run's events and nothing else.
 */

import { EventRecorder } from '../dashboard/recording.ts';
import { NOTHING_SEEN, see } from '../dashboard/run-view.ts';
import type { RunEvent } from '../model/run-event.ts';
import { type DashboardProcess, openDashboardProcess } from './dashboard-process.ts';
import { ProgressLine, runLine } from './progress.ts';
import { type Shell, wantsColor } from './shell.ts';

/** A run's watcher. */
export interface RunWatch {
  /** False: what it takes time to find out need not be found out. */
  readonly isWatched: boolean;
  /** Tells of an event. Resolves when it has been drawn, which a measurement waits for. */
  readonly tell: (event: RunEvent) => void | Promise<void>;
  /** Resolves at once, or when a run that was paused goes on, or is stopped. */
  readonly whenGoingOn: () => void | Promise<void>;
  /** Milliseconds that the run has been paused in all. */
  readonly pausedMs: () => number;
  /** What the run's report folder keeps of it, by name. */
  readonly files: () => Readonly<Record<string, string>>;
  /** Gives the terminal back; before anything else is printed. Any number of times. */
  readonly end: () => Promise<void>;
}

export interface WatchOptions {
  /** Nobody watches. */
  readonly quiet?: boolean | undefined;
  readonly smoke?: boolean | undefined;
}

const DEFAULT_COLUMNS = 80;
/** Smaller than this, a line says it better. */
const LEAST = { columns: 40, rows: 10 };
/** Between frames that nothing but time has changed. */
const FRAME_MS = 500;

/** What a report folder holds of what its run's watcher was told. */
export const RECORDING_FILE = 'events.jsonl';

/** Begins to watch a run of this shell. */
export async function watchRun(shell: Shell, options: WatchOptions): Promise<RunWatch> {
  if (options.quiet === true) return UNWATCHED;
  const recorder = new EventRecorder(() => performance.now());
  const viewer = await openViewer(shell, options);
  return {
    ...viewer,
    isWatched: true,
    tell: (event) => {
      recorder.record(event);
      return viewer.tell(event);
    },
    files: () => ({ [RECORDING_FILE]: recorder.text() }),
  };
}

/** All of a watch but what is recorded. */
type Viewer = Omit<RunWatch, 'files' | 'isWatched'>;

async function openViewer(shell: Shell, options: WatchOptions): Promise<Viewer> {
  const lines = watchByLines(shell);
  // A smoke run is over before anybody could look.
  if (!shell.canDraw || options.smoke === true || !fits()) return lines;
  const dashboard = await openDashboardProcess({
    color: wantsColor(process.stderr, !shell.argv.includes('--no-color')),
  });
  return dashboard === null ? lines : watchByDashboard(shell, dashboard, lines);
}

const UNWATCHED: RunWatch = {
  isWatched: false,
  tell: () => {},
  files: () => ({}),
  whenGoingOn: () => {},
  pausedMs: () => 0,
  end: async () => {},
};

function fits(): boolean {
  const { columns = 0, rows = 0 } = process.stderr;
  return columns >= LEAST.columns && rows >= LEAST.rows;
}

function watchByLines(shell: Shell): Viewer {
  const progress = new ProgressLine({
    write: shell.err,
    isTerminal: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? DEFAULT_COLUMNS,
    nowMs: () => performance.now(),
  });
  let view = NOTHING_SEEN;
  return {
    tell: (event) => {
      view = see(view, event);
      const stage = stageOf(event);
      if (stage !== null) progress.show(stage, () => runLine(view));
    },
    whenGoingOn: () => {},
    pausedMs: () => 0,
    end: async () => progress.end(),
  };
}

/** Lines of the same stage are a second apart; null: nothing to say. */
function stageOf(event: RunEvent): string | null {
  switch (event.type) {
    case 'stage':
      return event.stage;
    case 'advanced':
      return `round ${event.round}`;
    case 'load':
      return event.phase;
    default:
      return null;
  }
}

function watchByDashboard(shell: Shell, dashboard: DashboardProcess, lines: Viewer): Viewer {
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  /** The latest that came too soon after a frame to be worth one of its own. */
  let passed: RunEvent | null = null;
  let pausedMs = 0;
  let pause: 'none' | 'asked' | 'paused' = 'none';
  let goOn: () => void = () => {};
  const show = (event: RunEvent): Promise<void> => {
    const events = passed === null ? [event] : [passed, event];
    passed = null;
    drawnAtMs = performance.now();
    return dashboard.show(events);
  };
  const change = (state: typeof pause): void => {
    pause = state;
    void show({ type: 'pause', state });
  };
  dashboard.onWish((wish) => {
    if (wish === 'interrupt') process.kill(process.pid, 'SIGINT');
    else if (wish === 'stop') shell.stop();
    else {
      change(pause === 'none' ? 'asked' : 'none');
      if (pause === 'none') goOn();
    }
  });
  shell.signal.addEventListener('abort', () => goOn(), { once: true });
  return {
    tell: (event) => {
      // What it showed is gone with it, and the run goes on.
      if (dashboard.hasFailed()) return lines.tell(event);
      const passes = event.type === 'advanced' || event.type === 'load';
      if (passes) {
        passed = null;
        if (performance.now() - drawnAtMs < FRAME_MS) {
          passed = event;
          return;
        }
      }
      return show(event);
    },
    whenGoingOn: async () => {
      if (pause !== 'asked' || dashboard.hasFailed()) return;
      const sinceMs = performance.now();
      change('paused');
      await new Promise<void>((resolve) => {
        goOn = resolve;
        dashboard.onFailure(resolve);
        if (shell.signal.aborted) resolve();
      });
      pause = 'none';
      pausedMs += performance.now() - sinceMs;
    },
    pausedMs: () => pausedMs,
    end: async () => {
      await dashboard.close();
      await lines.end();
    },
  };
}

/**
 * The dashboard's process, seen from the run. It shares the run's terminal and gives it back when it
 * is closed; where it fails, the terminal is put right and the run goes on without it. Nothing here
 * waits for it longer than a moment.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { FromDashboard, ToDashboard, Wish } from '../dashboard/protocol.ts';
import { putTerminalRight } from '../dashboard/put-terminal-right.ts';
import type { RunEvent } from '../model/run-event.ts';
import { entryPath } from '../sut/entry-path.ts';

/** A dashboard that is there. */
export interface DashboardProcess {
  /** Resolves when it has drawn them, or after a moment. */
  readonly show: (events: readonly RunEvent[]) => Promise<void>;
  /** Who is told what its reader wishes. */
  readonly onWish: (listener: (wish: Wish) => void) => void;
  /** Told once if it ends without having been closed. */
  readonly onFailure: (listener: () => void) => void;
  readonly hasFailed: () => boolean;
  /** Any number of times. */
  readonly close: () => Promise<void>;
}

const READY_BOUND_MS = 5000;
const DRAWN_BOUND_MS = 200;
const CLOSE_BOUND_MS = 2000;
const STDERR = 2;

/** Starts a dashboard on this process's terminal. Null: it could not be started. */
export async function openDashboardProcess(options: {
  readonly color: boolean;
}): Promise<DashboardProcess | null> {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      entryPath('../dashboard/dashboard-entry', import.meta.url),
      options.color ? '--color' : '--no-color',
    ],
    // It draws where progress is shown, and leaves standard output to results.
    { stdio: ['inherit', STDERR, STDERR, 'ipc'] },
  );
  const handle = new Handle(child);
  if (await handle.isReady()) {
    yieldToTheRun(child);
    return handle;
  }
  await handle.close();
  return null;
}

/** What is measured comes first wherever the two want the same CPU. */
function yieldToTheRun({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has gone already, or a policy forbids it: no reason to do without it.
  }
}

class Handle implements DashboardProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #state: 'open' | 'closing' | 'failed' = 'open';
  #ready: (isReady: boolean) => void = () => {};
  /** Who waits for what they have sent to be drawn, in order. */
  readonly #waiting: (() => void)[] = [];
  #wish: (wish: Wish) => void = () => {};
  #failure: () => void = () => {};

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        if (this.#state === 'open') this.#fail();
        this.#ready(false);
        for (const drawn of this.#waiting.splice(0)) drawn();
        resolve();
      };
      child.once('exit', end);
      child.once('error', end);
    });
    child.on('message', (message: FromDashboard) => {
      if (message.type === 'ready') this.#ready(true);
      else if (message.type === 'drawn') this.#waiting.shift()?.();
      else this.#wish(message.wish);
    });
  }

  isReady(): Promise<boolean> {
    return within(READY_BOUND_MS, false, (resolve) => {
      this.#ready = resolve;
    });
  }

  show(events: readonly RunEvent[]): Promise<void> {
    if (this.#state !== 'open') return Promise.resolve();
    return within(DRAWN_BOUND_MS, undefined, (resolve) => {
      this.#waiting.push(() => resolve(undefined));
      this.#send({ type: 'events', events });
    });
  }

  onWish(listener: (wish: Wish) => void): void {
    this.#wish = listener;
  }

  onFailure(listener: () => void): void {
    this.#failure = listener;
  }

  hasFailed(): boolean {
    return this.#state === 'failed';
  }

  async close(): Promise<void> {
    if (this.#state === 'failed') return;
    if (this.#state === 'open') {
      this.#state = 'closing';
      this.#send({ type: 'close' });
    }
    const hasEnded = await within(CLOSE_BOUND_MS, false, (resolve) => {
      void this.#ended.then(() => resolve(true));
    });
    if (hasEnded) return;
    this.#child.kill('SIGKILL');
    await this.#ended;
    putTerminalRight();
  }

  #send(message: ToDashboard): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #fail(): void {
    this.#state = 'failed';
    putTerminalRight();
    this.#failure();
  }
}

/** What `start` resolves to, or `otherwise` after so many milliseconds. */
function within<Result>(
  boundMs: number,
  otherwise: Result,
  start: (resolve: (result: Result) => void) => void,
): Promise<Result> {
  return new Promise((resolve) => {
    const bound = setTimeout(() => resolve(otherwise), boundMs);
    start((result) => {
      clearTimeout(bound);
      resolve(result);
    });
  });
}

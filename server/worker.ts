/**
 * One worker process: started, asked, drained, killed. Who is started anew, and when, is the
 * server's business.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ProxyCounters } from '../impls/contract.ts';
import { ServerError } from './server-error.ts';
import type {
  FromWorker,
  StartFailure,
  ToWorker,
  WorkerAnswers,
  WorkerQuestion,
  WorkerStart,
} from './worker-messages.ts';

const READY_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = 10_000;
/** A source checkout runs the source, a package what was built. */
const ENTRY = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? './worker-entry.ts' : './worker-entry.js',
    import.meta.url,
  ),
);

/** How a worker ended: `code 1`, `SIGKILL`. */
export type WorkerEnd = string;

interface Ready {
  readonly port: number;
  readonly name: string;
  readonly version: string | null;
}

interface Waiting {
  readonly answer: (value: unknown) => void;
  readonly refuse: (error: Error) => void;
}

export class Worker {
  readonly pid: number;
  readonly startedAt: number;
  readonly ready: Ready;
  /** Resolves when the process is gone; never rejects. */
  readonly ended: Promise<WorkerEnd>;
  /** Of the last time that it was asked: what is known of one that has crashed. */
  lastCounters: ProxyCounters | null = null;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  private constructor(process: ChildProcess, ended: Promise<WorkerEnd>, ready: Ready) {
    this.#process = process;
    this.pid = process.pid ?? -1;
    this.startedAt = Date.now();
    this.ready = ready;
    this.ended = ended;
    process.on('message', (message: FromWorker) => this.#receive(message));
    void ended.then((how) => {
      for (const { refuse } of this.#waiting.values()) refuse(this.#gone(how));
      this.#waiting.clear();
    });
  }

  /**
   * Starts one. `onOutput` gets its standard output, `onFork` its process as soon as there is one.
   *
   * @throws ServerError if it cannot start or is not ready in time; it is gone then.
   */
  static async start(
    start: WorkerStart,
    watch: {
      readonly onFork: (child: ChildProcess) => void;
      readonly onOutput: (output: Readable) => void;
    },
  ): Promise<Worker> {
    const child = fork(ENTRY, [], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    watch.onFork(child);
    if (child.stdout !== null) watch.onOutput(child.stdout);
    const ended = new Promise<WorkerEnd>((resolve) => {
      child.once('exit', (code, signal) => {
        const how = signal ?? `code ${code}`;
        // Its last words may still be on their way.
        if (child.connected) child.once('disconnect', () => resolve(how));
        else resolve(how);
      });
      child.once('error', (error) => resolve(error.message));
    });
    tell(child, { type: 'start', start });
    try {
      return new Worker(child, ended, await untilReady(child, ended));
    } catch (error) {
      child.kill('SIGKILL');
      await ended;
      throw error;
    }
  }

  /** @throws ServerError if it ends first, refuses, or does not answer in time. */
  async ask<Q extends WorkerQuestion>(
    question: Q,
    timeoutMs: number = ANSWER_TIMEOUT_MS,
  ): Promise<WorkerAnswers[Q['type']]> {
    const id = this.#nextId;
    this.#nextId += 1;
    let timer: NodeJS.Timeout | undefined;
    try {
      const value = await new Promise<unknown>((answer, reject) => {
        this.#waiting.set(id, { answer, refuse: reject });
        timer = setTimeout(
          () => reject(new ServerError('no-answer', `worker ${this.pid} does not answer`)),
          timeoutMs,
        );
        tell(this.#process, { id, ...question });
      });
      // Both ends are this file and worker-entry.ts.
      return value as WorkerAnswers[Q['type']];
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #receive(message: FromWorker): void {
    if (message.type === 'answer') this.#waiting.get(message.id)?.answer(message.value);
    if (message.type === 'refused') {
      this.#waiting.get(message.id)?.refuse(new ServerError('refused', message.message));
    }
  }

  #gone(how: WorkerEnd): ServerError {
    return new ServerError('worker-ended', `worker ${this.pid} ended (${how})`);
  }
}

/** One that is going away takes no message; that it has gone is told by `ended`. */
function tell(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => {});
}

async function untilReady(child: ChildProcess, ended: Promise<WorkerEnd>): Promise<Ready> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Ready>((resolve, reject) => {
      child.on('message', (message: FromWorker) => {
        if (message.type === 'ready') resolve(message);
        if (message.type === 'failed') reject(startError(message));
      });
      void ended.then((how) =>
        reject(new ServerError('worker-ended', `a worker ended before it was ready (${how})`)),
      );
      timer = setTimeout(
        () => reject(new ServerError('not-ready', 'a worker did not become ready in 30 s')),
        READY_TIMEOUT_MS,
      );
    });
  } finally {
    clearTimeout(timer);
    child.removeAllListeners('message');
  }
}

function startError({ code, message, remedy, isUsage }: StartFailure): ServerError {
  return new ServerError(code ?? 'cannot-start', message, { remedy, isUsage });
}

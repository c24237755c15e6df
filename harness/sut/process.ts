/**
 * One child process with its control channel: started, asked, stopped, and never left behind.
 * What the child is (an origin, a proxy) is its entry's business.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ErrorSide } from '../model/error.ts';
import { HopmarkError } from '../model/error.ts';
import { adopt, adoptTree, forgetTree } from './children.ts';
import { childEnvironment } from './code-cache.ts';
import { lastWords } from './last-words.ts';
import type { ProcessTree } from './process-tree.ts';

/** How a process ended. */
export interface ProcessExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  /** For messages: `baseline (reference)`. */
  readonly label: string;
  readonly side: Extract<ErrorSide, 'sut' | 'origin'>;
  readonly entry: string;
  readonly execArgv: readonly string[];
  /** The first message the child gets. */
  readonly start: object;
  /** What it may start on its part; ended with it. */
  readonly tree?: ProcessTree;
  readonly readyTimeoutMs: number;
  /** Ends the wait for readiness, and the child with it, when aborted. */
  readonly signal?: AbortSignal;
}

/** The last bytes of standard error that are kept for an error message. */
const STDERR_KEPT_BYTES = 4096;
/** After SIGTERM, then SIGKILL. */
const STOP_TIMEOUT_MS = 2000;
const ANSWER_TIMEOUT_MS = 10_000;
/** What was sent before the end may be read a little after it. */
const LAST_MESSAGE_MS = 500;

interface Envelope {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** A child that has said it is ready. */
export class Child {
  readonly label: string;
  readonly side: ChildOptions['side'];
  readonly pid: number;
  /** Resolves when the process is gone; never rejects. */
  readonly exited: Promise<ProcessExit>;
  #process: ChildProcess;
  #stderr = '';
  #exit: ProcessExit | null = null;
  /** What it said of its own end. */
  #ending: string | null = null;
  #tree: ProcessTree | null;
  #expectedToEnd = false;
  #nextId = 1;

  private constructor(process: ChildProcess, options: ChildOptions) {
    this.#process = process;
    this.label = options.label;
    this.side = options.side;
    this.pid = process.pid ?? -1;
    this.#tree = options.tree ?? null;
    if (this.#tree !== null) adoptTree(this.#tree);
    process.stderr?.setEncoding('utf8');
    process.stderr?.on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT_BYTES);
    });
    this.exited = new Promise((resolve) => {
      const finish = (exit: ProcessExit): void => {
        this.#exit ??= exit;
        resolve(this.#exit);
      };
      process.on('message', (message: unknown) => {
        if (isEnvelope(message) && message.type === 'ended') this.#ending = String(message.message);
      });
      process.once('exit', (exitCode, signal) => {
        // Its last message may still be on its way.
        if (process.connected) {
          void Promise.race([once(process, 'disconnect'), delay(LAST_MESSAGE_MS)]).then(() =>
            finish({ exitCode, signal }),
          );
        } else finish({ exitCode, signal });
      });
      process.once('error', () => finish({ exitCode: null, signal: null }));
    });
  }

  /**
   * Starts a child and waits for its `ready` message, which it returns.
   * Throws a HopmarkError if it fails, exits, or is not ready in time; nothing is left running.
   */
  static async start(options: ChildOptions): Promise<{ child: Child; ready: Envelope }> {
    const forked = adopt(
      fork(options.entry, [], {
        execArgv: [...options.execArgv],
        env: childEnvironment(),
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      }),
    );
    const child = new Child(forked, options);
    forked.send(options.start, () => {});
    try {
      return { child, ready: await child.#untilReady(options) };
    } catch (error) {
      await child.kill();
      throw error;
    }
  }

  /** True until the process has exited. */
  get alive(): boolean {
    return this.#exit === null;
  }

  /** Asks the child and resolves with the value of its answer. */
  async ask(question: {
    readonly type: string;
    readonly [key: string]: unknown;
  }): Promise<unknown> {
    const id = this.#nextId++;
    const answer = await this.#wait(
      (message) => message.id === id,
      ANSWER_TIMEOUT_MS,
      `did not answer "${question.type}"`,
      () => this.#process.send({ ...question, id }, () => {}),
    );
    if (answer.type !== 'answer-failed') return answer.value;
    throw new HopmarkError(
      this.side,
      'sut-refused',
      `${this.label}: "${question.type}" failed: ${String(answer.message)}`,
    );
  }

  /** Throws if the process has ended without having been asked to. */
  assertAlive(): void {
    const ended = this.#exit !== null || this.#ending !== null;
    if (ended && !this.#expectedToEnd) throw this.#exitError();
  }

  /** It has started nothing of its own, and will not. */
  startsNothing(): void {
    if (this.#tree !== null) forgetTree(this.#tree);
    this.#tree = null;
  }

  /** SIGTERM, and SIGKILL if that does not end it in time. Says whether it had to be killed. */
  async terminate(
    timeoutMs: number = STOP_TIMEOUT_MS,
  ): Promise<ProcessExit & { readonly killed: boolean }> {
    this.#expectedToEnd = true;
    this.#process.kill('SIGTERM');
    const exit = await Promise.race([this.exited, delay(timeoutMs)]);
    if (exit === undefined) return { ...(await this.kill()), killed: true };
    await this.#endTree();
    return { ...exit, killed: false };
  }

  /** SIGKILL, at once. */
  async kill(): Promise<ProcessExit> {
    this.#expectedToEnd = true;
    this.#process.kill('SIGKILL');
    const exit = await this.exited;
    await this.#endTree();
    return exit;
  }

  async #endTree(): Promise<void> {
    const tree = this.#tree;
    if (tree === null) return;
    await tree.end();
    this.startsNothing();
  }

  async #untilReady({ readyTimeoutMs, signal }: ChildOptions): Promise<Envelope> {
    const aborted = (): void => void this.kill();
    signal?.throwIfAborted();
    signal?.addEventListener('abort', aborted);
    try {
      return await this.#readyMessage(readyTimeoutMs);
    } finally {
      signal?.removeEventListener('abort', aborted);
    }
  }

  async #readyMessage(timeoutMs: number): Promise<Envelope> {
    const message = await this.#wait(
      ({ type }) => type === 'ready' || type === 'failed',
      timeoutMs,
      'was not ready',
      () => {},
      (starting) => (starting.type === 'starting' ? Number(starting.boundMs) : null),
    );
    if (message.type === 'ready') return message;
    const usersFault = message.usersFault === true;
    throw new HopmarkError(
      usersFault ? 'user' : this.side,
      String(message.code),
      usersFault
        ? String(message.message)
        : `${this.label} could not start: ${String(message.message)}`,
      { remedy: String(message.remedy) },
    );
  }

  /**
   * Waits for a message, the exit, or the bound, whichever comes first. A message may set the bound
   * anew: `newBound` gives it in milliseconds.
   */
  async #wait(
    accept: (message: Envelope) => boolean,
    timeoutMs: number,
    failure: string,
    begin: () => void,
    newBound: (message: Envelope) => number | null = () => null,
  ): Promise<Envelope> {
    const done = new AbortController();
    try {
      return await new Promise<Envelope>((resolve, reject) => {
        const expireIn = (ms: number): NodeJS.Timeout =>
          setTimeout(() => {
            const message = `${this.label} ${failure} within ${ms / 1000} s${this.#lastWords()}`;
            reject(new HopmarkError(this.side, 'hangs', message));
          }, ms);
        let timer = expireIn(timeoutMs);
        const onMessage = (message: unknown): void => {
          if (!isEnvelope(message)) return;
          if (accept(message)) resolve(message);
          const boundMs = newBound(message);
          if (boundMs === null) return;
          clearTimeout(timer);
          timer = expireIn(boundMs);
        };
        this.#process.on('message', onMessage);
        done.signal.addEventListener('abort', () => {
          this.#process.off('message', onMessage);
          clearTimeout(timer);
        });
        // Standard error may still hold the reason when `exit` comes; `close` comes after it.
        void this.exited.then(async () => {
          if (done.signal.aborted) return;
          if (this.#process.stderr?.readable === true) {
            await Promise.race([once(this.#process, 'close'), delay(500)]);
          }
          reject(this.#exitError());
        });
        begin();
      });
    } finally {
      done.abort();
    }
  }

  #exitError(): HopmarkError {
    if (this.#ending !== null) {
      return new HopmarkError(this.side, 'exited', `${this.label}: ${this.#ending}`);
    }
    const { exitCode, signal } = this.#exit ?? { exitCode: null, signal: null };
    const how = signal === null ? `with code ${exitCode ?? 'unknown'}` : `on ${signal}`;
    const message = `${this.label} exited ${how}${this.#lastWords()}`;
    return new HopmarkError(this.side, 'exited', message);
  }

  #lastWords(): string {
    const words = lastWords(this.#stderr);
    return words === '' ? '' : `; it said: ${words}`;
  }
}

function isEnvelope(message: unknown): message is Envelope {
  return typeof message === 'object' && message !== null && 'type' in message;
}

function delay(ms: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, undefined).unref();
  });
}

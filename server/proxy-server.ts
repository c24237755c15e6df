/**
 * A proxy in production: workers that listen on one port, each a process with a handler of its own.
 * The kernel spreads connections among them (SO_REUSEPORT), which costs half as much CPU time a
 * connection as handing each over from one process (ARCHITECTURE.md has the figures). A worker that
 * ends is started anew; one policy is in force in all of them, or the old one in all.
 */
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { Writable } from 'node:stream';
import type { DrainReport, ProxyCounters, ReloadReport, Upstream } from '../impls/contract.ts';
import type { Policy } from '../impls/policy/policy.ts';
import { LineRelay } from './line-relay.ts';
import { mergeCounters } from './merge-counters.ts';
import { ServerError } from './server-error.ts';
import { Worker, type WorkerEnd } from './worker.ts';
import type { WorkerStart } from './worker-messages.ts';

export interface ServerOptions {
  /** An implementation as the registry takes it; a path is absolute. */
  readonly spec: string;
  /** What the handlers get; of `listen`, `workers` and `upstream` nothing is read here. */
  readonly policy: Policy;
  readonly upstream: Upstream;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** 1 or more. */
  readonly workers: number;
  /** Log lines are appended to this file; null: to `output`. */
  readonly logPath: string | null;
  readonly output: Writable;
  readonly onEvent: (event: ServerEvent) => void;
  /** Before a worker is started anew, in milliseconds; doubles while they do not live. Default 100. */
  readonly restartMs?: number;
}

/** What happens to a server by itself. */
export type ServerEvent =
  | { readonly kind: 'worker-ended'; readonly pid: number; readonly how: WorkerEnd }
  | { readonly kind: 'worker-started'; readonly pid: number }
  /** Nothing can be served any more: workers end as soon as they are started. */
  | { readonly kind: 'gave-up'; readonly error: ServerError };

/** A server as it is now. */
export interface ServerState {
  readonly name: string;
  readonly version: string | null;
  readonly host: string;
  readonly port: number;
  readonly workers: readonly { readonly pid: number; readonly startedAt: number }[];
  /** How many there should be. */
  readonly workersWanted: number;
  /** Workers that were started anew. */
  readonly restarts: number;
  /** It takes no more connections. */
  readonly draining: boolean;
}

/** How a drain went, over all workers. */
export interface ServerEnd extends DrainReport {
  readonly counters: ProxyCounters | null;
}

/** A worker that ends sooner than this after its start did not serve. */
const SHORT_LIFE_MS = 5000;
/** Beyond so many of those in a row starting more is of no use. */
const SHORT_LIVES = 5;
const RESTART_MS = 100;
/** On top of a drain's deadline, for what is queued for the log and the answer. */
const DRAIN_MARGIN_MS = 5000;

export class ProxyServer {
  readonly #options: ServerOptions;
  readonly #relay: LineRelay;
  readonly #children = new Set<ChildProcess>();
  readonly #workers = new Set<Worker>();
  /** What ended workers had counted when they were last asked. */
  readonly #ended: ProxyCounters[] = [];
  #policy: Policy;
  #port = 0;
  #identity: Pick<ServerState, 'name' | 'version'> = { name: '', version: null };
  #restarts = 0;
  #shortLives = 0;
  #restarting: NodeJS.Timeout | null = null;
  #stopping = false;

  private constructor(options: ServerOptions) {
    this.#options = options;
    this.#policy = options.policy;
    this.#relay = new LineRelay(options.output);
  }

  /**
   * Starts all workers and returns when each of them listens.
   *
   * @throws ServerError if the address cannot be had or a worker cannot start; none is left then.
   */
  static async start(options: ServerOptions): Promise<ProxyServer> {
    const server = new ProxyServer(options);
    const { host, port, workers } = options;
    // Who shares a port would share it with another server of the same user, unnoticed.
    if (port !== 0) await assertFree(host, port);
    try {
      server.#port = port;
      const first = await server.#startWorker();
      server.#port = first.ready.port;
      server.#identity = first.ready;
      await Promise.all(Array.from({ length: workers - 1 }, () => server.#startWorker()));
    } catch (error) {
      await server.kill();
      throw error instanceof ServerError ? explain(error, host, port) : error;
    }
    return server;
  }

  state(): ServerState {
    const { name, version } = this.#identity;
    return {
      name,
      version,
      host: this.#options.host,
      port: this.#port,
      workers: [...this.#workers].map(({ pid, startedAt }) => ({ pid, startedAt })),
      workersWanted: this.#options.workers,
      restarts: this.#restarts,
      draining: this.#stopping,
    };
  }

  /**
   * Of all workers together, since the server was started; null if none could be asked. Of a worker
   * that has crashed only what it had counted when it was last asked is known.
   */
  async counters(): Promise<ProxyCounters | null> {
    await Promise.all(
      [...this.#workers].map(async (worker) => {
        // One that does not answer counts as it last did.
        worker.lastCounters =
          (await worker.ask({ type: 'counters' }).catch(() => null)) ?? worker.lastCounters;
      }),
    );
    return this.#sum();
  }

  /**
   * Puts a policy in force in every worker, and has log files opened anew.
   *
   * @throws ServerError if one refuses it; all go on with the old one then.
   */
  async reload(policy: Policy): Promise<ReloadReport> {
    const workers = [...this.#workers];
    const results = await Promise.allSettled(
      workers.map((worker) => worker.ask({ type: 'reload', policy })),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      await Promise.allSettled(
        workers.map((worker) => worker.ask({ type: 'reload', policy: this.#policy })),
      );
      throw failed.reason;
    }
    this.#policy = policy;
    const reports = results.flatMap((result) =>
      result.status === 'fulfilled' ? [result.value] : [],
    );
    return reports[0] ?? { rules: 0, patternsKept: 0, patternsCompiled: 0 };
  }

  /** Lets connections finish, for so long at most, and ends all workers. */
  async drain(deadlineMs: number): Promise<ServerEnd> {
    this.#stopping = true;
    this.#cancelRestart();
    const reports = await Promise.all(
      [...this.#workers].map(async (worker) => {
        try {
          const answer = await worker.ask(
            { type: 'drain', deadlineMs },
            deadlineMs + DRAIN_MARGIN_MS,
          );
          worker.lastCounters = answer.counters;
          await worker.ended;
          return answer;
        } catch {
          return { finished: 0, destroyed: 0 };
        }
      }),
    );
    const counters = this.#sum();
    await this.kill();
    return {
      finished: reports.reduce((sum, { finished }) => sum + finished, 0),
      destroyed: reports.reduce((sum, { destroyed }) => sum + destroyed, 0),
      counters,
    };
  }

  /** Ends every worker at once; resolves when they are gone. */
  async kill(): Promise<void> {
    this.#stopping = true;
    this.#cancelRestart();
    this.killNow();
    await Promise.all([...this.#workers].map(({ ended }) => ended));
  }

  /** The same without waiting, as at the end of the process. */
  killNow(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  async #startWorker(): Promise<Worker> {
    const worker = await Worker.start(this.#startOf(), {
      onFork: (child) => {
        this.#children.add(child);
        child.once('exit', () => this.#children.delete(child));
      },
      onOutput: (output) => this.#relay.add(output),
    });
    if (this.#stopping) {
      worker.kill();
      throw new ServerError('stopping', 'the server is ending');
    }
    this.#workers.add(worker);
    void worker.ended.then((how) => this.#replace(worker, how));
    return worker;
  }

  #startOf(): WorkerStart {
    const { spec, upstream, host, workers, logPath } = this.#options;
    const sharesPort = workers > 1;
    return { spec, policy: this.#policy, upstream, host, port: this.#port, sharesPort, logPath };
  }

  #replace(worker: Worker, how: WorkerEnd): void {
    this.#workers.delete(worker);
    if (worker.lastCounters !== null) this.#ended.push(worker.lastCounters);
    if (this.#stopping) return;
    this.#options.onEvent({ kind: 'worker-ended', pid: worker.pid, how });
    this.#shortLives = Date.now() - worker.startedAt < SHORT_LIFE_MS ? this.#shortLives + 1 : 0;
    this.#restartSoon();
  }

  /** All that are missing, after a wait that doubles while they do not live. */
  #restartSoon(): void {
    if (this.#stopping || this.#restarting !== null) return;
    if (this.#shortLives > SHORT_LIVES) {
      const message = `${this.#shortLives} workers in a row ended as soon as they had started`;
      this.#options.onEvent({ kind: 'gave-up', error: new ServerError('gave-up', message) });
      return;
    }
    this.#restarting = setTimeout(
      () => {
        this.#restarting = null;
        void this.#restart();
      },
      (this.#options.restartMs ?? RESTART_MS) * 2 ** this.#shortLives,
    );
  }

  async #restart(): Promise<void> {
    const missing = this.#options.workers - this.#workers.size;
    const results = await Promise.allSettled(
      Array.from({ length: missing }, async () => {
        const worker = await this.#startWorker();
        this.#restarts += 1;
        this.#options.onEvent({ kind: 'worker-started', pid: worker.pid });
      }),
    );
    const failed = results.filter(({ status }) => status === 'rejected').length;
    if (failed === 0) return;
    this.#shortLives += failed;
    this.#restartSoon();
  }

  #cancelRestart(): void {
    if (this.#restarting !== null) clearTimeout(this.#restarting);
    this.#restarting = null;
  }

  #sum(): ProxyCounters | null {
    const living = [...this.#workers].flatMap(({ lastCounters }) => lastCounters ?? []);
    return mergeCounters([...this.#ended, ...living]);
  }
}

/** @throws ServerError if nobody can listen there, or somebody does. */
async function assertFree(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen({ host, port }, resolve);
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'cannot-listen';
    const message = error instanceof Error ? error.message : String(error);
    throw explain(new ServerError(code, message), host, port);
  }
  await new Promise((resolve) => probe.close(resolve));
}

/** Says of an address that cannot be had what is wrong with it. */
function explain(error: ServerError, host: string, port: number): ServerError {
  const at = `${host}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return new ServerError(error.code, `somebody listens on ${at} already`, {
        remedy: 'End that process, or give another port with --listen.',
      });
    case 'EACCES':
      return new ServerError(error.code, `may not listen on ${at}`, {
        remedy: 'Ports below 1024 need a privilege; give another one with --listen.',
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ServerError(error.code, `${host} is no address of this machine`, {
        remedy: 'Give another one with --listen.',
        isUsage: true,
      });
    case 'ENOTSUP':
      return new ServerError(error.code, 'several workers cannot share a port on this system', {
        remedy: 'Give --workers 1.',
        isUsage: true,
      });
    default:
      return error;
  }
}

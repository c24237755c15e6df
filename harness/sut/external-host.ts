/**
 * The keeper of a command, in the process that would otherwise be the proxy: it starts the command,
 * says where it listens, and sees to it that nothing of it outlives the run. It ends when it is told
 * to, when its command ends, and when its parent is gone; if it is killed itself, its guard ends the
 * command (`tree-guard.ts`). It reads what the command writes, and does nothing while waves run.
 */
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { ExternalImplementation } from '../../impls/contract.ts';
import { HopmarkError } from '../model/error.ts';
import type { ChildMessage, ChildRequest, ChildStart } from './child-protocol.ts';
import { LISTEN_HOST } from './external-config.ts';
import { commandFolder, makeTreeFolder, writeExternalFiles } from './external-files.ts';
import {
  type CommandExit,
  type CommandLine,
  describeEnd,
  type RunningCommand,
  spawnCommand,
  untilReady,
} from './external-start.ts';
import { readProcess } from './process-table.ts';
import { ProcessTree } from './process-tree.ts';
import { findProgram } from './program.ts';
import { setGuard } from './tree-guard.ts';

/** A definition, and where it comes from. */
export interface ExternalSource {
  readonly definition: ExternalImplementation;
  /** The folder of its module; null: a built-in one, which runs in a folder of its own. */
  readonly folder: string | null;
}

/** How long a command may take to be ready, unless its definition says otherwise. */
const READY_TIMEOUT_MS = 10_000;
/** What finding, writing and asking for a version may take beside. */
const START_MARGIN_MS = 8000;
const PORT_ATTEMPTS = 3;
const VERSION_TIMEOUT_MS = 5000;
/** Workers may end a little after their master. */
const STOP_GRACE_MS = 300;
const STOP_PAUSE_MS = 10;

/** Keeps one command. */
export class ExternalHost {
  readonly #source: ExternalSource;
  readonly #options: ChildStart;
  readonly #tree: ProcessTree;
  readonly #send: (message: ChildMessage) => void;
  #command: RunningCommand | null = null;
  #stopping = false;

  constructor(source: ExternalSource, options: ChildStart, send: (message: ChildMessage) => void) {
    this.#source = source;
    this.#options = options;
    this.#tree = new ProcessTree(options.treeId);
    this.#send = send;
  }

  /** Starts the command and says so. Rejects with a HopmarkError; nothing is left of it then. */
  async start(): Promise<void> {
    const { definition } = this.#source;
    const { spec, injection } = this.#options;
    process.on('SIGTERM', () => void this.#stop());
    if (injection !== null) {
      throw new HopmarkError(
        'user',
        'no-injection',
        `nothing can be injected into ${spec}: it is a command`,
        { remedy: '--inject slows down a proxy that runs in a process of ours.' },
      );
    }
    if (readProcess(process.pid) === null) {
      throw new HopmarkError(
        'machine',
        'no-proc',
        'this system has no /proc, without which the processes of a command cannot be found',
        { remedy: 'Start it yourself and give its URL.' },
      );
    }
    try {
      await makeTreeFolder(this.#tree);
      await setGuard(this.#tree);
      await this.#startCommand(definition);
    } catch (error) {
      await this.#tree.end();
      throw error;
    }
  }

  /** Ends the command and this process at once: nobody waits for either any more. */
  async leave(): Promise<void> {
    this.#stopping = true;
    await this.#tree.end();
    process.exit(0);
  }

  async #startCommand(definition: ExternalImplementation): Promise<void> {
    const timeoutMs = definition.ready?.timeoutMs ?? READY_TIMEOUT_MS;
    this.#send({ type: 'starting', boundMs: timeoutMs + START_MARGIN_MS });
    const folder = this.#source.folder ?? commandFolder(this.#tree);
    const program = findProgram(definition.command, folder, process.env.PATH ?? '');
    if (program === null) throw programMissing(definition);
    const line = { program, folder, tree: this.#tree };
    const version = this.#options.wantsVersion ? await versionOf(definition, line) : null;
    if (this.#stopping) return;
    const deadlineMs = performance.now() + timeoutMs;
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      const filled = await writeExternalFiles(definition, this.#options, this.#tree, port);
      if (this.#stopping) return;
      const command = await spawnCommand({ ...line, args: filled.args, env: filled.env });
      this.#command = command;
      const { path } = definition.ready ?? {};
      const outcome = await untilReady(command, this.#tree, { port, path, timeoutMs, deadlineMs });
      if (outcome === 'ready') return this.#serve(command, port, version);
      await this.#tree.endMembers();
      if (attempt === PORT_ATTEMPTS) throw portTaken();
    }
  }

  #serve(command: RunningCommand, port: number, version: string | null): void {
    const { name, capabilities, skips = [] } = this.#source.definition;
    void command.exited.then((exit) => this.#ended(command, exit));
    process.on('message', (message: ChildRequest) => this.#answer(command, message));
    this.#send({
      type: 'ready',
      port,
      identity: { kind: 'command', name, version, capabilities, skips },
    });
  }

  #answer({ output }: RunningCommand, request: ChildRequest): void {
    if (request.type === 'start') return;
    if (request.type === 'output') {
      this.#send({ type: 'answer', id: request.id, value: output.bytes });
    } else {
      const message = 'a command cannot be asked for this';
      this.#send({ type: 'answer-failed', id: request.id, message });
    }
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
    if (this.#command === null) await this.leave();
    // To the command alone, as an operator would: it tells its workers.
    else this.#command.process.kill('SIGTERM');
  }

  async #ended(command: RunningCommand, exit: CommandExit): Promise<void> {
    if (!this.#stopping) {
      this.#send({ type: 'ended', message: await describeEnd(command, exit, this.#tree) });
      await this.#tree.end();
      process.exit(1);
    }
    const graceEndsAt = performance.now() + STOP_GRACE_MS;
    while (this.#tree.members().length > 0 && performance.now() < graceEndsAt) {
      await setTimeout(STOP_PAUSE_MS);
    }
    await this.#tree.end();
    // One that does not catch the signal does as it is told, too.
    process.exit(exit.signal === 'SIGTERM' ? 0 : (exit.code ?? 1));
  }
}

/** What a program says of its version, or null if it does not say. */
async function versionOf(
  { version }: ExternalImplementation,
  line: Omit<CommandLine, 'args' | 'env'>,
): Promise<string | null> {
  if (version === undefined || typeof version === 'string') return version ?? null;
  const asked = await spawnCommand({ ...line, args: version.args, env: {} });
  const exit = await Promise.race([asked.exited, setTimeout(VERSION_TIMEOUT_MS)]);
  if (exit !== undefined) await describeEnd(asked, exit, line.tree);
  await line.tree.endMembers();
  return /\d+\.\d+(?:\.\d+)*[\w.+~-]*/.exec(asked.output.tail)?.[0] ?? null;
}

function programMissing({ command, install }: ExternalImplementation): HopmarkError {
  return new HopmarkError(
    'sut',
    'program-missing',
    `there is no program ${command} on this machine`,
    { remedy: install ?? 'Install it, or give its path as the command.' },
  );
}

function portTaken(): HopmarkError {
  return new HopmarkError(
    'sut',
    'port-taken',
    `the port that it was given was held by processes that it did not start, ${PORT_ATTEMPTS} times in a row`,
    {
      remedy:
        'What a container or another service runs is not found among its processes: start it yourself and give its URL.',
    },
  );
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, LISTEN_HOST, () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/**
 * All processes that one command led to, however they arose, so that they can be measured and none
 * of them is left: a server forks workers, a script goes to the background and ends, a daemon begins
 * a session of its own.
 *
 * A process belongs to the tree if it carries the tree's mark, or descends from one that does, or
 * shares a session with one. The mark is an environment variable and an open file; a daemon may
 * wipe the one (nginx does, for its titles) and close the other (HAProxy does), but hardly both.
 * Whoever does both, begins a session, and loses its parent before anybody looks is not found. What
 * another service starts on a command's behalf, as a container's runtime does, does not belong.
 *
 * Only members are ever ended, and each is looked at again right before.
 */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  hasVariable,
  openFilesOf,
  type ProcessEntry,
  readProcess,
  readProcessTable,
  residentBytes,
} from './process-table.ts';

/** The variable that every process of a tree inherits; its value is the tree's id. */
export const TREE_VARIABLE = 'HOPMARK_TREE';
/** The variable of the process that watches over a tree (`tree-guard.ts`), which is no member. */
export const GUARD_VARIABLE = 'HOPMARK_GUARD';

const KILL_BOUND_MS = 5000;
const KILL_PAUSE_MS = 3;

/** The processes of one command. */
export class ProcessTree {
  /** Unguessable; in the mark, and in the name of the folder. */
  readonly id: string;
  /** The tree's own folder; whoever starts the command makes it. */
  readonly folder: string;
  /** Members seen before, by number: their start. */
  readonly #known = new Map<number, number>();
  readonly #sinceTicks: number;

  /** `sinceTicks`: nothing that began before is a member; by default, before this process. */
  constructor(id: string, sinceTicks: number = readProcess(process.pid)?.startedTicks ?? 0) {
    this.id = id;
    this.folder = join(tmpdir(), `hopmark-tree-${id}`);
    this.#sinceTicks = sinceTicks;
  }

  /** The file that members hold open. */
  get lifeline(): string {
    return join(this.folder, 'lifeline');
  }

  get sinceTicks(): number {
    return this.#sinceTicks;
  }

  /** Those that are alive now. */
  members(): readonly ProcessEntry[] {
    const candidates = readProcessTable().filter(
      ({ pid, startedTicks }) => pid !== process.pid && startedTicks >= this.#sinceTicks,
    );
    const found = new Map<number, ProcessEntry>();
    for (const entry of candidates) if (this.#isMarked(entry)) found.set(entry.pid, entry);
    const ownSession = readProcess(process.pid)?.session;
    for (let before = -1; before !== found.size; ) {
      before = found.size;
      const sessions = new Set([...found.values()].map(({ session }) => session));
      for (const entry of candidates) {
        const inSession = entry.session !== ownSession && sessions.has(entry.session);
        if (inSession || found.has(entry.parentPid)) found.set(entry.pid, entry);
      }
    }
    this.#known.clear();
    for (const { pid, startedTicks } of found.values()) this.#known.set(pid, startedTicks);
    return [...found.values()];
  }

  /** Resident memory of all members together, in bytes; null where it is not known. */
  residentBytes(): number | null {
    const sizes = this.members().flatMap(({ pid }) => residentBytes(pid) ?? []);
    return sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0);
  }

  /**
   * Ends every member with SIGKILL until none is left, those too that come meanwhile. Resolves to
   * false if some cannot be ended.
   */
  async endMembers(): Promise<boolean> {
    const deadline = performance.now() + KILL_BOUND_MS;
    while (this.#strike()) {
      if (performance.now() > deadline) return false;
      await setTimeout(KILL_PAUSE_MS);
    }
    return true;
  }

  /** Ends the members, then the guard, and removes the folder. */
  async end(): Promise<boolean> {
    const ended = await this.endMembers();
    this.#cleanUp();
    return ended;
  }

  /** As {@link end}, without giving up control: for a process that is about to exit. */
  endNow(): void {
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    const deadline = performance.now() + KILL_BOUND_MS;
    while (this.#strike() && performance.now() < deadline) {
      Atomics.wait(sleeper, 0, 0, KILL_PAUSE_MS);
    }
    this.#cleanUp();
  }

  /** True if any member was there to be ended. */
  #strike(): boolean {
    const members = this.members();
    for (const member of members) kill(member);
    return members.length > 0;
  }

  #cleanUp(): void {
    for (const entry of readProcessTable()) {
      if (entry.pid === process.pid || entry.startedTicks < this.#sinceTicks) continue;
      if (hasVariable(entry.pid, GUARD_VARIABLE, this.id)) kill(entry);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  #isMarked({ pid, startedTicks }: ProcessEntry): boolean {
    return (
      this.#known.get(pid) === startedTicks ||
      hasVariable(pid, TREE_VARIABLE, this.id) ||
      openFilesOf(pid).includes(this.lifeline)
    );
  }
}

function kill({ pid, startedTicks }: ProcessEntry): void {
  if (readProcess(pid)?.startedTicks !== startedTicks) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { readProcess, readProcessTable } from '../sut/process-table.ts';
import { fixture, temporaryFolder } from './fixtures/run-cli.ts';

const folder = temporaryFolder();
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
const terminals: Terminal[] = [];

afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.close();
});
afterAll(() => folder.remove());

/** A terminal of its own, in which one command runs. */
class Terminal {
  readonly #socket: string;
  readonly #log: string;

  constructor(columns: number, rows: number, kind: string, env: Readonly<Record<string, string>>) {
    this.#socket = join(folder.path, `tmux-${terminals.length}-${Math.random()}`);
    this.#log = `${this.#socket}.log`;
    terminals.push(this);
    const given = Object.entries({ CI: '', NO_COLOR: '', ...env }).map(
      ([key, value]) => `${key}=${value}`,
    );
    const run = [
      ...['env', ...given, process.execPath, '--disable-warning=ExperimentalWarning'],
      ...[fixture('watched-run.ts'), kind],
    ];
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, 'sh');
    this.#tmux('pipe-pane', `cat >> '${this.#log}'`);
    this.type(`clear; ${run.join(' ')}; echo "exit code $?"`, 'Enter');
  }

  type(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', `${columns}`, '-y', `${rows}`);
  }

  /** What can be seen now. */
  screen(): string {
    return this.#tmux('capture-pane', '-p');
  }

  /** All that was written to it, with its control sequences. */
  written(): string {
    return readFileSync(this.#log, 'utf8');
  }

  /** What can be seen once it matches; rejects if it does not within 20 seconds. */
  async shows(pattern: RegExp): Promise<string> {
    const deadline = performance.now() + 20_000;
    for (;;) {
      const screen = this.screen();
      if (pattern.test(screen)) return screen;
      if (performance.now() > deadline) throw new Error(`${pattern} is not shown in:\n${screen}`);
      await setTimeout(30);
    }
  }

  /**
   * Resolves once the shell reads what is typed and the terminal edits and shows it, as before the
   * dashboard; rejects as `shows` does. The screen is cleared first: a run that was killed may leave
   * words on any line of it.
   */
  async isTheShells(): Promise<void> {
    this.type('clear; stty -a', 'Enter');
    await this.shows(/^speed .*\sicanon\s.*\secho\s/ms);
  }

  /** The processes below this terminal's shell that run a file of this name. */
  running(file: string): readonly number[] {
    const table = readProcessTable();
    const below = new Set([Number(this.#tmux('display', '-p', '#{pane_pid}'))]);
    // Parents are older than their children, and stand before them.
    for (const { pid, parentPid } of table.toSorted((a, b) => a.startedTicks - b.startedTicks)) {
      if (below.has(parentPid)) below.add(pid);
    }
    return [...below].filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(file));
  }

  close(): void {
    this.#tmux('kill-server');
  }

  #tmux(...args: readonly string[]): string {
    return spawnSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8' }).stdout;
  }
}

const open = (columns: number, rows: number, kind = 'comparison', env = {}): Terminal =>
  new Terminal(columns, rows, kind, env);
const CLEARS_SCREEN = /\u001b\[[23]J/;

test.runIf(process.env.CI === 'true')('tmux is there (apt-get install tmux)', () => {
  expect(hasTmux).toBe(true);
});

describe.skipIf(!hasTmux)('the dashboard (skipped without tmux: apt-get install tmux)', () => {
  test.each([
    [80, 24],
    [120, 40],
    [200, 60],
  ])(
    'fits into %i by %i, is redrawn without being cleared, and leaves the summary',
    async (columns, rows) => {
      const terminal = open(columns, rows);
      const screen = await terminal.shows(/round \d+ of about 12/);
      const lines = screen.trimEnd().split('\n');
      expect(lines.length).toBe(rows - 1);
      expect(lines.at(-1)).toContain('q stop and report');
      expect(screen).toMatch(/cpu-per-request .* █{4}░{6}$/m);
      await terminal.shows(/round 2\d of about 12/);
      const [, drawn = ''] = terminal.written().split('\u001b[?1049h');
      expect(drawn).not.toMatch(CLEARS_SCREEN);
      terminal.type('q');
      const after = await terminal.shows(/exit code 3/);
      expect(after).toContain('summary: some rounds, paused false');
      expect(after).not.toContain('q stop and report');
    },
  );

  test('goes to the next scenario, explains its keys, and pauses and goes on', async () => {
    const terminal = open(100, 30);
    await terminal.shows(/^one .*so far/m);
    terminal.type('Tab');
    await terminal.shows(/^two .*so far/m);
    terminal.type('?');
    await terminal.shows(/exit code 130; twice: end at once/);
    terminal.type('?');
    await terminal.shows(/^two .*so far/m);
    terminal.type('p');
    await terminal.shows(/left {2}paused/);
    terminal.type('p');
    await terminal.shows(/p pause/);
    terminal.type('q');
    await terminal.shows(/summary: some rounds, paused true/);
  });

  test('fits again when the terminal has become smaller, and larger', async () => {
    const terminal = open(120, 40);
    await terminal.shows(/candidate busy/);
    for (const [columns, rows] of [
      [80, 24],
      [140, 50],
    ] as const) {
      terminal.resize(columns, rows);
      await terminal.shows(new RegExp(`^(.*\\n){${rows - 2}}q stop and report`));
    }
  });

  test('gives the terminal back on Ctrl-C, and the run ends as on any', async () => {
    const terminal = open(80, 24);
    await terminal.shows(/round \d+ of about 12/);
    terminal.type('C-c');
    await terminal.shows(/summary: some rounds[^\n]*\n+exit code 130/);
    await terminal.isTheShells();
  });

  test('that is killed gives the terminal back, and the run goes on with lines', async () => {
    const terminal = open(80, 24);
    await terminal.shows(/round \d+ of about 12/);
    const [pid] = terminal.running('dashboard-entry');
    process.kill(pid ?? Number.NaN, 'SIGKILL');
    await terminal.shows(/\] 48 s left, round \d+\/12: many in flight/);
    terminal.type('C-c');
    await terminal.shows(/summary: some rounds[^\n]*\n+exit code 130/);
    await terminal.isTheShells();
  });

  test('goes when its run is killed, and leaves no process', async () => {
    const terminal = open(80, 24);
    await terminal.shows(/round \d+ of about 12/);
    const dashboards = terminal.running('dashboard-entry');
    expect(dashboards.length).toBe(1);
    for (const pid of terminal.running('watched-run')) process.kill(pid, 'SIGKILL');
    // Without their parent they are no longer below the shell: they are known by their numbers.
    await expect.poll(() => dashboards.filter(readProcess), { timeout: 20_000 }).toEqual([]);
    await terminal.isTheShells();
  });

  test('shows a load', async () => {
    const terminal = open(80, 24, 'load');
    await terminal.shows(/answers +\d+\/s/);
    terminal.type('q');
    await terminal.shows(/exit code 3/);
  });

  test.each([
    ['a dumb terminal', { TERM: 'dumb' }],
    ['CI', { CI: 'true' }],
  ])('is not shown in %s: lines are', async (_name, env) => {
    const terminal = open(80, 24, 'comparison', env);
    await terminal.shows(/\] 48 s left, round \d+\/12: many in flight/);
    expect(terminal.written()).not.toContain('\u001b[?1049h');
    terminal.type('C-c');
    await terminal.shows(/exit code 130/);
  });

  test('has no colour with NO_COLOR', async () => {
    const terminal = open(80, 24, 'comparison', { NO_COLOR: '1' });
    await terminal.shows(/round \d+ of about 12/);
    terminal.type('q');
    await terminal.shows(/exit code 3/);
    const [, drawn = ''] = terminal.written().split('\u001b[?1049h');
    expect(drawn).not.toMatch(/\u001b\[3\dm/);
  });
});

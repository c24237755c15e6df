/**
 * Plays one case against a running proxy: the client's steps here, the origin's beside them, then
 * the check. Every wait is bounded; whatever the proxy does, this resolves.
 */
import type { ClientStep, ConformanceCase, UserPolicy } from '../../impls/conformance/case.ts';
import type { Observed } from '../../impls/conformance/observed.ts';
import type { ProxyCounters } from '../../impls/contract.ts';
import type { Policy } from '../../impls/policy/policy.ts';
import { withBound } from './bound.ts';
import { AwaitedInVain, CaseOver, EventBoard } from './event-board.ts';
import type { ProxyUnderTest } from './proxy-under-test.ts';
import { passBarrier, ScriptedClient } from './scripted-client.ts';
import { BARRIER_TARGET, type ScriptedOrigin } from './scripted-origin.ts';

/** What a case is played with. */
export interface CaseSetting {
  readonly proxy: ProxyUnderTest;
  readonly origin: ScriptedOrigin;
  readonly makePolicy: (policy: UserPolicy) => Policy;
  /** Bound of each wait. */
  readonly waitMs: number;
}

export interface CaseOutcome {
  readonly failures: readonly string[];
  readonly observed: Observed;
  /** The proxy died, or did not do something in time: the next case needs a fresh one. */
  readonly doubtful: boolean;
}

/** How often new log lines are asked for while a step waits for them. */
const LOG_POLL_MS = 4;

export async function runCase(
  conformanceCase: ConformanceCase,
  setting: CaseSetting,
): Promise<CaseOutcome> {
  const { proxy, origin, waitMs } = setting;
  const { client: steps, origin: answers = [], methods = {} } = conformanceCase.exchange;
  const failures: string[] = [];
  let doubtful = false;
  const fail = (who: string, error: unknown): void => {
    if (error instanceof CaseOver) return;
    doubtful ||= error instanceof AwaitedInVain;
    failures.push(`${who}: ${error instanceof Error ? error.message : String(error)}`);
  };

  const board = new EventBoard();
  const client = new ScriptedClient(proxy, board, methods);
  const logStart = (await readLog(proxy, waitMs)).length;
  const countersBefore = await readCounters(proxy, waitMs);
  const end: { exitCode?: number | null } = {};
  let exitedAtTerm = false;
  proxy.exited.then(({ exitCode }) => {
    end.exitCode = exitCode;
    board.raise('proxy-exited');
  }, ignore);
  origin.begin({
    answers,
    board,
    waitMs,
    onError: (error) => {
      fail('the origin', error);
      board.close();
    },
  });

  const play = async (step: ClientStep): Promise<void> => {
    switch (step.do) {
      case 'connect':
        client.connection(step.on ?? 'a');
        return;
      case 'send':
        return client.connection(step.on ?? 'a').send(step.bytes, step.pieceBytes);
      case 'drip':
        return client.connection(step.on ?? 'a').drip(step.bytes, step.everyMs);
      case 'half-close':
        return client.connection(step.on ?? 'a').halfClose();
      case 'reset':
        return client.connection(step.on ?? 'a').reset();
      case 'pause':
        client.connection(step.on ?? 'a').socket.pause();
        return;
      case 'resume':
        client.connection(step.on ?? 'a').socket.resume();
        return;
      case 'mark':
        return board.raise(`mark-${step.name}`);
      case 'until':
        if (step.event === 'log-line') return untilLogLines(proxy, logStart, step.count, waitMs);
        return board.until(step.event, step.count, waitMs);
      case 'barrier':
        return passBarrier(proxy, waitMs).catch((error: Error) => {
          throw new AwaitedInVain(error.message);
        });
      case 'reload':
        if (proxy.reload === undefined) throw new Error('the proxy cannot be given a new policy');
        return withBound(proxy.reload(setting.makePolicy(step.policy)), waitMs, 'a reload');
      case 'terminate':
        exitedAtTerm = true;
        proxy.terminate().catch(ignore);
        return;
    }
  };

  try {
    for (const step of steps) await play(step);
  } catch (error) {
    fail('the client', error);
  }
  board.close();

  const logLines = (await readLog(proxy, waitMs)).slice(logStart);
  const observed: Observed = {
    client: client.observed(),
    origin: origin.observed(),
    logLines,
    countersBefore,
    countersAfter: await readCounters(proxy, waitMs),
    ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }),
  };
  if (end.exitCode !== undefined && !exitedAtTerm) {
    failures.push(`the proxy exited with code ${end.exitCode} during the case`);
    doubtful = true;
  }
  try {
    failures.push(...conformanceCase.check(observed).map((failure) => failure.message));
  } catch (error) {
    failures.push(`the check could not be made: ${error instanceof Error ? error.message : error}`);
  }
  client.close();
  if (!(await origin.finish())) doubtful = true;
  return { failures, observed, doubtful };
}

async function untilLogLines(
  proxy: ProxyUnderTest,
  from: number,
  count: number,
  waitMs: number,
): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const seen = (await readLog(proxy, waitMs)).length - from;
    if (seen >= count) return;
    if (performance.now() > deadline) {
      throw new AwaitedInVain(`waited ${waitMs} ms for ${count} log lines; saw ${seen}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOG_POLL_MS));
  }
}

/**
 * Without the lines of barriers, which are the runner's own. Empty where the proxy does not answer:
 * it has died, and the case says so by itself.
 */
async function readLog(proxy: ProxyUnderTest, waitMs: number): Promise<readonly string[]> {
  const lines = await withBound(proxy.logLines(), waitMs, 'log lines').catch(() => []);
  return lines.filter((line) => !line.includes(BARRIER_TARGET));
}

async function readCounters(proxy: ProxyUnderTest, waitMs: number): Promise<ProxyCounters | null> {
  return withBound(proxy.counters(), waitMs, 'counters').catch(() => null);
}

function ignore(): void {}

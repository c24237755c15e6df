/**
 * Holds implementations, in processes of their own, against the conformance suite. Used by
 * `conform` and before every comparison.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFORMANCE_CASES, type ConformanceCase } from '../../impls/conformance/index.ts';
import { createPolicy } from '../../impls/policy/load.ts';
import type { OpenProxy, ProxyUnderTest } from '../conformance/proxy-under-test.ts';
import {
  type ConformanceProgress,
  runConformance,
  SkipRefused,
} from '../conformance/run-conformance.ts';
import type { ConformanceResult } from '../model/conformance.ts';
import { HopmarkError } from '../model/error.ts';
import { launchSut, type SystemUnderTest } from '../sut/launch.ts';
import type { LoopbackAddress } from '../sut/loopback-address.ts';
import { assertForwardsTo } from './proxy-url.ts';
import { untriable } from './untriable-cases.ts';

/** What an implementation says of itself before anything is asked of it. */
export type Identity = Pick<
  SystemUnderTest,
  'kind' | 'name' | 'version' | 'capabilities' | 'skips'
>;

/** Where probes pretend to forward to; nothing is ever sent there. */
const NOWHERE = { protocol: 'http:', host: '127.0.0.1', port: 9 } as const;

/**
 * Starts an implementation once, to see that it can be started and what it claims. Throws the
 * HopmarkError that says why not.
 */
export async function probe(spec: string, signal: AbortSignal): Promise<Identity> {
  const policy = createPolicy({ upstream: 'http://127.0.0.1:9' });
  const wantsVersion = true;
  const sut = await launchSut({
    spec,
    label: spec,
    upstream: NOWHERE,
    policy,
    signal,
    wantsVersion,
  });
  try {
    // Counters of the wrong shape are better found now than after a round.
    await sut.counters();
    const { kind, name, version, capabilities, skips } = sut;
    return { kind, name, version, capabilities, skips };
  } finally {
    await sut.kill();
  }
}

/** A command says itself how long it may take, up to a minute. */
const OPEN_BOUND_MS = 90_000;

/** What a user asks for beside the cases. */
export interface HoldOptions {
  /** Where the origin listens, for a proxy behind a URL. */
  readonly originAt?: LoopbackAddress | undefined;
  /** Ids of cases that nobody is held to in this run. */
  readonly skip?: readonly string[] | undefined;
  /** Bounds each wait; default as the runner's. */
  readonly waitMs?: number | undefined;
}

const NOT_ASKED_FOR = 'left out of this run by --skip';

/**
 * Runs cases against an implementation. Rejects with a user's HopmarkError if one behind a URL does
 * not forward to the origin's address, or if a case may not be skipped.
 */
export async function holdAgainst(
  spec: string,
  identity: Identity,
  cases: readonly ConformanceCase[],
  signal: AbortSignal,
  onProgress: (progress: ConformanceProgress) => void,
  { originAt, skip = [], waitMs }: HoldOptions = {},
): Promise<ConformanceResult> {
  const byUrl = identity.kind === 'url' && originAt !== undefined ? { originAt } : {};
  if (byUrl.originAt !== undefined) await assertForwardsTo(spec, byUrl.originAt);
  const folder = await mkdtemp(join(tmpdir(), 'hopmark-conform-'));
  const running = new Set<SystemUnderTest>();
  const stop = (): void => {
    for (const sut of running) void sut.kill();
  };
  signal.addEventListener('abort', stop);
  try {
    const result = await runConformance({
      open: openInChild(spec, folder, running, signal),
      cases,
      skips: [
        ...identity.skips,
        ...untriable(identity.kind, cases),
        ...skip.map((one) => ({ case: one, reason: NOT_ASKED_FOR })),
      ],
      openBoundMs: OPEN_BOUND_MS,
      ...byUrl,
      knownIds: CONFORMANCE_CASES.map(({ id }) => id),
      onProgress,
      ...(waitMs === undefined ? {} : { waitMs }),
    });
    signal.throwIfAborted();
    return result;
  } catch (error) {
    if (!(error instanceof SkipRefused)) throw error;
    throw new HopmarkError('user', 'skip-refused', `${spec}: ${error.message}`, { cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
    await rm(folder, { recursive: true, force: true });
  }
}

/** The cases of the tiers that an implementation claims. */
export function claimedCases(identity: Identity, fastOnly: boolean): readonly ConformanceCase[] {
  return CONFORMANCE_CASES.filter(
    ({ tier, fast }) => identity.capabilities.includes(tier) && (fast === true || !fastOnly),
  );
}

function openInChild(
  spec: string,
  folder: string,
  running: Set<SystemUnderTest>,
  signal: AbortSignal,
): OpenProxy {
  let opened = 0;
  return async (policy, upstream): Promise<ProxyUnderTest> => {
    signal.throwIfAborted();
    const logPath = join(folder, `${opened++}.log`);
    const sut = await launchSut({ spec, label: spec, upstream, policy, logPath });
    running.add(sut);
    void sut.exited.then(() => running.delete(sut));
    return {
      host: sut.host,
      port: sut.port,
      exited: sut.exited,
      logLines: () => readLines(logPath),
      counters: () => sut.counters(),
      reload: (next) => sut.reload(next),
      terminate: () => sut.terminate(),
      kill: async () => {
        await sut.kill();
      },
    };
  };
}

/** Whole lines only: the last one may still be on its way. */
async function readLines(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').slice(0, -1);
}
